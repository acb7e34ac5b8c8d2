package io.tagger.store;

/**
 * The beginning of a fetch, by which a late answer is recognized. Made by {@link TagStore#begin}. Close the ticket when
 * the answer was applied or will never come: the store keeps every deletion since the oldest open ticket. Thread-safe.
 */
public final class Ticket implements AutoCloseable {
    private final FetchClock clock;
    /** Number of fetches begun, this fetch included; 0, before every stamp, until the number is known. */
    volatile long number;

    private volatile boolean closed;

    Ticket(FetchClock clock) {
        this.clock = clock;
    }

    /** Whether answers with this ticket are refused. */
    boolean isVoid() {
        return closed;
    }

    /** Ends the fetch; an answer applied afterwards is refused. */
    @Override
    public void close() {
        closed = true;
        clock.end(this);
    }
}
