package io.tagger.store;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.TagListener;
import io.tagger.store.TagSubscription.Event;
import io.tagger.store.TagSubscription.Kind;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The open subscriptions of a store: opens them, offers changes to each subscription, and signals the deliveries.
 * Thread-safe.
 */
final class Subscriptions {
    private final List<TagSubscription> open = new CopyOnWriteArrayList<>();

    /** Opens a subscription; from now on the store offers every change. */
    TagSubscription open(TagSubscription.Store store, EntityFilter filter, TagListener listener, Executor executor) {
        synchronized (open) {
            long taken = 0;
            for (TagSubscription other : open) {
                taken |= other.bit;
            }
            // A snapshot may still carry the bit of a closed subscription, until the entity is offered to the new
            // subscription.
            TagSubscription subscription =
                    new TagSubscription(store, Long.lowestOneBit(~taken), filter, listener, executor);
            open.add(subscription);
            return subscription;
        }
    }

    void remove(TagSubscription subscription) {
        open.remove(subscription);
    }

    void closeAll() {
        open.forEach(TagSubscription::close);
    }

    int count() {
        return open.size();
    }

    /** Offers the new snapshot of an entity. The entity's stripe is locked. */
    void publish(Kind kind, Snapshot snapshot) {
        for (TagSubscription subscription : open) {
            if ((snapshot.offered & subscription.bit) == 0) {
                offer(subscription, kind, snapshot);
            }
        }
    }

    /** Offers a deletion. The entity's stripe is locked. */
    void publishDeletion(EntityId entity) {
        for (TagSubscription subscription : open) {
            subscription.offer(Kind.DELETED, entity);
        }
    }

    /** Offers a snapshot to one subscription. The entity's stripe is locked. */
    static void offer(TagSubscription subscription, Kind kind, Snapshot snapshot) {
        if (subscription.offer(kind, snapshot.entity)) {
            snapshot.offered |= subscription.bit;
        }
    }

    /**
     * Takes the pending event of an entity, with the present snapshot. The entity's stripe is locked, so that a later
     * change is offered anew.
     *
     * @param present the present snapshot; null if the entity is unknown
     * @return the event; null if no event is pending any more
     */
    static @Nullable Event claim(TagSubscription by, EntityId entity, @Nullable Snapshot present) {
        Kind kind = by.remove(entity);
        if (kind != null && present != null) {
            present.offered &= ~by.bit;
        }
        return kind == null ? null : new Event(kind, entity, present);
    }

    /**
     * Makes each subscription deliver its pending events. No lock is held, so that starting a task never prolongs a
     * stripe's lock.
     */
    void signal() {
        for (TagSubscription subscription : open) {
            subscription.signal();
        }
    }
}
