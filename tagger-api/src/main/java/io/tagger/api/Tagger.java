package io.tagger.api;

import java.util.List;
import java.util.Optional;

/**
 * Answers which tags an entity has.
 *
 * <p>All methods are thread-safe, and none of them throws because of what a collector did. After {@link #close} the last known tags go on
 * being served, nothing is asked any more, and no event is delivered.
 */
public interface Tagger extends AutoCloseable {
    /**
     * The tags of an entity, asking the collectors that have not answered for it yet.
     *
     * <p>A hit, which is the rule, allocates nothing, locks nothing and does no I/O. On a miss the collectors are asked beside each other
     * and off the caller's thread; this call waits for them up to a deadline (3 s unless configured) and returns what is known by then. An
     * interrupt ends the wait, too; the thread's interrupt flag stays set.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return the tags at that level and below, sorted within a level, unmodifiable; empty for an unknown entity
     */
    List<String> tag(EntityId entity, Cardinality cardinality);

    /**
     * The same from an entity id as text.
     *
     * @param entity the entity, {@code prefix://id}
     * @param cardinality the level
     * @return as {@link #tag(EntityId, Cardinality)}
     * @throws IllegalArgumentException if the text is no entity id
     */
    default List<String> tag(String entity, Cardinality cardinality) {
        return tag(EntityId.parse(entity), cardinality);
    }

    /**
     * The tags that are known now. Never blocks, never asks a collector.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return as {@link #tag(EntityId, Cardinality)}
     */
    List<String> cached(EntityId entity, Cardinality cardinality);

    /**
     * Resolves an entity once, as {@link #tag(EntityId, Cardinality)} does, for a caller that will read its tags often.
     *
     * @param entity the entity; it may be unknown, and turn up later
     * @return a handle that follows the entity
     */
    TagHandle handle(EntityId entity);

    /**
     * The standard tags ({@code env}, {@code service}, {@code version}), asking on a miss as {@link #tag(EntityId, Cardinality)} does.
     *
     * @param entity the entity
     * @return the tags, sorted, unmodifiable; empty for an unknown entity or one that has none
     */
    List<String> standard(EntityId entity);

    /**
     * All that is known of an entity, asking on a miss as {@link #tag(EntityId, Cardinality)} does: the tags of every level, the sources and
     * the completeness in one call.
     *
     * @param entity the entity
     * @return the tags as {@link #entity} gives them after the collectors were asked
     */
    default Optional<EntityTags> lookup(EntityId entity) {
        tag(entity, Cardinality.LOW);
        return entity(entity);
    }

    /**
     * All that is known of an entity now. Never blocks, never asks a collector.
     *
     * @param entity the entity
     * @return what is known; empty for an entity that nobody knows. Where nobody has said anything yet and somebody still may, because he
     *     was not asked, could not tell, or is not running, it is no tags, {@linkplain EntityTags#complete incomplete}
     */
    Optional<EntityTags> entity(EntityId entity);

    /**
     * All entities that are known now. Each element is exact, the list as a whole is no snapshot: what changes while it is made may be in it
     * or not.
     *
     * @param filter which of them
     * @return them, in no particular order; the list is the caller's
     */
    List<EntityTags> entities(EntityFilter filter);

    /**
     * Tells a listener what there is and then what changes.
     *
     * @param filter which entities
     * @param listener who is told, on threads of the tagger
     * @return the subscription, to be closed by the caller
     */
    Subscription subscribe(EntityFilter filter, TagListener listener);

    /**
     * How the tagger and its collectors are.
     *
     * @return a picture of this moment
     */
    TaggerStatus status();

    /** Stops the collectors and ends the subscriptions, within 5 s. Closing again does nothing. */
    @Override
    void close();
}
