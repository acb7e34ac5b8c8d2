package io.tagger.benchmarks;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * A hundredth of a round: a batch of 100 infos of one of ten sources, about 1,000 entities, and the corresponding
 * lookups, on the same thread. Several threads write different entities.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class IngestBenchmark {
    /** A round of the bar has so many batches. */
    static final int ROUND = 100;

    private static final int ENTITIES = 1_000;
    private static final int SOURCES = 10;
    private static final int BATCH = 100;
    /** The number of rounds after which a container repeats its tags. */
    private static final int VERSIONS = 4;

    /** The shape of the infos. */
    public enum Shape {
        /** Four lists of 0 to 4 random tags. */
        random,
        /** The tags of a container from Docker and Kubernetes; there are two sources then. */
        container,
        /** Like {@link #container}, without any change. */
        unchanged
    }

    /** The store: {@code striped} or {@code plain}. */
    @Param({"striped", "plain"})
    public String store = "striped";

    /** The shape of the infos. */
    @Param({"random", "container", "unchanged"})
    public Shape shape = Shape.random;

    /**
     * The time at which the infos are made: {@code before} the measurement, or {@code inside}, like the original's
     * benchmark.
     */
    @Param({"before", "inside"})
    public String infos = "before";

    /** The number of lookups in a batch. */
    @Param({"0", "10"})
    public int lookups;

    /** The number of stripes of the store. */
    @Param({"64", "1", "8", "256"})
    public int stripes;

    private final List<EntityId> entities = Workload.containers(ENTITIES);
    private Store target = Store.plain();

    /** Makes the store. */
    @Setup
    public void open() {
        target = store.equals("striped") ? Store.striped(stripes) : Store.plain();
    }

    /** The state of a writing thread. */
    @State(Scope.Thread)
    public static class Writer {
        private Workload workload = new Workload(0);
        private int next;
        private int step = 1;
        private List<TagInfo> batch = List.of();

        /**
         * Fills the store with the thread's part of a round.
         *
         * @param benchmark the shared state
         * @param threads the thread's number
         */
        @Setup
        public void open(IngestBenchmark benchmark, ThreadParams threads) {
            workload = new Workload(threads.getThreadIndex());
            step = threads.getThreadCount();
            for (next = threads.getThreadIndex(); next < ROUND; next += step) {
                benchmark.target.update(benchmark.batch(workload, next));
            }
        }

        /**
         * Makes the next batch, unless the batch is made inside of the measurement.
         *
         * @param benchmark the shared state
         */
        @Setup(Level.Invocation)
        public void next(IngestBenchmark benchmark) {
            next += step;
            if (benchmark.infos.equals("before")) {
                batch = benchmark.batch(workload, next);
            }
        }
    }

    /**
     * Writes a batch and looks up its entities.
     *
     * @param writer the state of the thread
     * @return the tags of the last lookup
     */
    @Benchmark
    public List<String> batch(Writer writer) {
        target.update(infos.equals("inside") ? batch(writer.workload, writer.next) : writer.batch);
        List<String> tags = List.of();
        for (int i = 0; i < lookups; i++) {
            tags = target.lookup(entities.get(writer.workload.next(ENTITIES)));
        }
        return tags;
    }

    /**
     * The sources take turns at a hundred entities, then at the next hundred; a round later all entities come again,
     * with changed tags.
     */
    private List<TagInfo> batch(Workload workload, int number) {
        List<TagInfo> batch = new ArrayList<>(BATCH);
        int source = number / (ROUND / SOURCES) % SOURCES;
        int first = number % (ROUND / SOURCES) * BATCH;
        int version = shape == Shape.unchanged ? 0 : number / ROUND % VERSIONS;
        for (int i = first; i < first + BATCH; i++) {
            EntityId entity = entities.get(i);
            batch.add(
                    shape == Shape.random
                            ? workload.randomInfo("source" + source, entity)
                            : source % 2 == 0
                                    ? Workload.docker(entity, i, version)
                                    : Workload.kubernetes(entity, i, version));
        }
        return batch;
    }
}
