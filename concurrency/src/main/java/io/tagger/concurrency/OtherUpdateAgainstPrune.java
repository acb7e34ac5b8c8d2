package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** While a deletion is carried out, a second source reports the entity. */
@JCStressTest
@Outcome(id = "none", expect = ACCEPTABLE, desc = "The update came before the prune: the deletion wins.")
@Outcome(id = "k:2 kh:2", expect = ACCEPTABLE, desc = "The update came after the prune: the entity was made anew.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "A part of the deleted entity has survived.")
@State
public class OtherUpdateAgainstPrune {
    private final Store store = new Store();

    /** Makes an entity of two sources, marked as deleted by the first source. */
    public OtherUpdateAgainstPrune() {
        store.docker(1);
        store.kubernetes(1);
        store.delete();
    }

    /** The second source reports the entity. */
    @Actor
    public void writer() {
        store.kubernetes(2);
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
