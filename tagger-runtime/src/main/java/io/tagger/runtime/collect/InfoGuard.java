package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks the infos of one collector before they reach the store, and keeps the collector within its limits.
 * Thread-safe.
 */
final class InfoGuard {
    /** Bytes of a UTF-16 character in UTF-8, at most. */
    private static final int MOST_BYTES = 3;

    /** Collectors of one entity that may have many tags each. */
    private static final int SHARES = 4;

    /** Kinds of entities that are remembered for a collector. */
    private static final int MOST_KINDS = 1_000;

    private final Set<String> kinds = ConcurrentHashMap.newKeySet(); // of the entities reported so far
    private final CollectorPlugin plugin;
    private final CollectorSources sources;
    private final TagStore store;
    private final HostSettings.Limits limits;
    private final CollectorCounters counters;

    InfoGuard(
            CollectorPlugin plugin,
            CollectorSources sources,
            TagStore store,
            HostSettings.Limits limits,
            CollectorCounters counters) {
        this.plugin = plugin;
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
     * @return a copy, without tags over the limits, and without deletions of kinds that the collector does not report
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
        checked.removeIf(this::isForeignDeletion);
        checked.replaceAll(info -> withinLimits(info, source));
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
        return snapshot != null && snapshot.isReportedBy(source);
    }

    /** A deletion takes the tags of all sources, so that only a collector with entities of the kind may report one. */
    private boolean isForeignDeletion(TagInfo info) {
        String kind = info.entity().prefix();
        if (!info.deleteEntity()) {
            if (!info.isEmpty() && kinds.size() < MOST_KINDS) {
                kinds.add(kind);
            }
            return false;
        }
        boolean isForeign = !kinds.contains(kind) && !plugin.entityPrefixes().contains(kind);
        if (isForeign) {
            counters.rejected("the deletion of " + info.entity() + " was left out: the collector has never reported a "
                    + kind + ", and does not name the kind in entityPrefixes()");
        }
        return isForeign;
    }

    /** Leaves out the longest tags of an info over the limits; the rest is taken, and is incomplete. */
    private TagInfo withinLimits(TagInfo info, Source source) {
        List<List<String>> levels = List.of(info.low(), info.orchestrator(), info.high());
        int count = levels.stream().mapToInt(List::size).sum();
        boolean isOnlySource = source == sources.own() && !sources.isRelaying();
        if (isOnlySource && count <= limits.tags() && characters(levels) * MOST_BYTES <= limits.tagBytes() / SHARES) {
            return info;
        }
        List<String> shortestFirst = levels.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingInt(InfoGuard::bytes))
                .toList();
        Room room = room(info.entity(), source);
        long bytes = room.bytes;
        Set<String> kept = new HashSet<>();
        for (String tag : shortestFirst) {
            bytes -= bytes(tag);
            if (bytes < 0 || kept.size() >= room.tags) {
                break;
            }
            kept.add(tag);
        }
        if (kept.size() == new HashSet<>(shortestFirst).size()) {
            return info;
        }
        counters.rejected((count - kept.size()) + " of " + count + " tags of " + info.entity()
                + " were left out, the longest first: an entity may have " + limits.tags() + " tags of "
                + limits.tagBytes() + " bytes together (tagger.collect.max-tags, max-tag-bytes)");
        return info.toBuilder().retain(kept::contains).incomplete().build();
    }

    /** What is left of an entity's limits. */
    private record Room(long tags, long bytes) {}

    /**
     * The room left for a source: by the other collectors at least a fair share, of which the collector's further sources
     * have taken a part.
     */
    private Room room(EntityId entity, Source source) {
        Snapshot snapshot = store.find(entity);
        if (snapshot == null) {
            return new Room(limits.tags(), limits.tagBytes());
        }
        long ownTags = 0;
        long ownBytes = 0;
        long otherBytes = 0;
        for (Map.Entry<String, TagInfo> one : snapshot.sources().entrySet()) {
            if (one.getKey().equals(source.name())) {
                continue;
            }
            TagInfo info = one.getValue();
            List<List<String>> levels = List.of(info.low(), info.orchestrator(), info.high());
            long bytes = levels.stream()
                    .flatMap(List::stream)
                    .mapToLong(InfoGuard::bytes)
                    .sum();
            if (sources.isOwn(one.getKey())) {
                ownTags += levels.stream().mapToLong(List::size).sum();
                ownBytes += bytes;
            } else {
                otherBytes += bytes;
            }
        }
        long share = Math.max(limits.tagBytes() / SHARES, limits.tagBytes() - otherBytes);
        return new Room(limits.tags() - ownTags, share - ownBytes);
    }

    private static long characters(List<List<String>> levels) {
        long characters = 0;
        for (List<String> tags : levels) {
            for (String tag : tags) {
                characters += tag.length();
            }
        }
        return characters;
    }

    private static int bytes(String tag) {
        return tag.getBytes(StandardCharsets.UTF_8).length;
    }
}
