package io.tagger.runtime.explain;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Explanation.Lost;
import io.tagger.api.Explanation.Origin;
import io.tagger.api.Explanation.Source;
import io.tagger.api.Explanation.Tag;
import io.tagger.api.SourceTags;
import io.tagger.store.NameRules;
import io.tagger.store.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts the served tags of one entity beside the reports of the sources and the rules for names. Immutable. */
public final class Explainer {
    private static final String RENAME = "tagger.tag-names.rename";
    private static final String DROP = "tagger.tag-names.drop";

    private final EntityId entity;
    private final @Nullable Snapshot snapshot;
    private final List<Source> sources;
    private final NameRules names;

    /**
     * Takes the parts of an explanation.
     *
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     * @param sources the answers of the collectors
     * @param names the rules for the names of served tags
     */
    public Explainer(EntityId entity, @Nullable Snapshot snapshot, List<Source> sources, NameRules names) {
        this.entity = entity;
        this.snapshot = snapshot;
        this.sources = List.copyOf(sources);
        this.names = names;
    }

    /**
     * Explains.
     *
     * @param name the tag in question; empty for none
     * @return the explanation
     */
    public Explanation explain(String name) {
        boolean isComplete =
                (snapshot == null || snapshot.complete()) && sources.stream().allMatch(Source::complete);
        Explanation bare = new Explanation(entity, isComplete, tags(), lost(), sources, List.of());
        return new Explanation(
                entity, isComplete, bare.tags(), bare.lost(), sources, new Findings(bare, names).about(name));
    }

    private List<SourceTags> reported() {
        return snapshot == null ? List.of() : snapshot.reported();
    }

    private static Stream<String> all(SourceTags source) {
        return Stream.of(source.low(), source.orchestrator(), source.high()).flatMap(List::stream);
    }

    static String nameOf(String tag) {
        return tag.substring(0, tag.indexOf(':'));
    }

    private List<Tag> tags() {
        List<Tag> tags = new ArrayList<>();
        if (snapshot != null) {
            int begin = 0;
            for (Cardinality level : Cardinality.values()) {
                List<String> all = snapshot.tags(level);
                all.subList(begin, all.size()).forEach(tag -> tags.add(new Tag(tag, level, origins(tag))));
                begin = all.size();
            }
        }
        return tags;
    }

    /** The origins of a served tag: each source with a report that is served so. */
    private List<Origin> origins(String tag) {
        List<Origin> origins = new ArrayList<>();
        for (SourceTags source : reported()) {
            all(source)
                    .filter(reported -> served(reported).equals(tag)
                            && beatenBy(source, reported).isEmpty())
                    .forEach(reported -> origins.addAll(origins(source.source(), reported)));
        }
        return origins.stream().distinct().toList();
    }

    private String served(String reported) {
        String name = nameOf(reported);
        return names.served(name) + reported.substring(name.length());
    }

    /** The places in the source from which a reported tag comes; without a known place, the source alone. */
    private List<Origin> origins(String source, String reported) {
        String name = nameOf(reported);
        String served = names.served(name);
        String renamed = served.isEmpty() || served.equals(name) ? "" : RENAME + " { " + name + " = " + served + " }";
        List<Origin> known = sources.stream()
                .filter(one -> one.name().equals(source))
                .flatMap(one -> one.provenance().tags().stream())
                .filter(origin -> origin.tag().equals(reported))
                .map(origin -> new Origin(source, origin.from(), both(origin.rule(), renamed)))
                .distinct()
                .toList();
        return known.isEmpty() ? List.of(new Origin(source, "", renamed)) : known;
    }

    private static String both(String rule, String renamed) {
        return rule.isEmpty() || renamed.isEmpty() ? rule + renamed : rule + " and " + renamed;
    }

    private List<Lost> lost() {
        List<Lost> lost = new ArrayList<>();
        for (SourceTags source : reported()) {
            all(source).distinct().forEach(tag -> {
                Optional<SourceTags> winner = beatenBy(source, tag);
                boolean isDropped = names.served(nameOf(tag)).isEmpty();
                if (winner.isPresent() || isDropped) {
                    String why = winner.map(over -> over.source() + " sets " + nameOf(tag) + ", and its priority "
                                    + over.priority() + " is above " + source.priority())
                            .orElse("dropped by " + DROP);
                    lost.add(new Lost(tag, origins(source.source(), tag).get(0), why));
                }
            });
        }
        return lost;
    }

    /** The source of a strictly higher priority that reports a tag of the same name. */
    private Optional<SourceTags> beatenBy(SourceTags source, String tag) {
        String prefix = nameOf(tag) + ":";
        return reported().stream()
                .filter(other -> other.priority().compareTo(source.priority()) > 0)
                .filter(other -> all(other).anyMatch(one -> one.startsWith(prefix)))
                .findFirst();
    }
}
