package io.tagger.store;

import io.tagger.api.EntityId;
import java.time.Clock;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** All stripes of a store, with the shared tables. Thread-safe. */
final class Stripes {
    private static final int MAX = 1 << 16;

    private final EntityTable entities;
    private final TagPool pool;
    private final Stripe[] stripes;

    /**
     * Makes the stripes.
     *
     * @param count 1 to 65,536, rounded up to a power of two
     * @throws IllegalArgumentException if the count is out of bounds
     */
    Stripes(
            int count,
            EntityTable entities,
            TagPool pool,
            FetchClock fetches,
            Clock clock,
            Subscriptions subscriptions) {
        if (count < 1 || count > MAX) {
            throw new IllegalArgumentException("stripes must be 1 to " + MAX + ", not " + count);
        }
        this.entities = entities;
        this.pool = pool;
        stripes = new Stripe[count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1];
        Arrays.setAll(stripes, i -> new Stripe(entities, pool, fetches, clock, subscriptions));
    }

    /** Locks the stripe of an entity; the caller unlocks the stripe. */
    Stripe lock(EntityId entity) {
        // Not the bits by which a HashMap distributes keys, or the deletion marks of a stripe would all collide.
        Stripe stripe = stripes[(entity.hashCode() * 0x9e3779b9 >>> 16) & stripes.length - 1];
        stripe.lock();
        return stripe;
    }

    /** Runs a task with the stripe of an entity, locked. */
    void locked(EntityId entity, Consumer<Stripe> task) {
        Stripe stripe = lock(entity);
        try {
            task.accept(stripe);
        } finally {
            stripe.unlock();
        }
    }

    /** Waits until every writer holding a lock now has finished. */
    void awaitWriters() {
        sum(stripe -> 0);
    }

    /** Sums the results of a function over all stripes; each stripe is locked for its call. */
    int sum(ToIntFunction<Stripe> function) {
        int sum = 0;
        for (Stripe stripe : stripes) {
            sum += locked(stripe, function);
        }
        return sum;
    }

    private static int locked(Stripe stripe, ToIntFunction<Stripe> function) {
        stripe.lock();
        try {
            return function.applyAsInt(stripe);
        } finally {
            stripe.unlock();
        }
    }

    /** Prunes each stripe, and pools the changed entries. */
    int prune(long now, long until) {
        int removed = 0;
        for (Stripe stripe : stripes) {
            removed += locked(stripe, each -> each.prune(now, until));
            boolean more = true;
            while (more) {
                more = locked(stripe, each -> each.poolChanged(Integer.MAX_VALUE) ? 1 : 0) > 0;
                makeRoom();
            }
        }
        return removed;
    }

    /** Pools some of the changed entries; whether more are left. */
    boolean poolChanged(int most) {
        boolean more = false;
        for (Stripe stripe : stripes) {
            more |= locked(stripe, each -> each.poolChanged(most) ? 1 : 0) > 0;
        }
        makeRoom();
        return more;
    }

    /**
     * Grows full tables, and shrinks tables with mostly removed content. The caller holds no lock; the method takes all
     * locks in order.
     */
    void makeRoom() {
        if (!entities.isCrowded() && !pool.isCrowded()) {
            return;
        }
        for (Stripe stripe : stripes) {
            stripe.lock();
        }
        try {
            if (entities.isCrowded()) {
                entities.rebuild();
            }
            if (pool.isCrowded()) {
                pool.rebuild();
            }
        } finally {
            for (Stripe stripe : stripes) {
                stripe.unlock();
            }
        }
    }
}
