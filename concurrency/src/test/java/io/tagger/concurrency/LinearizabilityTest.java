package io.tagger.concurrency;

import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Lincheck searches for a sequential order that explains the observations of concurrent threads. A failure prints the
 * interleaving.
 */
class LinearizabilityTest {
    private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios");
    private static final int THREADS = 2;
    private static final int CALLS = 3;

    /**
     * Explores the interleavings of the store's code, with thread switches at every shared access.
     *
     * <p>The warning "Cannot reproduce the interleaving" means that a run missed the planned switch points of an
     * earlier run of the same scenario. The run is checked like any other; only the planned order is lost.
     */
    @Test
    void operations_inEveryInterleaving_areLinearizable() {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(LongAdder.class.getName())
                        .allMethods()
                        .treatAsAtomic()); // its cells are chosen at random; a mere counter
        check(options, 300);
    }

    /** Runs real threads, on the machine's own memory model. */
    @Test
    void operations_ofRealThreads_areLinearizable() {
        check(new StressOptions(), 1_000);
    }

    private static void check(Options<?, ?> options, int invocations) {
        options.iterations(SCENARIOS)
                .invocationsPerIteration(invocations)
                .threads(THREADS)
                .actorsPerThread(CALLS)
                .actorsBefore(2)
                .actorsAfter(1)
                .sequentialSpecification(StoreModel.class)
                .check(StoreOperations.class);
    }
}
