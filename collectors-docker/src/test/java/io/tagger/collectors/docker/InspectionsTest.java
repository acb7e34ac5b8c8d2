package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.collectors.docker.Inspections.Action;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class InspectionsTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> done = new CopyOnWriteArrayList<>();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void add_whileTheContainerIsLookedAt_waitsForTheLookToEnd() throws Exception {
        CountDownLatch looking = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Inspections inspections = inspections(4, (id, action) -> {
            if (action == Action.LOOK) {
                looking.countDown();
                awaitQuietly(goOn);
            }
            done.add(action + " " + id);
        });
        inspections.add("a", Action.LOOK);
        looking.await();
        inspections.add("a", Action.DROP);
        inspections.add("b", Action.DROP);
        await().until(() -> done.contains("DROP b"));
        assertThat(done).containsExactly("DROP b");
        goOn.countDown();
        await().until(() -> done.size() == 3);

        assertThat(done).containsExactly("DROP b", "LOOK a", "DROP a");
    }

    @Test
    void add_manyForOneContainer_onlyTheNewestIsDone() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Inspections inspections = inspections(1, (id, action) -> {
            awaitQuietly(goOn);
            done.add(action + " " + id);
        });
        inspections.add("first", Action.LOOK);
        for (int i = 0; i < 100; i++) {
            inspections.add("a", Action.LOOK);
            inspections.add("a", Action.DROP);
        }
        goOn.countDown();
        await().until(() -> done.size() == 2);

        assertThat(done).containsExactly("LOOK first", "DROP a");
    }

    @Test
    void parallel_isBounded() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Inspections inspections = inspections(3, (id, action) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            done.add(id);
        });
        inspections.addInitial(IntStream.range(0, 500).mapToObj(i -> "c" + i).toList());
        inspections.awaitInitial();

        assertThat(done).hasSize(500);
        assertThat(most.get()).isBetween(1, 3);
    }

    @Test
    void addInitial_whatEventsHaveSaidMeanwhile_stays() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        Inspections inspections = inspections(1, (id, action) -> {
            awaitQuietly(goOn);
            done.add(action + " " + id);
        });
        inspections.add("x", Action.LOOK);
        inspections.add("a", Action.DROP);
        inspections.addInitial(List.of("a", "b"));
        goOn.countDown();
        inspections.awaitInitial();

        assertThat(done).containsExactly("LOOK x", "DROP a", "LOOK b");
    }

    @Test
    void failure_ofAWorker_endsTheWait() throws Exception {
        Inspections inspections = inspections(1, (id, action) -> {
            throw new IllegalStateException("the sink refuses");
        });
        inspections.addInitial(List.of("a", "b"));
        inspections.awaitInitial();

        assertThat(inspections.failure()).hasMessage("the sink refuses");
        inspections.whenFailed(() -> done.add("told"));
        assertThat(done).containsExactly("told");
    }

    private Inspections inspections(int parallel, Inspections.Worker worker) {
        return new Inspections(
                threads,
                new DockerSettings.Inspecting(parallel, Duration.ofMillis(200)),
                worker,
                LoggerFactory.getLogger(InspectionsTest.class));
    }

    @Test
    void container_thatCantBeInspected_isTriedAgain_andHoldsTheFirstSyncForItsPatienceOnly() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        Inspections inspections = inspections(2, (id, action) -> {
            if (id.equals("bad") && failures.incrementAndGet() < 5) {
                throw new Inspections.DaemonException(new IllegalStateException("500"));
            }
            done.add(id);
        });
        inspections.addInitial(List.of("bad", "good"));
        inspections.awaitInitial();

        assertThat(done).contains("good").doesNotContain("bad");
        await().until(() -> done.contains("bad"));
        assertThat(failures).hasValue(5);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
