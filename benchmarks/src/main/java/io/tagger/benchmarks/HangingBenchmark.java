package io.tagger.benchmarks;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.runtime.LocalTagger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
 * The lookup of a known entity while other callers wait for a source without answers. The baseline has no waiting
 * callers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HangingBenchmark {
    private static final int KNOWN = 1_000;
    private static final int SECONDS = 10;

    /**
     * The number of threads with a question about an unknown entity; each asks about the next entity after the
     * deadline.
     */
    @Param({"0", "100"})
    public int callers;

    private final CountDownLatch detected = new CountDownLatch(1);
    private final List<EntityId> known = Workload.containers(KNOWN);
    private final LocalTagger tagger =
            LocalTagger.builder().collector(() -> new Hanging(detected, known)).build();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private EntityId[] keys = new EntityId[0];
    private int at;

    /** Reports all known entities at the first question about one of them, and hangs at any further question. */
    private record Hanging(CountDownLatch detected, List<EntityId> known) implements FetchOnly {
        @Override
        public String name() {
            return "ecs";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of(EntityId.CONTAINER);
        }

        @Override
        public void detect(CollectorContext context) {
            detected.countDown();
        }

        @Override
        public List<TagInfo> fetch(EntityId entity) throws InterruptedException {
            if (!known.contains(entity)) {
                new CountDownLatch(1).await();
            }
            return known.stream()
                    .map(id -> TagInfo.builder("ecs", id)
                            .low("task_family", id.id())
                            .build())
                    .toList();
        }
    }

    /**
     * Makes the tagger learn the known entities, and starts the callers.
     *
     * @throws InterruptedException if the wait for the collector is interrupted
     */
    @Setup
    public void open() throws InterruptedException {
        if (!detected.await(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the collector was not started");
        }
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                tagger.tag(known.get(0), Cardinality.LOW).isEmpty(); ) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the collector has not answered");
            }
        }
        keys = new Workload(1).shuffled(known).toArray(new EntityId[0]);
        for (int i = 0; i < callers; i++) {
            Thread thread = new Thread(this::ask, "caller");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void ask() {
        while (!Thread.currentThread().isInterrupted()) {
            tagger.tag(Workload.container(-1 - asked.getAndIncrement()), Cardinality.LOW);
        }
    }

    /** Lets the callers go and closes the tagger. */
    @TearDown
    public void close() {
        threads.forEach(Thread::interrupt);
        tagger.close();
    }

    /**
     * {@link Tagger#tag}.
     *
     * @return the tags
     */
    @Benchmark
    public List<String> tagger() {
        at = at + 1 == KNOWN ? 0 : at + 1;
        return tagger.tag(keys[at], Cardinality.LOW);
    }
}
