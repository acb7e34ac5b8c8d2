package io.tagger.api;

/**
 * Is told what happens to the entities that a {@link Tagger#subscribe subscription} matches.
 *
 * <p>First comes {@link #added} for each entity that exists, then {@link #synced} once, then the changes. The calls for one subscription
 * never overlap; they come in order for each entity, without a gap and without a duplicate. A listener may take its time: meanwhile the
 * changes of one entity fold into one, so that it sees the last state, not every state on the way (added and deleted again folds into
 * nothing). What a listener throws is logged, and the next event is delivered all the same.
 */
public interface TagListener {
    /**
     * An entity is there that was not there before.
     *
     * @param tags what is known of it
     */
    void added(EntityTags tags);

    /**
     * The tags of an entity have changed.
     *
     * @param tags what is known of it now
     */
    void modified(EntityTags tags);

    /**
     * An entity is gone.
     *
     * @param entity its id
     */
    void deleted(EntityId entity);

    /** All that existed at the time of subscribing has been told; from here on these are changes. */
    void synced();
}
