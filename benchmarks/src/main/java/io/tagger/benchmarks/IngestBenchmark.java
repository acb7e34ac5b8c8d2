package io.tagger.benchmarks;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
 * A round of 10,000 infos: 100 batches of 100, about 1,000 entities, from 10 sources, each of which says something else every time. The
 * writers share the batches; the lookups are made by a thread of their own meanwhile.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class IngestBenchmark {
    private static final int ENTITIES = 1_000;
    private static final int SOURCES = 10;
    private static final int BATCHES = 100;
    private static final int BATCH = 100;
    /** So many different rounds, so that none repeats what is stored. */
    private static final int ROUNDS = 4;

    /** What the infos look like. */
    public enum Shape {
        /** Four lists of 0 to 4 random tags. */
        random,
        /** What Docker and Kubernetes say of a container; its sources are two, then. */
        container,
        /** The same as {@link #container}, but nothing ever changes. */
        unchanged
    }

    /** The store: {@code striped} or {@code plain}. */
    @Param({"striped", "plain"})
    public String store = "striped";

    /** What the infos look like. */
    @Param({"random", "container", "unchanged"})
    public Shape shape = Shape.random;

    /** When the infos are made: {@code before} the round, or {@code inside} of it, as the original's benchmark does. */
    @Param({"before", "inside"})
    public String infos = "before";

    /** How many lookups another thread makes meanwhile. */
    @Param({"0", "1000"})
    public int lookups;

    /** How many threads share the batches. */
    @Param({"1", "2"})
    public int writers;

    /** How many stripes the store has. */
    @Param({"64", "1", "8", "256"})
    public int stripes;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "ingest");
        thread.setDaemon(true);
        return thread;
    });
    private final Workload workload = new Workload(1);
    private final List<EntityId> entities = Workload.containers(ENTITIES);
    private final List<List<List<TagInfo>>> rounds = new ArrayList<>();
    private Store target = Store.plain();
    private int round;

    /** Makes the infos, and fills the store with the first round. */
    @Setup
    public void open() {
        target = store.equals("striped") ? Store.striped(stripes) : Store.plain();
        for (int i = 0; i < (shape == Shape.unchanged ? 1 : ROUNDS); i++) {
            rounds.add(make(workload, i));
        }
        rounds.get(0).forEach(target::update);
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        threads.shutdownNow();
    }

    /**
     * A round.
     *
     * @return the last tags that were looked up
     * @throws InterruptedException if it is interrupted
     * @throws ExecutionException if something is wrong with the store
     */
    @Benchmark
    public List<String> round() throws InterruptedException, ExecutionException {
        int number = round++;
        Future<List<String>> lookedUp = lookups == 0 ? null : threads.submit(this::lookUp);
        List<Future<?>> others = new ArrayList<>();
        for (int i = 1; i < writers; i++) {
            int which = i;
            others.add(threads.submit(() -> write(number, which)));
        }
        write(number, 0);
        for (Future<?> other : others) {
            other.get();
        }
        return lookedUp == null ? List.of() : lookedUp.get();
    }

    private void write(int number, int writer) {
        if (infos.equals("inside")) {
            Workload own = new Workload(number * 31L + writer);
            for (int i = writer; i < BATCHES; i += writers) {
                target.update(batch(own, number % ROUNDS, i));
            }
        } else {
            List<List<TagInfo>> batches = rounds.get(number % rounds.size());
            for (int i = writer; i < BATCHES; i += writers) {
                target.update(batches.get(i));
            }
        }
    }

    private List<String> lookUp() {
        Workload own = new Workload(round);
        List<String> tags = List.of();
        for (int i = 0; i < lookups; i++) {
            tags = target.lookup(entities.get(own.next(ENTITIES)));
        }
        return tags;
    }

    private List<List<TagInfo>> make(Workload from, int number) {
        List<List<TagInfo>> batches = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            batches.add(batch(from, number, i));
        }
        return batches;
    }

    /** Of one source each: a hundred entities, from a place that moves on by ten batches of the same source. */
    private List<TagInfo> batch(Workload from, int number, int index) {
        List<TagInfo> batch = new ArrayList<>(BATCH);
        int source = index % SOURCES;
        int first = index / SOURCES * BATCH;
        int version = shape == Shape.unchanged ? 0 : number;
        for (int i = first; i < first + BATCH; i++) {
            EntityId entity = entities.get(i);
            batch.add(
                    shape == Shape.random
                            ? from.randomInfo("source" + source, entity)
                            : source % 2 == 0
                                    ? Workload.docker(entity, i, version)
                                    : Workload.kubernetes(entity, i, version));
        }
        return batch;
    }
}
