package io.tagger.concurrency;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A subscription opens while an entity changes: no gap, no duplicate, the marker in its place. */
@JCStressTest
@Outcome(id = "added d:2 dh:2; synced; ", expect = ACCEPTABLE, desc = "The update is part of the initial state.")
@Outcome(
        id = "added d:1 dh:1; synced; modified d:2 dh:2; ",
        expect = ACCEPTABLE,
        desc = "The update came after the initial state.")
@Outcome(
        id = "added d:1 dh:1; modified d:2 dh:2; synced; ",
        expect = FORBIDDEN,
        desc = "An event other than the present entity came before the marker.")
@Outcome(id = ".*", expect = FORBIDDEN, desc = "A gap or a duplicate.")
@State
public class SubscribeAgainstUpdate {
    private final Store store = new Store();
    private final StringBuffer events = new StringBuffer();

    /** Makes an entity. */
    public SubscribeAgainstUpdate() {
        store.docker(1);
    }

    /** Subscribes. */
    @Actor
    public void subscriber() {
        store.subscribe(events);
    }

    /** Updates. */
    @Actor
    public void writer() {
        store.docker(2);
    }

    /**
     * Reads the delivered events.
     *
     * @param result the events
     */
    @Arbiter
    public void end(L_Result result) {
        result.r1 = events.toString();
    }
}
