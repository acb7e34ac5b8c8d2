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

/** The lookup of an entity that is known, in random order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
    private static final int LOOKUPS = 1_000;

    /** Which way; see {@link Lookup.Subject}. */
    @Param({"walk", "map", "textmap", "locked", "caffeine", "store", "tagger", "cached", "handle", "client", "isolated"
    })
    public Lookup.Subject subject = Lookup.Subject.walk;

    /** With what; see {@link Lookup.Key}. */
    @Param({"stored", "equal", "parsed", "text"})
    public Lookup.Key key = Lookup.Key.stored;

    /** How many containers there are. */
    @Param({"1000", "100000", "1000000"})
    public int entities;

    /** Whether another thread changes tags all the time. */
    @Param({"false", "true"})
    public boolean writer;

    private World world = new World(0);
    private Lookup lookup = index -> List.of();

    /** Where a thread is in the random order. */
    @State(Scope.Thread)
    public static class Cursor {
        private int at;

        /**
         * Lets the threads begin in different places.
         *
         * @param benchmark the shared state
         * @param threads which thread this is
         */
        @Setup
        public void begin(LookupBenchmark benchmark, ThreadParams threads) {
            at = (int) ((long) benchmark.entities * threads.getThreadIndex() / threads.getThreadCount());
        }
    }

    /** Fills the subject, and asks once for everything: what a first question costs is not what is measured here. */
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

    /** Stops what was started. */
    @TearDown
    public void close() {
        world.close();
    }

    /**
     * Lookups, so many that the place in the order is written seldom: were it written at each of them, two threads whose places lie in one
     * line of the cache would measure that.
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
