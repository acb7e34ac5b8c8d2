package io.tagger.store;

/**
 * Remembers when a fetch began, so that its answer can be told from what happened meanwhile. Made by {@link TagStore#begin}; close it when
 * the answer was applied or will never come, because the store keeps the deletions since the oldest open ticket.
 */
public final class Ticket implements AutoCloseable {
    private final TagStore store;
    /** How many fetches have begun, this one included; 0, before everything, until that is known. */
    volatile long number;

    private volatile boolean closed;

    Ticket(TagStore store) {
        this.store = store;
    }

    /** Nothing is to be applied with it any more. */
    boolean isVoid() {
        return closed;
    }

    /** Ends it; what is applied with it afterwards is refused. */
    @Override
    public void close() {
        closed = true;
        store.end(this);
    }
}
