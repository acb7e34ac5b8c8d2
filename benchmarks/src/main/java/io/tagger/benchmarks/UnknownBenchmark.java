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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The lookup of an unknown entity, after a collector has answered "not found". */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class UnknownBenchmark {
    private static final int UNKNOWN = 1_000;
    private static final int SECONDS = 10;

    private final CountDownLatch detected = new CountDownLatch(1);
    private final Map<EntityId, List<String>> map = new ConcurrentHashMap<>();
    private final LocalTagger tagger =
            LocalTagger.builder().collector(() -> new NothingToSay(detected)).build();
    private EntityId[] keys = new EntityId[0];
    private int at;

    /** A collector whose answers are all empty. */
    private record NothingToSay(CountDownLatch detected) implements FetchOnly {
        @Override
        public String name() {
            return "ecs";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_ORCHESTRATOR;
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
        public List<TagInfo> fetch(EntityId entity) {
            return List.of();
        }
    }

    /**
     * Asks about every entity until the answers are remembered.
     *
     * @throws InterruptedException if the wait for the collector is interrupted
     */
    @Setup
    public void open() throws InterruptedException {
        List<EntityId> unknown = new ArrayList<>();
        for (int i = 0; i < UNKNOWN; i++) {
            unknown.add(Workload.container(-1 - i));
            map.put(Workload.container(i), List.of());
        }
        if (!detected.await(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the collector was not started");
        }
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS); tagger.rememberedAnswers() < UNKNOWN; ) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("only " + tagger.rememberedAnswers() + " answers are remembered");
            }
            unknown.forEach(id -> tagger.tag(id, Cardinality.HIGH));
        }
        keys = new Workload(1).shuffled(unknown).toArray(new EntityId[0]);
    }

    /** Closes the tagger. */
    @TearDown
    public void close() {
        tagger.close();
    }

    /**
     * {@link Tagger#tag}.
     *
     * @return no tags
     */
    @Benchmark
    public List<String> tagger() {
        return tagger.tag(next(), Cardinality.HIGH);
    }

    /**
     * The baseline: a bare {@code ConcurrentHashMap} without the key.
     *
     * @return null
     */
    @Benchmark
    public List<String> map() {
        return map.get(next());
    }

    private EntityId next() {
        at = at + 1 == UNKNOWN ? 0 : at + 1;
        return keys[at];
    }
}
