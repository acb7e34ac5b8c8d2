package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks the infos of one collector before they reach the store, and keeps the collector within its limits.
 * Thread-safe.
 */
final class InfoGuard {
    private final CollectorSources sources;
    private final TagStore store;
    private final HostSettings.Limits limits;
    private final CollectorCounters counters;

    InfoGuard(CollectorSources sources, TagStore store, HostSettings.Limits limits, CollectorCounters counters) {
        this.sources = sources;
        this.store = store;
        this.limits = limits;
        this.counters = counters;
    }

    /**
     * Checks the form of a list of infos, and keeps the collector within its limits.
     *
     * @param source the required source of the infos
     * @param infos the infos from the collector
     * @return a copy, without overlong tags
     * @throws NullPointerException if the list or an info is null
     * @throws IllegalArgumentException if an info has another source
     * @throws IllegalStateException if the collector would exceed its number of entities
     */
    List<TagInfo> check(Source source, @Nullable Collection<TagInfo> infos) {
        List<TagInfo> checked = wellFormed(source, infos);
        try {
            refuseTooMany(source, checked);
        } catch (IllegalStateException e) {
            counters.rejected(String.valueOf(e.getMessage()));
            throw e;
        }
        checked.replaceAll(this::withoutLongTags);
        return checked;
    }

    /**
     * Checks the form of a list of infos alone.
     *
     * @param source the required source of the infos
     * @param infos the infos from the collector
     * @return a copy
     * @throws NullPointerException if the list or an info is null
     * @throws IllegalArgumentException if an info has another source
     */
    List<TagInfo> wellFormed(Source source, @Nullable Collection<TagInfo> infos) {
        try {
            if (infos == null) {
                throw new NullPointerException("null instead of a list of infos");
            }
            List<TagInfo> checked = new ArrayList<>(infos);
            for (TagInfo info : checked) {
                if (info == null) {
                    throw new NullPointerException("null among the infos; the whole list is refused");
                }
                if (!info.source().equals(source.name())) {
                    throw new IllegalArgumentException("'" + source.name() + "' sent an info on " + info.entity()
                            + " whose source is '" + info.source()
                            + "': a collector reports under its own name only; the whole list is refused");
                }
            }
            return checked;
        } catch (NullPointerException | IllegalArgumentException e) {
            counters.rejected(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Keeps one collector from taking the memory of all collectors. */
    private void refuseTooMany(Source source, List<TagInfo> infos) {
        long room = limits.entities() - sources.entities();
        if (infos.size() <= room) {
            return;
        }
        long more = infos.stream()
                .filter(info -> !info.deleteEntity() && !info.isEmpty())
                .map(TagInfo::entity)
                .distinct()
                .filter(entity -> !isHeld(entity, source))
                .count();
        if (more > Math.max(0, room)) {
            throw new IllegalStateException("it has " + sources.entities() + " entities, and " + more
                    + " more are over the limit of " + limits.entities()
                    + " (tagger.collect.max-entities); none of the infos is taken");
        }
    }

    private boolean isHeld(EntityId entity, Source source) {
        Snapshot snapshot = store.find(entity);
        return snapshot != null && snapshot.sources().containsKey(source.name());
    }

    /** Leaves out tags over the limit; the rest of the info is taken. */
    private TagInfo withoutLongTags(TagInfo info) {
        Predicate<String> fits = tag -> tag.length() <= limits.tagLength();
        if (Stream.of(info.low(), info.orchestrator(), info.high())
                .allMatch(tags -> tags.stream().allMatch(fits))) {
            return info;
        }
        counters.rejected("a tag of " + info.entity() + " was left out: longer than the " + limits.tagLength()
                + " characters of tagger.collect.max-tag-length");
        return info.toBuilder().retain(fits).build();
    }
}
