package io.tagger.collectors.common;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the builders of the tags of one source; for an explanation, the origins of one entity's tags are noted. Immutable. */
public final class TagLists {
    private final String source;
    private final Map<String, String> separators;
    private final @Nullable EntityId explained;
    private final Provenance.@Nullable Builder origins;

    /**
     * Makes builders that note no origins.
     *
     * @param source the name of the collector
     * @param separators tag name to the separator of the tag's values
     */
    public TagLists(String source, Map<String, String> separators) {
        this(source, separators, null, null);
    }

    private TagLists(
            String source,
            Map<String, String> separators,
            @Nullable EntityId explained,
            Provenance.@Nullable Builder origins) {
        this.source = source;
        this.separators = Map.copyOf(separators);
        this.explained = explained;
        this.origins = origins;
    }

    /**
     * Makes builders that note the origins of one entity's tags.
     *
     * @param entity the entity
     * @param to receives the origins
     * @return the builders
     */
    public TagLists explaining(EntityId entity, Provenance.Builder to) {
        return new TagLists(source, separators, entity, to);
    }

    /**
     * Begins the tags of an entity.
     *
     * @param entity the entity
     * @return an empty builder
     */
    public TagListBuilder of(EntityId entity) {
        return new TagListBuilder(source, entity, separators, entity.equals(explained) ? origins : null);
    }
}
