package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handle that remembers the snapshot of an entity. A read is one volatile load, which tells whether the snapshot is
 * still present; otherwise, or while the entity is unknown, the read looks in the table.
 */
final class StoreHandle implements TagHandle {
    private final TagStore store;
    private final EntityId entity;

    /**
     * Plain on purpose: threads may see different snapshots for a moment, and each snapshot is either present or sends
     * the reader to the table.
     */
    private @Nullable Snapshot last;

    StoreHandle(TagStore store, EntityId entity) {
        this.store = store;
        this.entity = entity;
        this.last = store.find(entity);
    }

    @Override
    public List<String> tags(Cardinality cardinality) {
        Snapshot snapshot = last;
        return snapshot != null && snapshot.next == null ? snapshot.tags(cardinality) : resolve(cardinality);
    }

    private List<String> resolve(Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        Snapshot snapshot = store.find(entity);
        last = snapshot; // also for null: the handle then releases the tags of a removed entity
        return snapshot == null ? TagList.EMPTY : snapshot.tags(cardinality);
    }
}
