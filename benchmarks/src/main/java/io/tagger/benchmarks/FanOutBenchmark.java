package io.tagger.benchmarks;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.store.ListenerPool;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The price of subscribers for a writer: an update that changes one of 1,000 containers. The baselines are an update
 * without subscribers, and the same subscribers with a task of a cached thread pool for each wake-up.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FanOutBenchmark {
    private static final int ENTITIES = 1_000;
    private static final int VERSIONS = 2;

    /**
     * The threads of the listeners: {@code pool}, the tagger's own, or {@code cached}, a thread for each wake-up under
     * way.
     */
    @Param({"pool", "cached"})
    public String threads;

    /** The number of subscribers. */
    @Param({"0", "1", "10", "100"})
    public int subscribers;

    /** The number of subscribers with a listener that never returns from its first event. */
    @Param({"0", "1"})
    public int stuck;

    private final CountDownLatch never = new CountDownLatch(1);
    private final Store.Striped target = new Store.Striped(new TagStore(Clock.systemUTC(), 64));
    private final List<List<TagInfo>> infos = new ArrayList<>();
    private ExecutorService executor;
    private int at;

    /** Fills the store and subscribes. */
    @Setup
    public void open() {
        executor = threads.equals("pool") ? new ListenerPool() : cached();
        List<EntityId> ids = Workload.containers(ENTITIES);
        for (int i = 0; i < VERSIONS * ENTITIES; i++) {
            infos.add(List.of(Workload.docker(ids.get(i % ENTITIES), i % ENTITIES, i / ENTITIES)));
        }
        infos.forEach(target::update);
        for (int i = 0; i < subscribers; i++) {
            boolean isStuck = i < stuck;
            target.store()
                    .subscribe(EntityFilter.all(), new Counting(isStuck ? never : new CountDownLatch(0)), executor);
        }
    }

    private static ExecutorService cached() {
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "subscriber");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Releases all subscribers. */
    @TearDown
    public void close() {
        never.countDown();
        target.store().closeSubscriptions();
        executor.shutdownNow();
    }

    /** An update. */
    @Benchmark
    public void update() {
        at = at + 1 == infos.size() ? 0 : at + 1;
        target.update(infos.get(at));
    }

    private static final class Counting implements TagListener {
        private final CountDownLatch wait;
        private long events;

        Counting(CountDownLatch wait) {
            this.wait = wait;
        }

        @Override
        public void added(EntityTags tags) {
            count();
        }

        @Override
        public void modified(EntityTags tags) {
            count();
        }

        @Override
        public void deleted(EntityId entity) {
            count();
        }

        @Override
        public void synced() {
            count();
        }

        private void count() {
            events++;
            try {
                wait.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
