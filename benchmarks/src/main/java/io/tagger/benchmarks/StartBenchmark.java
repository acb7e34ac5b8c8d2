package io.tagger.benchmarks;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagListener;
import io.tagger.store.TagStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The time to deliver all entities to a new subscriber. The baseline is a list of all entities. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class StartBenchmark {
    /** The number of containers. */
    @Param("100000")
    public int entities;

    private World world = new World(0);
    private TagStore store = world.store();

    /** Fills the store. */
    @Setup
    public void open() {
        world = new World(entities);
        store = world.store();
    }

    /**
     * Subscribes, and receives all entities on this thread.
     *
     * @return the number of entities
     */
    @Benchmark
    public int subscribe() {
        Counting counting = new Counting();
        store.subscribe(EntityFilter.all(), counting, Runnable::run).close();
        return counting.events;
    }

    /**
     * Lists all entities.
     *
     * @return the list
     */
    @Benchmark
    public List<EntityTags> list() {
        return store.list(EntityFilter.all());
    }

    private static final class Counting implements TagListener {
        private int events;

        @Override
        public void added(EntityTags tags) {
            events++;
        }

        @Override
        public void modified(EntityTags tags) {
            events++;
        }

        @Override
        public void deleted(EntityId entity) {
            events--;
        }

        @Override
        public void synced() {
            // No further event.
        }
    }
}
