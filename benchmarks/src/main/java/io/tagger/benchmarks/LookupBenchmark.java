package io.tagger.benchmarks;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.infra.ThreadParams;

/** The lookup of known entities, in random order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
    private static final int LOOKUPS = 1_000;

    /** The way; see {@link Lookup.Subject}. */
    @Param({"walk", "map", "textmap", "locked", "caffeine", "store", "tagger", "cached", "handle", "client", "isolated"
    })
    public Lookup.Subject subject = Lookup.Subject.walk;

    /** The key; see {@link Lookup.Key}. */
    @Param({"stored", "equal", "parsed", "text"})
    public Lookup.Key key = Lookup.Key.stored;

    /** The number of containers. */
    @Param({"1000", "100000", "1000000"})
    public int entities;

    /** Whether another thread changes tags all the time. */
    @Param({"false", "true"})
    public boolean writer;

    private World world = new World(0);
    private Lookup lookup = index -> List.of();

    /** The position of a thread in the random order. */
    @State(Scope.Thread)
    public static class Cursor {
        private int at;

        /**
         * Lets the threads begin in different places.
         *
         * @param benchmark the shared state
         * @param threads the thread's number
         */
        @Setup
        public void begin(LookupBenchmark benchmark, ThreadParams threads) {
            at = (int) ((long) benchmark.entities * threads.getThreadIndex() / threads.getThreadCount());
        }
    }

    /** Fills the subject, and looks up each entity once: the cost of a first lookup is not measured here. */
    @Setup
    public void open() {
        world = new World(entities);
        lookup = Lookup.open(subject, key, world);
        for (int i = 0; i < entities; i++) {
            lookup.at(i);
        }
        System.gc();
        if (writer) {
            world.write();
        }
    }

    /** Closes the subject. */
    @TearDown
    public void close() {
        world.close();
    }

    /**
     * Many lookups in one call, so that the position in the order is rarely written: with a write for each lookup, two
     * threads with positions in one cache line would measure the write.
     *
     * @param cursor where the thread is
     * @param blackhole takes the tags
     */
    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public void hit(Cursor cursor, Blackhole blackhole) {
        int at = cursor.at;
        for (int i = 0; i < LOOKUPS; i++) {
            at = at + 1 == entities ? 0 : at + 1;
            blackhole.consume(lookup.at(at));
        }
        cursor.at = at;
    }
}
