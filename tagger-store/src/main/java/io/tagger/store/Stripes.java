package io.tagger.store;

import io.tagger.api.EntityId;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/** All stripes of a store, with the tables that they share. Thread-safe. */
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
    Stripes(int count, EntityTable entities, TagPool pool, FetchClock fetches, Subscriptions subscriptions) {
        if (count < 1 || count > MAX) {
            throw new IllegalArgumentException("stripes must be 1 to " + MAX + ", not " + count);
        }
        this.entities = entities;
        this.pool = pool;
        stripes = new Stripe[count == 1 ? 1 : Integer.highestOneBit(count - 1) << 1];
        Arrays.setAll(stripes, i -> new Stripe(entities, pool, fetches, subscriptions));
    }

    /** Locks the stripe of an entity; the caller unlocks it. */
    Stripe lock(EntityId entity) {
        // Other bits than the ones by which a HashMap tells its keys apart, or the deletion marks of a stripe would all
        // collide.
        Stripe stripe = stripes[(entity.hashCode() * 0x9e3779b9 >>> 16) & stripes.length - 1];
        stripe.lock();
        return stripe;
    }

    /** Waits until every writer that holds a lock now has finished. */
    void awaitWriters() {
        sum(stripe -> 0);
    }

    /** Adds up what a function returns for each stripe; each stripe is locked for its call. */
    int sum(ToIntFunction<Stripe> function) {
        int sum = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                sum += function.applyAsInt(stripe);
            } finally {
                stripe.unlock();
            }
        }
        return sum;
    }

    /** Prunes each stripe, and pools its changed entries. */
    int prune(long now) {
        int removed = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                removed += stripe.prune(now);
            } finally {
                stripe.unlock();
            }
            boolean more = true;
            while (more) {
                stripe.lock();
                try {
                    more = stripe.poolChanged();
                } finally {
                    stripe.unlock();
                }
                makeRoom();
            }
        }
        return removed;
    }

    /**
     * Makes the tables larger when they are full, and smaller when most of their content is gone. The caller holds no lock; all of them are
     * taken in their order.
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
