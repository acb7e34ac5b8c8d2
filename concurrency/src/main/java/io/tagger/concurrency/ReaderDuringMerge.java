package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.tagger.api.TagHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/**
 * A reader in parallel to an update sees the update whole or not at all, and never goes back, on every way of reading.
 */
@JCStressTest
@Outcome(id = "d:1 dh:1, d:1 dh:1, d:1 dh:1", expect = ACCEPTABLE, desc = "All reads were before the update.")
@Outcome(id = "d:1 dh:1, d:1 dh:1, d:2 dh:2", expect = ACCEPTABLE, desc = "The update came before the third read.")
@Outcome(id = "d:1 dh:1, d:2 dh:2, d:2 dh:2", expect = ACCEPTABLE, desc = "The update came before the second read.")
@Outcome(id = "d:2 dh:2, d:2 dh:2, d:2 dh:2", expect = ACCEPTABLE, desc = "The update came before all reads.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "Half an update, or time ran backwards.")
@State
public class ReaderDuringMerge {
    private final Store store = new Store();
    private final TagHandle handle;

    /** Makes an entity. */
    public ReaderDuringMerge() {
        store.docker(1);
        handle = store.handle();
    }

    /** Updates. */
    @Actor
    public void writer() {
        store.docker(2);
    }

    /**
     * Looks up, reads the handle, looks up.
     *
     * @param result receives the observed states
     */
    @Actor
    public void reader(LLL_Result result) {
        result.r1 = store.lookup();
        result.r2 = Store.read(handle);
        result.r3 = store.lookup();
    }
}
