package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.tagger.store.Ticket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A fetch that began before a deletion is answered while the entity is deleted and pruned. */
@JCStressTest
@Outcome(id = "none", expect = ACCEPTABLE, desc = "The answer went with the entity, or came too late and was refused.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "A late answer has brought a deleted entity back.")
@State
public class DeleteAgainstLateFetch {
    private final Store store = new Store();
    private final Ticket ticket;

    /** Makes an entity and an open fetch. */
    public DeleteAgainstLateFetch() {
        store.docker(1);
        ticket = store.beginFetch();
    }

    /** Deletes the entity. */
    @Actor
    public void deleter() {
        store.delete();
        store.prune();
    }

    /** Answers the question. */
    @Actor
    public void fetcher() {
        store.fetched(ticket);
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
