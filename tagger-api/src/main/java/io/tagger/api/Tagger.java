package io.tagger.api;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers the question which tags an entity has.
 *
 * <p>All methods are thread-safe, and a fault in a collector makes no method throw. After {@link #close} the last known
 * tags stay available, no collector is asked, and no event is delivered.
 */
public interface Tagger extends AutoCloseable {
    /**
     * The tags of an entity; on a miss, collectors without an answer for the entity are asked.
     *
     * <p>A hit, the common case, allocates nothing, locks nothing and does no I/O. On a miss the collectors are asked
     * in parallel, off the caller's thread; the call waits up to a deadline (3 s unless configured) and returns the
     * tags known by then. An interrupt also ends the wait; the thread's interrupt flag stays set.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return the tags at the level and below, sorted within a level, unmodifiable; empty for an unknown entity
     */
    List<String> tag(EntityId entity, Cardinality cardinality);

    /**
     * The tags of an entity whose id is given as text.
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
     * The tags in the store now. Never blocks, never asks a collector.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return as {@link #tag(EntityId, Cardinality)}
     */
    List<String> cached(EntityId entity, Cardinality cardinality);

    /**
     * Resolves an entity once, like {@link #tag(EntityId, Cardinality)}, for many reads by one caller.
     *
     * @param entity the entity; an unknown entity may appear later
     * @return a handle of the entity
     */
    TagHandle handle(EntityId entity);

    /**
     * The standard tags ({@code env}, {@code service}, {@code version}), asking on a miss as {@link #tag(EntityId,
     * Cardinality)} does.
     *
     * @param entity the entity
     * @return the tags, sorted, unmodifiable; empty for an unknown entity or an entity without standard tags
     */
    List<String> standard(EntityId entity);

    /**
     * The tags of every level, the sources and the completeness of an entity in one call; on a miss the collectors are
     * asked, as in {@link #tag(EntityId, Cardinality)}.
     *
     * @param entity the entity
     * @return the result of {@link #entity} after the collectors were asked
     */
    default Optional<EntityTags> lookup(EntityId entity) {
        tag(entity, Cardinality.LOW);
        return entity(entity);
    }

    /**
     * Looks up like {@link #lookup}, without a wait, on behalf of a caller outside of this process, such as a user of a
     * server. The number of questions that one such caller may cause at a collector is bounded: past the bound the
     * result is incomplete. The default looks up on the calling thread, without a bound.
     *
     * @param caller the caller, for instance the user of a Unix socket or the address of a machine
     * @param entity the entity
     * @return completes with the result of {@link #entity} after the collectors were asked, on a thread of the tagger
     *     that must not be blocked
     */
    default CompletionStage<Optional<EntityTags>> lookupFor(String caller, EntityId entity) {
        Objects.requireNonNull(caller, "caller");
        return CompletableFuture.completedFuture(lookup(entity));
    }

    /**
     * The tags of every level, the sources and the completeness of an entity in the store now. Never blocks, never asks
     * a collector.
     *
     * @param entity the entity
     * @return the entity's tags; empty for an unknown entity. While no collector has reported the entity and a
     *     collector may still do so (not asked yet, a failed fetch, starting, or waiting for a restart), the result
     *     holds no tags and is {@linkplain EntityTags#complete incomplete}
     */
    Optional<EntityTags> entity(EntityId entity);

    /**
     * All entities in the store now. Each element is exact; the list as a whole is no snapshot: a change during the
     * call may be missing.
     *
     * @param filter the selection of entities
     * @return the entities, in no particular order; the caller owns the list
     */
    List<EntityTags> entities(EntityFilter filter);

    /**
     * Delivers the present entities to a listener, and then the changes.
     *
     * @param filter the selection of entities
     * @param listener the receiver, called on threads of the tagger
     * @return the subscription, to be closed by the caller
     */
    Subscription subscribe(EntityFilter filter, TagListener listener);

    /**
     * The entity of this process: the container around the process, or the process itself.
     *
     * @return the entity, with the tags known now; empty if nobody can tell. An entity that no collector has reported has
     *     no tags, and is {@linkplain EntityTags#complete incomplete}. The default is empty
     */
    default Optional<EntityTags> self() {
        return Optional.empty();
    }

    /**
     * Waits until the tagger is ready: every detected collector has synced, or is out of use. A client waits for the
     * agent, too.
     *
     * @param limit the longest wait
     * @return whether the tagger is ready
     * @throws InterruptedException if the waiting thread is interrupted
     */
    default boolean awaitReady(Duration limit) throws InterruptedException {
        return Awaiting.until(limit, () -> status().ready());
    }

    /**
     * The tags of an entity, as soon as they are complete: a program may ask about a container before the container's
     * collector has seen the start.
     *
     * @param entity the entity
     * @param limit the longest wait
     * @return the result of {@link #lookup}, after the wait
     * @throws InterruptedException if the waiting thread is interrupted
     */
    default Optional<EntityTags> awaitComplete(EntityId entity, Duration limit) throws InterruptedException {
        return Awaiting.complete(this, entity, limit);
    }

    /**
     * Explains the tags of an entity: the origin of each tag, and the reasons for a missing tag. The collectors read their
     * sources again for each explanation, so that nobody pays for origins in advance. The default knows the sources of the
     * tags, and nothing further.
     *
     * @param entity the entity
     * @param name the name of a tag in question; empty for no special tag
     * @return completes with the explanation, on a thread that must not be blocked
     */
    default CompletionStage<Explanation> explain(EntityId entity, String name) {
        Objects.requireNonNull(name, "name");
        return CompletableFuture.completedFuture(
                entity(entity).map(Explanation::of).orElseGet(() -> Explanation.unknown(entity)));
    }

    /**
     * The state of the tagger and of the collectors.
     *
     * @return a picture of this moment
     */
    TaggerStatus status();

    /** Stops the collectors and ends the subscriptions, within 5 s. A second close has no effect. */
    @Override
    void close();
}
