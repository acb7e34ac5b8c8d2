package io.tagger.api;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The report of one source about one entity: all of the entity's tags, or the entity's deletion.
 *
 * <p>A report is whole: a tagger replaces the source's earlier report about the entity. A report without tags therefore
 * withdraws the source's earlier tags.
 *
 * <p>Immutable and thread-safe; two reports with the same content are equal, in whatever order their tags were added.
 * The lists are sorted, unmodifiable and without duplicates.
 */
public final class TagInfo {
    private final String source;
    private final EntityId entity;
    private final List<String> low;
    private final List<String> orchestrator;
    private final List<String> high;
    private final List<String> standard;
    private final boolean deleteEntity;
    private final boolean complete;
    private final Optional<Instant> expiry;

    private TagInfo(Builder builder) {
        source = builder.source;
        entity = builder.entity;
        standard = builder.standard.sorted(List.of(), List.of());
        low = builder.low.with(standard);
        // A tag at two levels is already answered at the lower level.
        orchestrator = builder.orchestrator.sorted(low, List.of());
        high = builder.high.sorted(low, orchestrator);
        deleteEntity = builder.deleteEntity;
        complete = builder.complete;
        expiry = Optional.ofNullable(builder.expiry);
    }

    /**
     * Begins a report about an entity.
     *
     * @param source the name of the reporting collector
     * @param entity the entity
     * @return a builder without tags
     */
    public static Builder builder(String source, EntityId entity) {
        return new Builder(source, entity);
    }

    /**
     * Reports the deletion of an entity, for all sources.
     *
     * @param source the name of the reporting collector
     * @param entity the entity
     * @return the info
     */
    public static TagInfo deletion(String source, EntityId entity) {
        Builder builder = new Builder(source, entity);
        builder.deleteEntity = true;
        return builder.build();
    }

    /**
     * Begins a copy of this info, to be changed.
     *
     * @return a builder with the content of this report
     */
    public Builder toBuilder() {
        Builder builder = new Builder(source, entity);
        builder.low.addAll(low);
        builder.orchestrator.addAll(orchestrator);
        builder.high.addAll(high);
        builder.standard.addAll(standard);
        builder.deleteEntity = deleteEntity;
        builder.complete = complete;
        builder.expiry = expiry.orElse(null);
        return builder;
    }

    /**
     * The collector that reported these tags.
     *
     * @return the name of the collector
     */
    public String source() {
        return source;
    }

    /**
     * The entity of these tags.
     *
     * @return the entity
     */
    public EntityId entity() {
        return entity;
    }

    /**
     * The low tags, including the standard tags.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> low() {
        return low;
    }

    /**
     * The orchestrator tags, without the low tags.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> orchestrator() {
        return orchestrator;
    }

    /**
     * The high tags, without tags of a lower level.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> high() {
        return high;
    }

    /**
     * The standard tags.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> standard() {
        return standard;
    }

    /**
     * Whether the entity is gone.
     *
     * @return true for a {@link #deletion}
     */
    public boolean deleteEntity() {
        return deleteEntity;
    }

    /**
     * Whether the source reported all there is to know about the entity in its present state.
     *
     * @return false if the source may know more soon
     */
    public boolean complete() {
        return complete;
    }

    /**
     * Until when this holds.
     *
     * @return the moment at which the report expires; empty if the report holds until a replacement or deletion
     */
    public Optional<Instant> expiry() {
        return expiry;
    }

    /**
     * Whether the report has no tags.
     *
     * @return true if no level has a tag
     */
    public boolean isEmpty() {
        return low.isEmpty() && orchestrator.isEmpty() && high.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof TagInfo that
                        && source.equals(that.source)
                        && entity.equals(that.entity)
                        && low.equals(that.low)
                        && orchestrator.equals(that.orchestrator)
                        && high.equals(that.high)
                        && standard.equals(that.standard)
                        && deleteEntity == that.deleteEntity
                        && complete == that.complete
                        && expiry.equals(that.expiry);
    }

    @Override
    public int hashCode() {
        return Objects.hash(source, entity, low, orchestrator, high, deleteEntity);
    }

    @Override
    public String toString() {
        return deleteEntity
                ? source + " deletes " + entity
                : source + " says of " + entity + ": low " + low + " orchestrator " + orchestrator + " high " + high
                        + (complete ? "" : ", incomplete")
                        + expiry.map(e -> ", until " + e).orElse("");
    }

    /**
     * Collects tags. Not thread-safe; {@link #build} may be called more than once.
     *
     * <p>A tag is {@code name:value}. A tag with an empty name or an empty value is skipped silently, because the
     * fields of a source are often empty. A duplicate has no effect, and the order of the calls has none. Names and
     * values are kept unchanged.
     */
    public static final class Builder {
        private final String source;
        private final EntityId entity;
        private final TagLevel low = new TagLevel();
        private final TagLevel orchestrator = new TagLevel();
        private final TagLevel high = new TagLevel();
        private final TagLevel standard = new TagLevel();
        private boolean deleteEntity;
        private boolean complete = true;
        private Instant expiry; // null: none

        private Builder(String source, EntityId entity) {
            this.source = Objects.requireNonNull(source, "source");
            this.entity = Objects.requireNonNull(entity, "entity");
        }

        /**
         * Adds a low tag.
         *
         * @param name the tag's name
         * @param value the tag's value; a tag with a value of null, or an empty name or value, is left out
         * @return this
         */
        public Builder low(String name, String value) {
            return add(low, name, value);
        }

        /**
         * Adds an orchestrator tag.
         *
         * @param name the tag's name
         * @param value the tag's value; a tag with a value of null, or an empty name or value, is left out
         * @return this
         */
        public Builder orchestrator(String name, String value) {
            return add(orchestrator, name, value);
        }

        /**
         * Adds a high tag.
         *
         * @param name the tag's name
         * @param value the tag's value; a tag with a value of null, or an empty name or value, is left out
         * @return this
         */
        public Builder high(String name, String value) {
            return add(high, name, value);
        }

        /**
         * Adds a standard tag, also a low tag.
         *
         * @param name the tag's name, by convention {@code env}, {@code service} or {@code version}
         * @param value the tag's value; a tag with a value of null, or an empty name or value, is left out
         * @return this
         */
        public Builder standard(String name, String value) {
            return add(standard, name, value); // build() adds the tag to the low tags
        }

        /**
         * Adds a tag at the level marked in the name.
         *
         * @param name the tag's name: a leading {@code +} is cut off and makes the tag high; without {@code +} the tag
         *     is low
         * @param value the tag's value; a tag with a value of null, or an empty name or value, is left out
         * @return this
         */
        public Builder auto(String name, String value) {
            return name.startsWith("+") ? high(name.substring(1), value) : low(name, value);
        }

        /**
         * Adds ready-made tags at one level.
         *
         * @param cardinality the level
         * @param tags {@code name:value} strings, each split at the first {@code :}; a string without a {@code :} has
         *     no value and is skipped
         * @return this
         */
        public Builder tags(Cardinality cardinality, Collection<String> tags) {
            level(cardinality).addAll(tags);
            return this;
        }

        /**
         * Adds ready-made standard tags, also low tags.
         *
         * @param tags {@code name:value} strings, as for {@link #tags}
         * @return this
         */
        public Builder standard(Collection<String> tags) {
            standard.addAll(tags); // build() adds them to the low tags
            return this;
        }

        /**
         * Removes the tags of every level for which a condition is false.
         *
         * @param kept the condition, asked with {@code name:value} strings
         * @return this
         */
        public Builder retain(Predicate<String> kept) {
            for (TagLevel level : List.of(low, orchestrator, high, standard)) {
                level.open().removeIf(kept.negate());
            }
            return this;
        }

        /**
         * Says until when the info holds.
         *
         * @param moment the end of the report's validity; the tagger drops the report at the next prune at the latest
         * @return this
         */
        public Builder expiry(Instant moment) {
            expiry = Objects.requireNonNull(moment, "expiry");
            return this;
        }

        /**
         * Marks the report as incomplete, so that the source is asked again soon.
         *
         * @return this
         */
        public Builder incomplete() {
            complete = false;
            return this;
        }

        /**
         * Makes the info.
         *
         * @return the report, with all tags added so far
         */
        public TagInfo build() {
            return new TagInfo(this);
        }

        private TagLevel level(Cardinality cardinality) {
            return switch (cardinality) {
                case LOW -> low;
                case ORCHESTRATOR -> orchestrator;
                case HIGH -> high;
            };
        }

        private Builder add(TagLevel level, String name, String value) {
            Objects.requireNonNull(name, "name");
            if (!name.isEmpty() && value != null && !value.isEmpty()) {
                level.open().add(name + ':' + value);
            }
            return this;
        }
    }
}
