package io.tagger.runtime.store;

import io.tagger.api.EntityId;
import org.jspecify.annotations.Nullable;

/**
 * The place of one entity in the store. The object stays the same while the entity exists, so that a caller may keep it and read its
 * snapshot with one volatile load.
 */
public final class StoredEntity {
    private final EntityId id;

    /** Null once the entity is removed; a re-created entity gets a new {@code StoredEntity}. Written under the stripe's lock. */
    private volatile @Nullable Snapshot snapshot;

    /**
     * The epoch in which the miss logic last found that there is nobody left to ask. Plain: it is a hint, and a reader that misses a write
     * only takes the long way once more.
     */
    private int settled;

    StoredEntity(EntityId id) {
        this.id = id;
    }

    /**
     * Which entity this is.
     *
     * @return its id
     */
    public EntityId id() {
        return id;
    }

    /**
     * What is known of it now.
     *
     * @return the merged tags; null if the entity has been removed
     */
    public @Nullable Snapshot snapshot() {
        return snapshot;
    }

    /**
     * Whether there was nobody left to ask in an epoch.
     *
     * @param epoch the current epoch of the miss logic, not 0
     * @return whether {@link #settle} was called with it
     */
    public boolean settledIn(int epoch) {
        return settled == epoch;
    }

    /**
     * Notes that there is nobody left to ask.
     *
     * @param epoch the epoch this holds for
     */
    public void settle(int epoch) {
        settled = epoch;
    }

    void put(@Nullable Snapshot now) {
        snapshot = now;
        if (now != null && !now.complete()) {
            settled = 0;
        }
    }
}
