package io.tagger.store;

import io.tagger.api.EntityId;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a store for its subscriptions. Thread-safe.
 *
 * @param stripes the locks of the entities
 * @param subscriptions all subscriptions of the store
 */
record Claims(Stripes stripes, Subscriptions subscriptions) implements TagSubscription.Store {
    @Override
    public TagSubscription.@Nullable Event claim(EntityId entity, TagSubscription by) {
        Stripe stripe = stripes.lock(entity);
        try {
            return Subscriptions.claim(by, entity, stripe.find(entity));
        } finally {
            stripe.unlock();
        }
    }

    @Override
    public void forget(TagSubscription subscription) {
        subscriptions.remove(subscription);
    }
}
