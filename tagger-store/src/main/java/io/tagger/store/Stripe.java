package io.tagger.store;

import io.tagger.api.EntityId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the writers of one stripe's entities share: the lock, and guarded by it the deletions, the expiries and what is to be
 * pooled.
 */
final class Stripe {
    /** That an entity was deleted, or something of it taken back; guarded by the stripe. */
    static final class Deletion {
        /** Who says so; empty once it is carried out or everybody has taken it back. */
        final Set<Source> by = new HashSet<>(2);

        /** When: how many fetches had begun. 0 if nobody has deleted the entity. */
        long stamp;

        /** Who has taken back what he said while others still know the entity, and when. */
        final Map<Source, Long> withdrawn = new HashMap<>(2);
    }

    /** When to look whether what a source said of an entity has expired. */
    record Expiry(long at, EntityId entity, Source source) {}

    private final ReentrantLock lock = new ReentrantLock();

    final Map<EntityId, Deletion> deletions = new HashMap<>(2);
    final PriorityQueue<Expiry> expiries = new PriorityQueue<>(2, Comparator.comparingLong(Expiry::at));
    /** Of which entities something is not in the pool yet. */
    Set<EntityId> unpooled = new HashSet<>(2);

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    void mark(EntityId entity, Source source, long stamp) {
        Deletion deletion = deletion(entity);
        deletion.by.add(source);
        deletion.stamp = stamp;
    }

    Deletion deletion(EntityId entity) {
        return deletions.computeIfAbsent(entity, key -> new Deletion());
    }

    void unmark(EntityId entity, Source source) {
        Deletion deletion = deletions.get(entity);
        if (deletion != null) {
            deletion.by.remove(source);
        }
    }

    /** Gives an entry a turn at its end, unless it has one at that time or before. */
    void queue(EntityId entity, Entry entry, Entry.Lifetime lifetime) {
        if (lifetime.end < lifetime.turn) {
            lifetime.turn = lifetime.end;
            expiries.add(new Expiry(lifetime.end, entity, entry.source));
        }
    }
}
