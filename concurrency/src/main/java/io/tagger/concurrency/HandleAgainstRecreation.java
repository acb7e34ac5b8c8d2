package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.tagger.api.TagHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** A lookup, the handle and a lookup, while the entity is deleted, pruned and made anew. */
@JCStressTest
@Outcome(id = "d:1 dh:1, d:1 dh:1, d:1 dh:1", expect = ACCEPTABLE, desc = "All before the prune.")
@Outcome(id = "d:1 dh:1, d:1 dh:1, none", expect = ACCEPTABLE, desc = "The prune came before the third.")
@Outcome(
        id = "d:1 dh:1, d:1 dh:1, d:2 dh:2",
        expect = ACCEPTABLE,
        desc = "The prune and the new one came before the third.")
@Outcome(id = "d:1 dh:1, none, none", expect = ACCEPTABLE, desc = "The prune came before the second.")
@Outcome(id = "d:1 dh:1, none, d:2 dh:2", expect = ACCEPTABLE, desc = "The prune, the second, the new one.")
@Outcome(
        id = "d:1 dh:1, d:2 dh:2, d:2 dh:2",
        expect = ACCEPTABLE,
        desc = "The prune and the new one came before the second.")
@Outcome(id = "none, none, none", expect = ACCEPTABLE, desc = "All reads during the absence.")
@Outcome(id = "none, none, d:2 dh:2", expect = ACCEPTABLE, desc = "The new one came before the third.")
@Outcome(id = "none, d:2 dh:2, d:2 dh:2", expect = ACCEPTABLE, desc = "The new one came before the second.")
@Outcome(id = "d:2 dh:2, d:2 dh:2, d:2 dh:2", expect = ACCEPTABLE, desc = "All reads after the re-creation.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "The handle keeps a deleted entity, or misses the re-created entity.")
@State
public class HandleAgainstRecreation {
    private final Store store = new Store();
    private final TagHandle handle;

    /** Makes an entity and a handle. */
    public HandleAgainstRecreation() {
        store.docker(1);
        handle = store.handle();
    }

    /** Deletes and re-creates the entity. */
    @Actor
    public void writer() {
        store.delete();
        store.prune();
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
