package io.tagger.benchmarks;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
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

/** The prune that removes 100 containers among many. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PruneBenchmark {
    private static final int DELETED = 100;

    /** The store: {@code striped} or {@code plain}. */
    @Param({"striped", "plain"})
    public String store = "striped";

    /** The number of containers. */
    @Param({"10000", "1000000"})
    public int entities;

    private final Workload workload = new Workload(1);
    private List<EntityId> ids = List.of();
    private Store target = Store.plain();

    /** Fills the store. */
    @Setup
    public void open() {
        target = store.equals("striped") ? Store.striped(64) : Store.plain();
        ids = Workload.containers(entities);
        for (int i = 0; i < entities; i++) {
            add(i);
        }
    }

    /** Restores the store's size, and marks 100 deletions. */
    @Setup(Level.Invocation)
    public void mark() {
        for (int i = 0; i < DELETED; i++) {
            int number = workload.next(entities);
            add(number);
            target.update(List.of(TagInfo.deletion(Workload.DOCKER, ids.get(number))));
        }
    }

    /** The prune. */
    @Benchmark
    public void prune() {
        target.prune();
    }

    private void add(int number) {
        target.update(List.of(Workload.docker(ids.get(number), number, 0)));
        target.update(List.of(Workload.kubernetes(ids.get(number), number, 0)));
    }
}
