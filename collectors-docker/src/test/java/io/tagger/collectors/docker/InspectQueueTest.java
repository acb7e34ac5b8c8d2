package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.collector.Backoff;
import io.tagger.collectors.docker.Task.Action;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InspectQueueTest {
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
        InspectQueue<Task> inspections = inspections(4, (id, task, failures) -> {
            if (task.action() == Action.LOOK) {
                looking.countDown();
                awaitQuietly(goOn);
            }
            done.add(task.action() + " " + id);
        });
        inspections.add("a", Task.LOOK_AGAIN);
        looking.await();
        inspections.add("a", Task.DROP);
        inspections.add("b", Task.DROP);
        await().until(() -> done.contains("DROP b"));
        assertThat(done).containsExactly("DROP b");
        goOn.countDown();
        await().until(() -> done.size() == 3);

        assertThat(done).containsExactly("DROP b", "LOOK a", "DROP a");
    }

    @Test
    void add_manyForOneContainer_onlyTheNewestIsDone() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        InspectQueue<Task> inspections = inspections(1, (id, task, failures) -> {
            awaitQuietly(goOn);
            done.add(task.action() + " " + id);
        });
        inspections.add("first", Task.LOOK_AGAIN);
        for (int i = 0; i < 100; i++) {
            inspections.add("a", Task.LOOK_AGAIN);
            inspections.add("a", Task.DROP);
        }
        goOn.countDown();
        await().until(() -> done.size() == 2);

        assertThat(done).containsExactly("LOOK first", "DROP a");
    }

    @Test
    void parallel_isBounded() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        InspectQueue<Task> inspections = inspections(3, (id, task, failures) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            done.add(id);
        });
        inspections.addInitial(
                looks(IntStream.range(0, 500).mapToObj(i -> "c" + i).toList()));
        inspections.awaitInitial(Duration.ofSeconds(20));

        assertThat(done).hasSize(500);
        assertThat(most.get()).isBetween(1, 3);
    }

    @Test
    void addInitial_whatEventsHaveSaidMeanwhile_stays() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        InspectQueue<Task> inspections = inspections(1, (id, task, failures) -> {
            awaitQuietly(goOn);
            done.add(task.action() + " " + id);
        });
        inspections.add("x", Task.LOOK_AGAIN);
        inspections.add("a", Task.DROP);
        inspections.addInitial(looks(List.of("a", "b")));
        goOn.countDown();
        inspections.awaitInitial(Duration.ofSeconds(20));

        assertThat(done).containsExactlyInAnyOrder("LOOK x", "DROP a", "LOOK b");
    }

    @Test
    void addInitial_usesAllWorkers() throws Exception {
        CountDownLatch four = new CountDownLatch(4);
        InspectQueue<Task> inspections = inspections(4, (id, task, failures) -> {
            four.countDown();
            awaitQuietly(four);
        });
        inspections.addInitial(looks(List.of("a", "b", "c", "d")));

        assertThat(four.await(10, TimeUnit.SECONDS)).isTrue();
        inspections.awaitInitial(Duration.ofSeconds(20));
    }

    @Test
    void failure_ofAWorker_endsTheWait() throws Exception {
        InspectQueue<Task> inspections = inspections(1, (id, task, failures) -> {
            throw new IllegalStateException("the sink refuses");
        });
        inspections.addInitial(looks(List.of("a", "b")));
        inspections.awaitInitial(Duration.ofSeconds(20));

        assertThat(inspections.failure()).hasMessage("the sink refuses");
        inspections.whenFailed(() -> done.add("told"));
        assertThat(done).containsExactly("told");
    }

    private static Map<String, Task> looks(List<String> ids) {
        Map<String, Task> tasks = new LinkedHashMap<>();
        ids.forEach(id -> tasks.put(id, Task.LOOK_AGAIN));
        return tasks;
    }

    private InspectQueue<Task> inspections(int parallel, InspectQueue.Worker<Task> worker) {
        return new InspectQueue<>(
                        threads, parallel, new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30)), worker)
                .patience(Duration.ofMillis(200));
    }

    @Test
    void container_thatCantBeInspected_isTriedAgain_andHoldsTheFirstSyncForItsPatienceOnly() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        List<Integer> seen = new CopyOnWriteArrayList<>();
        InspectQueue<Task> inspections = inspections(2, (id, task, failures) -> {
            if (id.equals("bad") && tries.incrementAndGet() < 5) {
                seen.add(failures);
                throw new DaemonException("500", null);
            }
            done.add(id);
        });
        inspections.addInitial(looks(List.of("bad", "good")));
        inspections.awaitInitial(Duration.ofSeconds(20));

        assertThat(done).contains("good").doesNotContain("bad");
        await().until(() -> done.contains("bad"));
        assertThat(tries).hasValue(5);
        assertThat(seen).containsExactly(0, 1, 2, 3);
        await().until(() -> inspections.failing() == 0);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
