package io.tagger.api;

/**
 * Receives the changes of the entities selected by a {@link Tagger#subscribe subscription}.
 *
 * <p>First comes {@link #added} for each existing entity, then {@link #synced} once, then the changes. The calls for
 * one subscription never overlap; the events of each entity come in order, without a gap and without a duplicate. A
 * slow listener holds up other listeners for at most 100 ms, and never a collector: meanwhile the changes of an entity
 * fold into one, so that the listener sees the last state instead of every state on the way (an addition and a deletion
 * fold into no event). An exception from a listener is logged, and the next event follows.
 */
public interface TagListener {
    /**
     * A new entity has appeared.
     *
     * @param tags the entity's tags
     */
    void added(EntityTags tags);

    /**
     * The tags of an entity have changed.
     *
     * @param tags the entity's tags after the change
     */
    void modified(EntityTags tags);

    /**
     * An entity is gone.
     *
     * @param entity the entity's id
     */
    void deleted(EntityId entity);

    /** The end of the entities that existed at the time of the subscription; changes follow. */
    void synced();
}
