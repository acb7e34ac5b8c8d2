package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.testkit.RecordingListener;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the store under several threads. The bounds are counts, not times. */
class TagStoreConcurrencyTest {
    private static final int ROUNDS = 20_000;
    private static final EntityId C1 = EntityId.container("c1");

    private final TagStore store = new TagStore(Clock.systemUTC(), 4);
    private final Source docker = new Source("docker", CollectorPriority.NODE_RUNTIME);
    private final Source kubernetes = new Source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void lookup_duringUpdates_seesEachUpdateWhole() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Future<Void> writer = run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                String v = String.valueOf(i);
                store.update(
                        docker,
                        1,
                        List.of(TagInfo.builder("docker", C1)
                                .low("a", v)
                                .orchestrator("b", v)
                                .high("c", v)
                                .build()));
            }
            done.set(true);
            return null;
        });
        TagHandle handle = store.handle(C1);
        int last = -1;
        while (!done.get()) {
            for (List<String> tags : List.of(store.lookup(C1, Cardinality.HIGH), handle.tags(Cardinality.HIGH))) {
                if (!tags.isEmpty()) {
                    String v = tags.get(0).substring(2);
                    assertThat(tags).containsExactly("a:" + v, "b:" + v, "c:" + v);
                    assertThat(Integer.parseInt(v))
                            .as("time does not run backwards")
                            .isGreaterThanOrEqualTo(last);
                    last = Integer.parseInt(v);
                }
            }
        }
        writer.get();
        assertThat(store.lookup(C1, Cardinality.LOW)).containsExactly("a:" + (ROUNDS - 1));
    }

    @Test
    void updates_ofOneEntityByTwoSources_loseNeither() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            EntityId entity = EntityId.container("r" + round);
            Future<Void> one = run(() -> push(docker, entity, "d"));
            Future<Void> two = run(() -> push(kubernetes, entity, "k"));
            one.get();
            two.get();
            assertThat(store.lookup(entity, Cardinality.HIGH)).containsExactly("d:1", "k:1");
        }
    }

    @Test
    void lookups_whileTheTablesGrowAndShrink_findWhatIsThereAllTheTime() throws Exception {
        EntityId steady = EntityId.container("steady");
        push(docker, steady, "s");
        TagHandle handle = store.handle(steady);
        AtomicBoolean done = new AtomicBoolean();
        List<Future<Void>> writers = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            writers.add(run(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    EntityId entity = EntityId.container(name + i);
                    push(docker, entity, name + i);
                    assertThat(store.lookup(entity, Cardinality.LOW)).containsExactly(name + i + ":1");
                    if (i % 4 > 0) {
                        store.update(docker, 1, List.of(TagInfo.deletion("docker", entity)));
                    }
                    if (i % 500 == 0) {
                        store.prune();
                    }
                }
                return null;
            }));
        }
        Future<Void> reader = run(() -> {
            while (!done.get()) {
                assertThat(store.lookup(steady, Cardinality.LOW)).containsExactly("s:1");
                assertThat(store.find(steady.toString())).isNotNull();
                assertThat(handle.tags(Cardinality.LOW)).containsExactly("s:1");
            }
            return null;
        });
        for (Future<Void> writer : writers) {
            writer.get();
        }
        done.set(true);
        reader.get();
        store.prune();
        assertThat(store.size()).isEqualTo(1 + 2 * ROUNDS / 4);
        assertThat(Contents.of(store)).hasSize(1 + 2 * ROUNDS / 4);
    }

    @Test
    void subscribers_duringUpdatesAndPrunes_endUpWithWhatIsStored() throws Exception {
        List<RecordingListener> listeners = new ArrayList<>();
        Future<Void> writer = run(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                EntityId entity = EntityId.container("c" + i % 50);
                switch (i % 7) {
                    case 5 -> store.update(docker, 1, List.of(TagInfo.deletion("docker", entity)));
                    case 6 -> store.prune();
                    default ->
                        store.update(
                                docker,
                                1,
                                List.of(TagInfo.builder("docker", entity)
                                        .low("i", "" + i)
                                        .build()));
                }
            }
            return null;
        });
        while (!writer.isDone()) {
            RecordingListener listener = new RecordingListener();
            listeners.add(listener);
            store.subscribe(EntityFilter.all(), listener, threads);
            if (listeners.size() == 30) {
                break;
            }
        }
        writer.get();

        Map<String, List<String>> contents = Contents.of(store);
        assertThat(listeners).isNotEmpty();
        for (RecordingListener listener : listeners) {
            await().untilAsserted(() -> assertThat(listener.replica()).isEqualTo(contents));
            assertThat(listener.broken()).isEmpty();
            assertThat(listener.events()).contains("synced");
        }
    }

    @Test
    void subscriber_thatIsStuck_holdsUpNobodyAndKeepsTheLastState() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        RecordingListener slow = new RecordingListener();
        RecordingListener quick = new RecordingListener();
        store.subscribe(EntityFilter.all(), new StuckListener(slow, inside, stuck), threads);
        store.subscribe(EntityFilter.all(), quick, threads);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < ROUNDS; i++) {
            push(docker, EntityId.container("c" + i % 10), "i" + i);
        }
        Map<String, List<String>> contents = Contents.of(store);

        await().untilAsserted(() -> assertThat(quick.replica()).isEqualTo(contents));
        assertThat(slow.replica()).isEmpty();
        stuck.countDown();
        await().untilAsserted(() -> assertThat(slow.replica()).isEqualTo(contents));
        assertThat(slow.events())
                .as("one event for each entity, not for each change")
                .hasSize(11);
        assertThat(slow.broken()).isEmpty();
    }

    private Void push(Source source, EntityId entity, String name) {
        store.update(
                source,
                1,
                List.of(TagInfo.builder(source.name(), entity).low(name, "1").build()));
        return null;
    }

    private Future<Void> run(Callable<Void> task) {
        return threads.submit(task);
    }

    /** A listener that hangs in its first event until released. */
    private record StuckListener(RecordingListener to, CountDownLatch inside, CountDownLatch letGo)
            implements TagListener {
        @Override
        public void added(EntityTags tags) {
            to.added(tags);
        }

        @Override
        public void modified(EntityTags tags) {
            to.modified(tags);
        }

        @Override
        public void deleted(EntityId entity) {
            to.deleted(entity);
        }

        @Override
        public void synced() {
            inside.countDown();
            try {
                letGo.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            to.synced();
        }
    }
}
