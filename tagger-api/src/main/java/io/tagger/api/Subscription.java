package io.tagger.api;

/**
 * The handle of a subscription: pauses, resumes and ends the delivery of events to one listener. Thread-safe.
 *
 * <p>Close every subscription; an open subscription costs the tagger at most one pending event for each matching
 * entity.
 */
public interface Subscription extends AutoCloseable {
    /**
     * Suspends the delivery, for a listener with a full target. The event in delivery may still arrive. Meanwhile later
     * changes of an entity fold into one event. A second pause has no effect.
     */
    void pause();

    /** Continues the delivery after {@link #pause}. Has no effect on a running subscription. */
    void resume();

    /** Ends the subscription. The event in delivery may still arrive. A second close has no effect. */
    @Override
    void close();
}
