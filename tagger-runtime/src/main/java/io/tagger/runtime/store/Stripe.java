package io.tagger.runtime.store;

import io.tagger.api.EntityId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * What the writers of one stripe's entities share: the deletions and the expiries. Its monitor is the stripe's lock, and everything in it is
 * guarded by that.
 */
final class Stripe {
    /** That an entity was deleted, or something of it taken back; guarded by the stripe. */
    static final class Deletion {
        /** Who says so; empty once it is carried out or everybody has taken it back. */
        final Set<Source> by = new HashSet<>(2);

        /** When; 0 if nobody has deleted the entity. */
        long sequence;

        /** Who has taken back what he said while others still know the entity, and when. */
        final Map<Source, Long> withdrawn = new HashMap<>(2);
    }

    /** When to look whether what a source said of an entity has expired. */
    record Expiry(long at, String key, Source source) {}

    final Map<String, Deletion> deletions = new HashMap<>(2);
    final PriorityQueue<Expiry> expiries = new PriorityQueue<>(2, Comparator.comparingLong(Expiry::at));

    void mark(EntityId entity, Source source, long sequence) {
        Deletion deletion = deletion(entity.toString());
        deletion.by.add(source);
        deletion.sequence = sequence;
    }

    Deletion deletion(String entity) {
        return deletions.computeIfAbsent(entity, key -> new Deletion());
    }

    void unmark(String entity, Source source) {
        Deletion deletion = deletions.get(entity);
        if (deletion != null) {
            deletion.by.remove(source);
        }
    }

    void queue(String key, Entry entry) {
        if (entry.expiry < entry.turn) {
            entry.turn = entry.expiry;
            expiries.add(new Expiry(entry.expiry, key, entry.source));
        }
    }
}
