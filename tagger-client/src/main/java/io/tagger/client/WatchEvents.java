package io.tagger.client;

/** Receives the events of a watch, in order, on the client's thread. */
public interface WatchEvents {
    /**
     * An entity has a new state.
     *
     * @param report the entity's tags
     * @param isNew whether the watch has not reported the entity before
     */
    void set(EntityReport report, boolean isNew);

    /**
     * An entity is gone.
     *
     * @param entity the entity's id; may never have been reported
     */
    void deleted(String entity);

    /** The end of the entities that existed at the beginning. */
    void synced();

    /** All earlier events are void: the entities follow anew. Entities missing up to {@link #synced} are gone. */
    void startOver();

    /**
     * The place to resume the watch from, after the events so far.
     *
     * @param token the agent's token
     */
    default void token(String token) {}
}
