package io.tagger.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Why an entity has its tags, and why a tag is missing. Immutable and thread-safe.
 *
 * @param entity the entity
 * @param complete whether the tags are final until the next change outside, as in {@link EntityTags#complete}
 * @param tags the served tags, with their origins
 * @param lost the reported tags that are not served
 * @param sources the collectors, with the answer of each
 * @param findings sentences about the tag in question, the most likely reason first; without such a tag, about the entity
 */
public record Explanation(
        EntityId entity,
        boolean complete,
        List<Tag> tags,
        List<Lost> lost,
        List<Source> sources,
        List<String> findings) {
    /** Copies the lists. */
    public Explanation {
        Objects.requireNonNull(entity, "entity");
        tags = List.copyOf(tags);
        lost = List.copyOf(lost);
        sources = List.copyOf(sources);
        findings = List.copyOf(findings);
    }

    /**
     * A served tag.
     *
     * @param tag {@code name:value}
     * @param level the level of the tag
     * @param origins where the tag comes from: each source that reports the tag
     */
    public record Tag(String tag, Cardinality level, List<Origin> origins) {
        /** Copies the list. */
        public Tag {
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(level, "level");
            origins = List.copyOf(origins);
        }
    }

    /**
     * The origin of a tag.
     *
     * @param source the collector that reported the tag
     * @param from the field of the collector's source, such as {@code label com.acme.team}; empty if not known
     * @param rule the rule of the configuration that made the tag; empty for a built-in rule
     */
    public record Origin(String source, String from, String rule) {
        /** Refuses null. */
        public Origin {
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(rule, "rule");
        }
    }

    /**
     * A reported tag that is not served.
     *
     * @param tag {@code name:value}, as reported
     * @param origin where the tag comes from
     * @param why the source of a higher priority that sets the name, or the rule that drops the tag
     */
    public record Lost(String tag, Origin origin, String why) {
        /** Refuses null. */
        public Lost {
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * The answer of one collector.
     *
     * @param name the collector
     * @param priority the rank of the collector's tags
     * @param answer what the collector has answered about the entity, or why the collector was not asked
     * @param complete whether the answer is final
     * @param provenance the collector's view of its source; {@link Provenance#NONE} if the collector can't tell
     */
    public record Source(
            String name, CollectorPriority priority, String answer, boolean complete, Provenance provenance) {
        /** Refuses null. */
        public Source {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(priority, "priority");
            Objects.requireNonNull(answer, "answer");
            Objects.requireNonNull(provenance, "provenance");
        }
    }

    /** An explanation by the sources of the tags alone. */
    static Explanation of(EntityTags known) {
        List<Source> sources = new ArrayList<>();
        for (SourceTags source : known.bySource()) {
            sources.add(new Source(
                    source.source(), source.priority(), "has reported tags", source.complete(), Provenance.NONE));
        }
        List<Tag> tags = new ArrayList<>();
        int begin = 0;
        for (Cardinality level : Cardinality.values()) {
            List<String> all = known.tags(level);
            for (String tag : all.subList(begin, all.size())) {
                tags.add(new Tag(tag, level, origins(tag, known)));
            }
            begin = all.size();
        }
        return new Explanation(known.entity(), known.complete(), tags, List.of(), sources, List.of());
    }

    private static List<Origin> origins(String tag, EntityTags known) {
        return known.bySource().stream()
                .filter(source -> source.low().contains(tag)
                        || source.orchestrator().contains(tag)
                        || source.high().contains(tag))
                .map(source -> new Origin(source.source(), "", ""))
                .toList();
    }

    /** An explanation of an entity without tags. */
    static Explanation unknown(EntityId entity) {
        return new Explanation(entity, true, List.of(), List.of(), List.of(), List.of(entity + " is not known"));
    }
}
