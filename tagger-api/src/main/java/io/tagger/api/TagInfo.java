package io.tagger.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What one source says about one entity: all of its tags, or that the entity is gone.
 *
 * <p>It is the whole of what the source has to say: once a tagger has it, it replaces everything that the same source said about the same
 * entity before. An info without tags therefore withdraws what the source had said.
 *
 * <p>Immutable and thread-safe; two infos with the same content are equal, in whatever order their tags were added. The lists are sorted,
 * unmodifiable and without duplicates.
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
        low = sorted(builder.low, List.of(), List.of());
        // A tag that stands on two levels is answered on the lower one already; once is enough.
        orchestrator = sorted(builder.orchestrator, low, List.of());
        high = sorted(builder.high, low, orchestrator);
        standard = sorted(builder.standard, List.of(), List.of());
        deleteEntity = builder.deleteEntity;
        complete = builder.complete;
        expiry = Optional.ofNullable(builder.expiry);
    }

    /** Without duplicates and without what stands in two other lists, which are sorted. */
    private static List<String> sorted(List<String> added, List<String> lower, List<String> lowest) {
        String[] tags = added.toArray(new String[0]);
        Arrays.sort(tags);
        int kept = 0;
        for (String tag : tags) {
            boolean again = kept > 0 && tags[kept - 1].equals(tag);
            if (!again && Collections.binarySearch(lower, tag) < 0 && Collections.binarySearch(lowest, tag) < 0) {
                tags[kept++] = tag;
            }
        }
        return List.of(kept == tags.length ? tags : Arrays.copyOf(tags, kept));
    }

    /**
     * Begins what a source says about an entity.
     *
     * @param source the name of the collector that says it
     * @param entity the entity
     * @return a builder without tags
     */
    public static Builder builder(String source, EntityId entity) {
        return new Builder(source, entity);
    }

    /**
     * Says that an entity is gone, for all sources.
     *
     * @param source the name of the collector that says it
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
     * @return a builder with everything that this info has
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
     * Who says it.
     *
     * @return the name of the collector
     */
    public String source() {
        return source;
    }

    /**
     * About what.
     *
     * @return the entity
     */
    public EntityId entity() {
        return entity;
    }

    /**
     * The low tags, the standard ones among them.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> low() {
        return low;
    }

    /**
     * The orchestrator tags, without those that are low too.
     *
     * @return {@code name:value} strings, sorted
     */
    public List<String> orchestrator() {
        return orchestrator;
    }

    /**
     * The high tags, without those that stand on a lower level too.
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
     * Whether the source has said all it will ever know about the entity as it is now.
     *
     * @return false if it is worth asking again soon
     */
    public boolean complete() {
        return complete;
    }

    /**
     * Until when this holds.
     *
     * @return the moment from which the info must no longer be trusted; empty if it holds until it is replaced or deleted
     */
    public Optional<Instant> expiry() {
        return expiry;
    }

    /**
     * Whether there is no tag in it.
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
     * <p>A tag is {@code name:value}. One with an empty name or an empty value is skipped without a word, because the fields that tags come
     * from are often empty. Adding a tag again changes nothing, and the order of adding does not matter. Names and values are kept as they
     * are.
     */
    public static final class Builder {
        private final String source;
        private final EntityId entity;
        private final ArrayList<String> low = new ArrayList<>(0);
        private final ArrayList<String> orchestrator = new ArrayList<>(0);
        private final ArrayList<String> high = new ArrayList<>(0);
        private final ArrayList<String> standard = new ArrayList<>(0);
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
         * @param name its name
         * @param value its value
         * @return this
         */
        public Builder low(String name, String value) {
            return add(low, name, value);
        }

        /**
         * Adds an orchestrator tag.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Builder orchestrator(String name, String value) {
            return add(orchestrator, name, value);
        }

        /**
         * Adds a high tag.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Builder high(String name, String value) {
            return add(high, name, value);
        }

        /**
         * Adds a standard tag, which is a low tag too.
         *
         * @param name its name, one of {@code env}, {@code service} and {@code version} by convention
         * @param value its value
         * @return this
         */
        public Builder standard(String name, String value) {
            add(standard, name, value);
            return add(low, name, value);
        }

        /**
         * Adds a tag at the level that its name asks for.
         *
         * @param name its name: with a leading {@code +}, which is cut off, the tag is high, otherwise low
         * @param value its value
         * @return this
         */
        public Builder auto(String name, String value) {
            return name.startsWith("+") ? high(name.substring(1), value) : low(name, value);
        }

        /**
         * Adds tags that are put together already, at one level.
         *
         * @param cardinality the level
         * @param tags {@code name:value} strings, each split at its first {@code :}; one without a {@code :} has no value and is skipped
         * @return this
         */
        public Builder tags(Cardinality cardinality, Collection<String> tags) {
            addAll(level(cardinality), tags);
            return this;
        }

        /**
         * Adds standard tags that are put together already; each is a low tag too.
         *
         * @param tags {@code name:value} strings, as for {@link #tags}
         * @return this
         */
        public Builder standard(Collection<String> tags) {
            addAll(standard, tags);
            addAll(low, tags);
            return this;
        }

        /**
         * Removes the tags of every level that a condition does not hold for.
         *
         * @param kept the condition, asked with {@code name:value} strings
         * @return this
         */
        public Builder retain(Predicate<String> kept) {
            for (List<String> level : List.of(low, orchestrator, high, standard)) {
                level.removeIf(kept.negate());
            }
            return this;
        }

        /**
         * Says until when the info holds.
         *
         * @param moment from then on it is not to be trusted; it is dropped at the next prune at the latest
         * @return this
         */
        public Builder expiry(Instant moment) {
            expiry = Objects.requireNonNull(moment, "expiry");
            return this;
        }

        /**
         * Says that there is more to know, so that the source is asked again soon.
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
         * @return what was added so far
         */
        public TagInfo build() {
            return new TagInfo(this);
        }

        private static void addAll(ArrayList<String> level, Collection<String> tags) {
            level.ensureCapacity(level.size() + tags.size());
            for (String tag : tags) {
                int colon = tag.indexOf(':');
                if (colon > 0 && colon < tag.length() - 1) {
                    level.add(tag);
                }
            }
        }

        private ArrayList<String> level(Cardinality cardinality) {
            return switch (cardinality) {
                case LOW -> low;
                case ORCHESTRATOR -> orchestrator;
                case HIGH -> high;
            };
        }

        private Builder add(List<String> level, String name, String value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
            if (!name.isEmpty() && !value.isEmpty()) {
                level.add(name + ':' + value);
            }
            return this;
        }
    }
}
