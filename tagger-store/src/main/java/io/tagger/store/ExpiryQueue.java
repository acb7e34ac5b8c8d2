package io.tagger.store;

import io.tagger.api.EntityId;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The expiring entries of one stripe, in the order of expiry. Guarded by the stripe's lock.
 *
 * <p>Each expiring pair of entity and source has one <em>turn</em> in the queue, handed on between successive entries
 * of the pair. If the expiry is put off, the entry gets the next turn when the old turn comes, so that a renewal costs
 * nothing. If the expiry is brought forward, the entry gets an earlier turn, and the old turn is skipped. The turn of a
 * removed entry stays in the queue until due.
 */
final class ExpiryQueue {
    /** The time, in milliseconds since the epoch, at which the entry of an entity and a source is examined. */
    private record Turn(long at, EntityId entity, Source source) {}

    private final PriorityQueue<Turn> turns = new PriorityQueue<>(2, Comparator.comparingLong(Turn::at));

    /**
     * Gives an entry the expiry of a report.
     *
     * @param entity the entity of the entry
     * @param entry the entry, new or reported again
     * @param last the entry before; null if there was none
     * @param expiry the expiry in the report
     */
    void renew(EntityId entity, Entry entry, @Nullable Entry last, Optional<Instant> expiry) {
        Entry.Lifetime lifetime = last == null ? null : last.lifetime;
        if (lifetime == null && expiry.isPresent()) {
            lifetime = new Entry.Lifetime();
        }
        if (lifetime != null) {
            lifetime.end = expiry.map(ExpiryQueue::millis).orElse(Entry.NEVER);
            entry.lifetime = lifetime;
            queue(entity, entry.source, lifetime);
        }
    }

    /**
     * Withdraws the expired entries.
     *
     * @param now the time, in milliseconds since the epoch
     * @param find finds the present entry of an entity and a source; null if there is none
     * @param withdraw withdraws the entry of an entity and a source; true if the entity was removed
     * @return the number of entities removed
     */
    int expire(long now, BiFunction<EntityId, Source, @Nullable Entry> find, BiPredicate<EntityId, Source> withdraw) {
        int removed = 0;
        for (Turn next = turns.peek(); next != null && next.at <= now; next = turns.peek()) {
            turns.poll();
            Entry entry = find.apply(next.entity, next.source);
            if (entry == null || entry.lifetime == null || entry.lifetime.turn != next.at) {
                continue; // removed meanwhile, or the pair has another turn
            }
            entry.lifetime.turn = Entry.NEVER;
            if (entry.lifetime.end > now) {
                queue(next.entity, next.source, entry.lifetime);
            } else if (withdraw.test(next.entity, next.source)) {
                removed++;
            }
        }
        return removed;
    }

    int size() {
        return turns.size();
    }

    private void queue(EntityId entity, Source source, Entry.Lifetime lifetime) {
        if (lifetime.end < lifetime.turn) {
            lifetime.turn = lifetime.end;
            turns.add(new Turn(lifetime.end, entity, source));
        }
    }

    /**
     * Converts an instant to milliseconds. A moment outside of the range, such as {@link Instant#MAX}, is never or long
     * ago.
     */
    private static long millis(Instant moment) {
        try {
            return moment.toEpochMilli();
        } catch (ArithmeticException e) {
            return moment.getEpochSecond() > 0 ? Entry.NEVER : Long.MIN_VALUE;
        }
    }
}
