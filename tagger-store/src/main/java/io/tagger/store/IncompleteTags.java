package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.SourceTags;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The known tags of an entity, perhaps none, while a collector with possible further tags has not answered.
 *
 * @param entity the entity
 * @param known the known tags; null if there are none
 */
public record IncompleteTags(EntityId entity, @Nullable EntityTags known) implements EntityTags {
    @Override
    public List<String> tags(Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        return known == null ? List.of() : known.tags(cardinality);
    }

    @Override
    public List<String> standard() {
        return known == null ? List.of() : known.standard();
    }

    @Override
    public Map<String, TagInfo> sources() {
        return known == null ? Map.of() : known.sources();
    }

    @Override
    public List<SourceTags> bySource() {
        return known == null ? List.of() : known.bySource();
    }

    @Override
    public CollectorPriority priority(String source) {
        return known == null ? EntityTags.super.priority(source) : known.priority(source);
    }

    @Override
    public boolean complete() {
        return false;
    }
}
