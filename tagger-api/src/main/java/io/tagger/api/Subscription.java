package io.tagger.api;

/**
 * One listener's place among those that are told of changes. Thread-safe.
 *
 * <p>It must be closed; until then it costs the tagger at most one pending event for each matching entity.
 */
public interface Subscription extends AutoCloseable {
    /**
     * Holds the delivery back: for a listener that passes events on to somewhere that is full. At most the event that is being delivered
     * still comes. Changes go on folding meanwhile. Pausing twice is pausing once.
     */
    void pause();

    /** Goes on after {@link #pause}; without one it does nothing. */
    void resume();

    /** Ends it. At most the event that is being delivered still comes. Closing again does nothing. */
    @Override
    void close();
}
