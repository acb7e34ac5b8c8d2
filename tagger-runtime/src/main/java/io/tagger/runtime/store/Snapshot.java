package io.tagger.runtime.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of an entity, merged and immutable: what a lookup finds.
 *
 * <p>The merge goes through the sources from the highest priority down. A tag name that a strictly higher priority has set is dropped from
 * the lower ones on every level; sources of equal priority add up; a tag that stands on two levels is kept on the lower one. Nothing of
 * this looks at when a source spoke, so the outcome does not depend on the order of arrival.
 */
public final class Snapshot implements EntityTags {
    private final EntityId entity;
    private final TagList low;
    private final TagList orchestrator;
    private final TagList high;
    private final TagList standard;
    private final boolean complete;
    private final Entry[] entries; // by Source.compare

    private Snapshot(
            EntityId entity, String[] tags, int lowEnd, int orchestratorEnd, String[] standard, Entry[] entries) {
        this.entity = entity;
        this.high = new TagList(tags, tags.length);
        this.orchestrator = orchestratorEnd == tags.length ? high : new TagList(tags, orchestratorEnd);
        this.low = lowEnd == orchestratorEnd ? orchestrator : new TagList(tags, lowEnd);
        this.standard = standard.length == 0 ? TagList.EMPTY : new TagList(standard, standard.length);
        this.entries = entries;
        this.complete = Arrays.stream(entries).allMatch(entry -> entry.complete);
    }

    private Snapshot(Snapshot other, boolean complete) {
        this.entity = other.entity;
        this.low = other.low;
        this.orchestrator = other.orchestrator;
        this.high = other.high;
        this.standard = other.standard;
        this.entries = other.entries;
        this.complete = complete;
    }

    /**
     * What there is to say of an entity of which nobody has said anything yet, although somebody may.
     *
     * @param entity the entity
     * @return no tags, incomplete
     */
    public static Snapshot untold(EntityId entity) {
        return new Snapshot(entity, new String[0], 0, 0, new String[0], new Entry[0]).incomplete();
    }

    /** Merges what the sources said. The entries are taken over, sorted by {@link Source#compare}, at least one. */
    static Snapshot merge(EntityId entity, Entry[] entries) {
        Entry first = entries[0];
        if (entries.length == 1) {
            return new Snapshot(entity, first.tags, first.lowEnd, first.orchestratorEnd, first.standard, entries);
        }
        TreeSet<String> low = new TreeSet<>();
        TreeSet<String> orchestrator = new TreeSet<>();
        TreeSet<String> high = new TreeSet<>();
        TreeSet<String> standard = new TreeSet<>();
        Set<String> taken = new HashSet<>(); // names that a strictly higher priority has set
        Set<String> current = new HashSet<>(); // names of the priority at hand
        for (int e = 0; e < entries.length; e++) {
            Entry entry = entries[e];
            if (e > 0 && entries[e - 1].source.priority() != entry.source.priority()) {
                taken.addAll(current);
                current.clear();
            }
            for (int i = 0; i < entry.tags.length; i++) {
                String name = name(entry.tags[i]);
                if (!taken.contains(name)) {
                    current.add(name);
                    switch (entry.level(i)) {
                        case LOW -> low.add(entry.tags[i]);
                        case ORCHESTRATOR -> orchestrator.add(entry.tags[i]);
                        case HIGH -> high.add(entry.tags[i]);
                    }
                }
            }
            for (String tag : entry.standard) {
                if (!taken.contains(name(tag))) {
                    standard.add(tag);
                }
            }
        }
        orchestrator.removeAll(low);
        high.removeAll(low);
        high.removeAll(orchestrator);
        String[] tags = new String[low.size() + orchestrator.size() + high.size()];
        int end = copy(high, tags, copy(orchestrator, tags, copy(low, tags, 0)));
        return new Snapshot(entity, tags, low.size(), end - high.size(), standard.toArray(new String[0]), entries);
    }

    @Override
    public EntityId entity() {
        return entity;
    }

    @Override
    public List<String> tags(Cardinality cardinality) {
        return switch (cardinality) {
            case LOW -> low;
            case ORCHESTRATOR -> orchestrator;
            case HIGH -> high;
        };
    }

    @Override
    public List<String> standard() {
        return standard;
    }

    @Override
    public Map<String, TagInfo> sources() {
        Map<String, TagInfo> sources = new LinkedHashMap<>();
        for (Entry entry : entries) {
            sources.put(entry.source.name(), entry.info(entity));
        }
        return Collections.unmodifiableMap(sources);
    }

    @Override
    public boolean complete() {
        return complete;
    }

    /**
     * The same, said to be incomplete.
     *
     * @return a copy that shares the tags
     */
    public Snapshot incomplete() {
        return complete ? new Snapshot(this, false) : this;
    }

    /**
     * Whether a source has said all it knows.
     *
     * @param source the source
     * @return whether it has an entry here, and a complete one
     */
    public boolean answeredBy(Source source) {
        Entry entry = entry(source);
        return entry != null && entry.complete;
    }

    @Override
    public String toString() {
        return entity + " " + high;
    }

    @Nullable
    Entry entry(Source source) {
        for (Entry entry : entries) {
            if (entry.source == source) {
                return entry;
            }
        }
        return null;
    }

    Entry[] entries() {
        return entries;
    }

    /** The entries with one added, or put in the place of its source's last one. */
    static Entry[] with(Entry[] entries, Entry added) {
        int at = 0;
        while (at < entries.length && Source.compare(entries[at].source, added.source) < 0) {
            at++;
        }
        boolean replaces = at < entries.length && entries[at].source == added.source;
        Entry[] result = new Entry[replaces ? entries.length : entries.length + 1];
        System.arraycopy(entries, 0, result, 0, at);
        result[at] = added;
        System.arraycopy(entries, replaces ? at + 1 : at, result, at + 1, result.length - at - 1);
        return result;
    }

    static Entry[] without(Entry[] entries, Entry removed) {
        return Arrays.stream(entries).filter(entry -> entry != removed).toArray(Entry[]::new);
    }

    private static String name(String tag) {
        return tag.substring(0, tag.indexOf(':'));
    }

    private static int copy(Set<String> level, String[] to, int from) {
        int at = from;
        for (String tag : level) {
            to[at++] = tag;
        }
        return at;
    }
}
