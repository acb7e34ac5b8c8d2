package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A tagger over a {@link TagStore}. A subclass decides the behaviour on a miss, and the completeness of an answer.
 *
 * <p>A hit is a lookup in the store's table and the comparison of two numbers: the {@link Epoch} in which the entity
 * was settled, and the present epoch. Thread-safe.
 */
public abstract class StoreTagger implements Tagger {
    private final TagStore store;
    private final Epoch epoch;
    private final ListenerPool listeners = new ListenerPool();

    /**
     * Makes a tagger over a store.
     *
     * @param store the store; the subclass writes to the store
     * @param epoch the epoch of the miss logic; the subclass advances the epoch
     */
    protected StoreTagger(TagStore store, Epoch epoch) {
        this.store = store;
        this.epoch = epoch;
    }

    /**
     * Handles a miss: asks for the tags of an entity, bounded by a deadline.
     *
     * @param entity the entity
     * @param known the present snapshot; null if the entity is unknown
     * @return the snapshot afterwards; null if the entity is unknown
     */
    protected abstract @Nullable Snapshot miss(EntityId entity, @Nullable Snapshot known);

    /**
     * Handles a miss without a wait, for a caller outside of this process.
     *
     * @param caller the caller
     * @param entity the entity
     * @param known the present snapshot; null if the entity is unknown
     * @return completes with the snapshot afterwards, at the deadline at the latest; empty if the entity is unknown
     */
    protected abstract CompletableFuture<Optional<Snapshot>> missFor(
            String caller, EntityId entity, @Nullable Snapshot known);

    /**
     * Adds the completeness to a snapshot. Never blocks, never does I/O.
     *
     * @param entity the entity
     * @param known the snapshot; null if the entity is unknown
     * @return the tags, with {@link EntityTags#complete}; empty for an entity that no collector can still report
     */
    protected abstract Optional<EntityTags> answer(EntityId entity, @Nullable Snapshot known);

    @Override
    public final List<String> tag(EntityId entity, Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        Snapshot snapshot = resolve(entity);
        return snapshot == null ? List.of() : snapshot.tags(cardinality);
    }

    @Override
    public final List<String> tag(String entity, Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        Snapshot snapshot = store.find(entity); // malformed text is never found
        if (snapshot == null || !snapshot.isSettledIn(epoch.number)) {
            snapshot = miss(EntityId.parse(entity), snapshot);
        }
        return snapshot == null ? List.of() : snapshot.tags(cardinality);
    }

    @Override
    public final List<String> cached(EntityId entity, Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        return store.lookup(entity, cardinality);
    }

    @Override
    public final TagHandle handle(EntityId entity) {
        resolve(entity);
        return store.handle(entity);
    }

    @Override
    public final List<String> standard(EntityId entity) {
        Snapshot snapshot = resolve(entity);
        return snapshot == null ? List.of() : snapshot.standard();
    }

    @Override
    public final Optional<EntityTags> lookup(EntityId entity) {
        return answer(entity, resolve(entity));
    }

    @Override
    public final CompletableFuture<Optional<EntityTags>> lookupFor(String caller, EntityId entity) {
        Objects.requireNonNull(caller, "caller");
        Snapshot snapshot = store.find(entity);
        return snapshot != null && snapshot.isSettledIn(epoch.number)
                ? CompletableFuture.completedFuture(answer(entity, snapshot))
                : missFor(caller, entity, snapshot).thenApply(now -> answer(entity, now.orElse(null)));
    }

    @Override
    public final Optional<EntityTags> entity(EntityId entity) {
        Snapshot snapshot = store.find(entity);
        if (snapshot != null && !snapshot.isSettledIn(epoch.number)) {
            renew(entity, snapshot);
        }
        return answer(entity, snapshot);
    }

    /**
     * Asks in the background for an answer that has run out. Never blocks.
     *
     * @param entity a known entity that was not settled in this epoch
     * @param known the snapshot
     */
    protected void renew(EntityId entity, Snapshot known) {}

    @Override
    public final List<EntityTags> entities(EntityFilter filter) {
        List<EntityTags> list = store.list(filter);
        list.replaceAll(tags -> answer(tags.entity(), (Snapshot) tags).orElse(tags));
        return list;
    }

    @Override
    public final Subscription subscribe(EntityFilter filter, TagListener listener) {
        Objects.requireNonNull(listener, "listener");
        return store.subscribe(filter, listening(listener), listeners);
    }

    /**
     * Takes note of a subscriber.
     *
     * @param listener the subscriber's listener
     * @return the listener to call in its place, which passes everything on; the listener itself unless overridden
     */
    protected TagListener listening(TagListener listener) {
        return listener;
    }

    /** Ends the subscriptions. A subclass first stops its own parts and then calls this method. */
    @Override
    public void close() {
        store.closeSubscriptions();
        listeners.shutdownNow();
    }

    private @Nullable Snapshot resolve(EntityId entity) {
        Snapshot snapshot = store.find(entity);
        return snapshot != null && snapshot.isSettledIn(epoch.number) ? snapshot : miss(entity, snapshot);
    }
}
