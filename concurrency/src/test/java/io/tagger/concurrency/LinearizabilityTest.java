package io.tagger.concurrency;

import java.util.concurrent.atomic.LongAdder;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/** Has Lincheck look for an order of calls that explains what the threads have seen. A failure prints the interleaving. */
class LinearizabilityTest {
    private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios");
    private static final int THREADS = 2;
    private static final int CALLS = 3;

    /**
     * Goes through the interleavings of the store's own code, switching threads wherever something shared is touched.
     *
     * <p>The warning "Cannot reproduce the interleaving" means that a run did not pass the points at which an earlier one of the same scenario
     * had switched threads. That run is checked like any other; all that is lost is the order that was planned for it.
     */
    @Test
    void operations_inEveryInterleaving_areLinearizable() {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .addGuarantee(ManagedStrategyGuaranteeKt.forClasses(LongAdder.class.getName())
                        .allMethods()
                        .treatAsAtomic()); // its cells are chosen at random, and it only counts
        check(options, 300);
    }

    /** Lets real threads run, on the memory that the machine has. */
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
