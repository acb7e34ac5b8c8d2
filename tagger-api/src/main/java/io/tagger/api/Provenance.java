package io.tagger.api;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The origin of the tags of one entity at one source, for an operator who asks why a tag is there, or missing. Immutable
 * and thread-safe.
 *
 * @param tags the tags that the source has for the entity now, each with its origin
 * @param seen the names of labels, annotations and variables that the source has for the entity
 * @param rules the rules of the configuration that were applied
 * @param notes further facts, a sentence each: why the entity is left out, or why a value was skipped
 */
public record Provenance(List<Tag> tags, List<Seen> seen, List<Rule> rules, List<String> notes) {
    /** The number of elements kept of each list. */
    public static final int MOST = 1_000;

    /** Of a source that knows nothing about the entity. */
    public static final Provenance NONE = new Provenance(List.of(), List.of(), List.of(), List.of());

    /** Copies the lists, up to {@link #MOST} elements of each. */
    public Provenance {
        tags = first(tags);
        seen = first(seen);
        rules = first(rules);
        notes = first(notes);
    }

    private static <T> List<T> first(List<T> list) {
        return List.copyOf(list.size() <= MOST ? list : list.subList(0, MOST));
    }

    /**
     * A tag with its origin.
     *
     * @param tag {@code name:value}
     * @param level the level at which the source reports the tag
     * @param from the field of the source, such as {@code label com.acme.team} or {@code Config.Image}
     * @param rule the rule of the configuration, such as {@code tagger.container.labels-as-tags "com.acme.*"}; empty for
     *     a built-in rule
     */
    public record Tag(String tag, Cardinality level, String from, String rule) {
        /** Refuses null. */
        public Tag {
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(level, "level");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(rule, "rule");
        }
    }

    /**
     * A name at the source.
     *
     * @param kind {@code label}, {@code annotation}, {@code variable}, or a further kind of this source
     * @param name the name
     * @param setting the setting with the rules for such names
     * @param refusal why no rule may use the value, such as a secret's name; empty for none
     */
    public record Seen(String kind, String name, String setting, String refusal) {
        /** Refuses null. */
        public Seen {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(setting, "setting");
            Objects.requireNonNull(refusal, "refusal");
        }
    }

    /**
     * A rule of the configuration.
     *
     * @param setting the key of the setting
     * @param kind the kind of names to which the rule applies, as in {@link Seen#kind}
     * @param pattern the name or glob, as written
     * @param tags the tag names that the rule makes, as written
     */
    public record Rule(String setting, String kind, String pattern, String tags) {
        /** Refuses null. */
        public Rule {
            Objects.requireNonNull(setting, "setting");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(pattern, "pattern");
            Objects.requireNonNull(tags, "tags");
        }
    }

    /** Collects the parts of a provenance. Not thread-safe. */
    public static final class Builder {
        private final Set<Tag> tags = new LinkedHashSet<>();
        private final Set<Seen> seen = new LinkedHashSet<>();
        private final Set<Rule> rules = new LinkedHashSet<>();
        private final List<String> notes = new ArrayList<>();

        /** Begins without a part. */
        public Builder() {}

        /**
         * Adds a tag.
         *
         * @param tag the tag
         * @return this
         */
        public Builder tag(Tag tag) {
            tags.add(tag);
            return this;
        }

        /**
         * Adds the tags of a report.
         *
         * @param info the report
         * @param from the field of each tag, by the tag's name
         * @return this
         */
        public Builder info(TagInfo info, UnaryOperator<String> from) {
            add(Cardinality.LOW, info.low(), from);
            add(Cardinality.ORCHESTRATOR, info.orchestrator(), from);
            add(Cardinality.HIGH, info.high(), from);
            return this;
        }

        private void add(Cardinality level, List<String> all, UnaryOperator<String> from) {
            for (String tag : all) {
                tags.add(new Tag(tag, level, from.apply(tag.substring(0, tag.indexOf(':'))), ""));
            }
        }

        /**
         * Adds a name.
         *
         * @param name the name
         * @return this
         */
        public Builder seen(Seen name) {
            seen.add(name);
            return this;
        }

        /**
         * Adds a rule.
         *
         * @param rule the rule
         * @return this
         */
        public Builder rule(Rule rule) {
            rules.add(rule);
            return this;
        }

        /**
         * Adds a further fact.
         *
         * @param note a sentence
         * @return this
         */
        public Builder note(String note) {
            notes.add(note);
            return this;
        }

        /**
         * Makes the provenance.
         *
         * @return the parts added so far
         */
        public Provenance build() {
            return new Provenance(List.copyOf(tags), List.copyOf(seen), List.copyOf(rules), notes);
        }
    }
}
