package io.tagger.store;

import io.tagger.api.EntityId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The deletions and withdrawals of one stripe's entities. Guarded by the stripe's lock.
 *
 * <p>A deletion is a <em>mark</em> until a prune carries out the deletion. A mark remembers the sources that set it, because only the
 * same source takes the mark back by adding the entity again. The <em>stamp</em> of a deletion or a withdrawal outlives
 * the prune while an earlier fetch is under way: the answer of an earlier fetch may still contain the deleted tags.
 */
final class DeletionMarks {
    /** The deletion of one entity, or the withdrawal of a part of the entity's tags. */
    private static final class Deletion {
        /**
         * The sources that deleted the entity, with the time of their marks in milliseconds since the epoch; empty after
         * the deletion was carried out or taken back.
         */
        final Map<Source, Long> by = new HashMap<>(2);

        /** The stamp of the deletion; 0 for an entity without a deletion. */
        long stamp;

        /** The stamps of withdrawals, by the withdrawn source; further sources still report the entity. */
        final Map<Source, Long> withdrawn = new HashMap<>(2);
    }

    private final Map<EntityId, Deletion> deletions = new HashMap<>(2);

    /**
     * Marks an entity as deleted.
     *
     * @param now the time, in milliseconds since the epoch; a repeated mark keeps the time of the first
     */
    void mark(EntityId entity, Source source, long stamp, long now) {
        Deletion deletion = of(entity);
        deletion.by.putIfAbsent(source, now);
        deletion.stamp = stamp;
    }

    /** Takes the mark of a source back. */
    void unmark(EntityId entity, Source source) {
        Deletion deletion = deletions.get(entity);
        if (deletion != null) {
            deletion.by.remove(source);
        }
    }

    /** Keeps the stamp of an entity removed at once, together with its last source; its marks are carried out by that. */
    void stampDeletion(EntityId entity, long stamp) {
        Deletion deletion = of(entity);
        deletion.by.clear();
        deletion.stamp = stamp;
    }

    /** Keeps the stamp of a withdrawal. */
    void stampWithdrawal(EntityId entity, Source source, long stamp) {
        of(entity).withdrawn.put(source, stamp);
    }

    /** Whether the entity was deleted, or the tags of the source were withdrawn, since a fetch began. */
    boolean happenedSince(Ticket ticket, EntityId entity, Source source) {
        Deletion deletion = deletions.get(entity);
        return deletion != null
                && (deletion.stamp >= ticket.number || deletion.withdrawn.getOrDefault(source, 0L) >= ticket.number);
    }

    /**
     * Carries out the deletions marked until a moment, and forgets stamps older than every open fetch.
     *
     * @param until the moment, in milliseconds since the epoch; later marks stay
     * @param remove removes an entity; false if the entity is unknown
     * @param clock the clock of the stamps
     * @return the number of entities removed
     */
    int carryOut(long until, Predicate<EntityId> remove, FetchClock clock) {
        if (deletions.isEmpty()) {
            return 0;
        }
        int removed = 0;
        long oldest = clock.oldest();
        var all = deletions.entrySet().iterator();
        while (all.hasNext()) {
            var next = all.next();
            Deletion deletion = next.getValue();
            if (deletion.by.values().stream().anyMatch(marked -> marked <= until)) {
                removed += remove.test(next.getKey()) ? 1 : 0;
                deletion.by.clear();
            }
            deletion.withdrawn.values().removeIf(stamp -> stamp < oldest);
            if (deletion.by.isEmpty() && deletion.stamp < oldest && deletion.withdrawn.isEmpty()) {
                all.remove();
            }
        }
        return removed;
    }

    /** The number of entities with a mark or a stamp. */
    int size() {
        return deletions.size();
    }

    private Deletion of(EntityId entity) {
        return deletions.computeIfAbsent(entity, key -> new Deletion());
    }
}
