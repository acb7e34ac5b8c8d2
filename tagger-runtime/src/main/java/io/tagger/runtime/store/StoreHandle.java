package io.tagger.runtime.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Remembers the place of an entity. While the entity is unknown, each read looks for it in the map. */
final class StoreHandle implements TagHandle {
    private final TagStore store;
    private final EntityId entity;

    /**
     * Plain on purpose: threads may see different places for a moment, and each of them is either the present one or one whose snapshot is
     * gone, which sends the reader to the map.
     */
    private @Nullable StoredEntity stored;

    StoreHandle(TagStore store, EntityId entity) {
        this.store = store;
        this.entity = entity;
        this.stored = store.find(entity.toString());
    }

    @Override
    public List<String> tags(Cardinality cardinality) {
        StoredEntity place = stored;
        Snapshot snapshot = place == null ? null : place.snapshot();
        return snapshot != null ? snapshot.tags(cardinality) : resolve(cardinality);
    }

    private List<String> resolve(Cardinality cardinality) {
        StoredEntity place = store.find(entity.toString());
        Snapshot snapshot = place == null ? null : place.snapshot();
        if (snapshot == null) {
            return TagList.EMPTY;
        }
        stored = place;
        return snapshot.tags(cardinality);
    }
}
