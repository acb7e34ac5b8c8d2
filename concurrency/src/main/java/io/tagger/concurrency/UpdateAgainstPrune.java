package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** While a deletion is carried out, the deleting source reports the entity again. */
@JCStressTest
@Outcome(id = "d:2 k:1 dh:2 kh:1", expect = ACCEPTABLE, desc = "The update took the mark back: no entity was deleted.")
@Outcome(
        id = "d:2 dh:2",
        expect = ACCEPTABLE,
        desc = "The prune removed all sources, then the update made the entity anew.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "The update was lost, or an old tag has survived the prune.")
@State
public class UpdateAgainstPrune {
    private final Store store = new Store();

    /** Makes an entity of two sources, marked as deleted by the first source. */
    public UpdateAgainstPrune() {
        store.docker(1);
        store.kubernetes(1);
        store.delete();
    }

    /** Reports the entity again. */
    @Actor
    public void writer() {
        store.docker(2);
    }

    /** Carries the deletion out. */
    @Actor
    public void pruner() {
        store.prune();
    }

    /**
     * Reads the final state.
     *
     * @param result receives the final state
     */
    @Arbiter
    public void end(L_Result result) {
        result.r1 = store.lookup();
    }
}
