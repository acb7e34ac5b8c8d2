package io.tagger.benchmarks;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagHandle;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The cost of a read for a hot caller with the handle of one entity. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandleBenchmark {
    private World world = new World(0);
    private TagHandle handle = level -> List.of();
    private volatile List<String> field = List.of();

    /** Fills a tagger. */
    @Setup
    public void open() {
        world = new World(1_000);
        EntityId entity = world.keys(Lookup.Key.stored)[0];
        handle = world.tagger().handle(entity);
        field = handle.tags(Cardinality.HIGH);
    }

    /** Closes the tagger. */
    @TearDown
    public void close() {
        world.close();
    }

    /**
     * A read of the handle.
     *
     * @return the tags
     */
    @Benchmark
    public List<String> handle() {
        return handle.tags(Cardinality.HIGH);
    }

    /**
     * The baseline: a read of a volatile field.
     *
     * @return the tags
     */
    @Benchmark
    public List<String> volatileField() {
        return field;
    }
}
