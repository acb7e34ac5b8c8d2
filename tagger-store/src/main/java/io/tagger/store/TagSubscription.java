package io.tagger.store;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.Subscription;
import io.tagger.api.TagListener;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The pending events of one subscription, and their delivery.
 *
 * <p><b>Folding.</b> There is at most one pending event per entity, in the order in which the entities became pending.
 * A writer with a stripe's lock {@linkplain #offer offers} an event, which folds into the pending event of the same
 * entity and never waits for the listener. After the unlock the writer {@linkplain #signal signals}; then one task at a
 * time drains the map on the executor. So the memory is bounded by the number of entities, and the last state is never
 * lost. While an entity is pending, its snapshots carry the {@linkplain #bit bit} of the subscription and are not
 * offered again, because the {@linkplain Store#claim claim} finds the present snapshot: a stuck listener costs writers
 * the test of a bit.
 *
 * <p><b>The initial state.</b> No event is delivered until the whole initial state was offered. Until then the map is
 * simply the set of existing entities: a change is {@code added}, a deletion takes the entity out, and the offer of the
 * existing entities adds the untouched ones. Therefore only {@code added} comes before {@code synced}.
 *
 * <p><b>No memory of deliveries.</b> The pending event is always the difference between the listener's state and the
 * present. Added and deleted fold into no event; deleted and added fold into modified.
 */
final class TagSubscription implements Subscription {
    private static final Logger LOG = System.getLogger(TagSubscription.class.getName());

    /** Time after which a task makes way for the tasks of other subscriptions, in nanoseconds. */
    private static final long TURN_NANOS = 5_000_000;

    /** Stands for the marker; no entity has an empty id. */
    private static final String SYNCED = "";

    enum Kind {
        ADDED,
        MODIFIED,
        DELETED,
        SYNCED
    }

    /** An event for the listener; the snapshot is null for a deletion and for the marker. */
    record Event(Kind kind, EntityId entity, @Nullable Snapshot snapshot) {}

    private record Pending(Kind kind, EntityId entity) {}

    /** The operations of the store for a subscription. */
    interface Store {
        /**
         * Takes the pending event of an entity, with the present snapshot, in one step: a change is either delivered
         * with this event, or offered anew.
         *
         * @return the event; null if no event is pending any more
         */
        @Nullable
        Event claim(EntityId entity, TagSubscription by);

        /** Forgets a closed subscription. */
        void forget(TagSubscription subscription);
    }

    /**
     * The bit of this subscription in {@link Snapshot#offered}; 0 if all 64 bits were taken, so that every change is
     * offered.
     */
    final long bit;

    private final Store store;
    private final EntityFilter filter;
    private final TagListener listener;
    private final Executor executor;

    private final Object lock = new Object();
    private final Map<String, Pending> pending = new LinkedHashMap<>(); // guarded by lock
    private boolean held = true; // guarded by lock; until the initial state is complete
    private boolean paused; // guarded by lock
    private @Nullable Object draining; // guarded by lock; the draining task, or null
    private boolean closed; // guarded by lock

    /** Whether an event was offered since the last signal; spares writers the lock. Written under the lock. */
    private volatile boolean offered;

    TagSubscription(Store store, long bit, EntityFilter filter, TagListener listener, Executor executor) {
        this.store = store;
        this.bit = bit;
        this.filter = filter;
        this.listener = listener;
        this.executor = executor;
    }

    /**
     * Records a change for delivery.
     *
     * @return whether further snapshots of the entity need no offer until the claim; false after the close
     */
    boolean offer(Kind kind, EntityId entity) {
        if (!filter.matches(entity)) {
            return true;
        }
        synchronized (lock) {
            if (closed) {
                return false;
            }
            offered = true;
            String key = entity.toString();
            Kind folded;
            if (held) {
                // Before the first delivery the listener needs only the existing entities.
                folded = kind == Kind.DELETED ? null : Kind.ADDED;
            } else {
                Pending before = pending.get(key);
                folded = before == null ? kind : fold(before.kind, kind);
            }
            if (folded == null) {
                pending.remove(key);
            } else {
                pending.put(key, new Pending(folded, entity));
            }
            return true;
        }
    }

    /**
     * Takes the pending event of an entity; null if there is none, or if delivery is paused. The entity's stripe is
     * locked.
     */
    @Nullable
    Kind remove(EntityId entity) {
        synchronized (lock) {
            Pending taken = paused || closed ? null : pending.remove(entity.toString());
            return taken == null ? null : taken.kind;
        }
    }

    /** The sum of two successive events for a listener that saw neither; null if the events cancel each other out. */
    private static @Nullable Kind fold(Kind first, Kind then) {
        return switch (first) {
            case ADDED -> then == Kind.DELETED ? null : Kind.ADDED;
            case MODIFIED -> then;
            case DELETED -> then == Kind.DELETED ? Kind.DELETED : Kind.MODIFIED;
            case SYNCED -> throw new IllegalStateException("the marker does not fold");
        };
    }

    /** Ends the initial state: puts the marker behind the offered entities and starts the delivery. */
    void begin() {
        synchronized (lock) {
            pending.put(SYNCED, new Pending(Kind.SYNCED, EntityId.GLOBAL));
            held = false;
            offered = true;
        }
        signal();
    }

    /** Starts a task for the pending events, if necessary. */
    void signal() {
        if (!offered) {
            return;
        }
        Object task = new Object();
        synchronized (lock) {
            offered = false;
            if (draining != null || paused || held || closed || pending.isEmpty()) {
                return;
            }
            draining = task;
        }
        Throwable failure = submit(task);
        if (failure != null) {
            giveUp(task, failure);
        }
    }

    /** Hands a task to the executor; returns the error of an executor that can't take the task now, else null. */
    private @Nullable Throwable submit(Object task) {
        try {
            executor.execute(() -> drain(task));
        } catch (RejectedExecutionException e) {
            close(); // the tagger is closed, and no event will be delivered any more
        } catch (Throwable e) { // no thread can be started
            return e;
        }
        return null;
    }

    /**
     * Takes the delivery from a failed task. If the task runs all the same, it finds another task in charge and
     * returns.
     */
    private void giveUp(Object task, Throwable why) {
        synchronized (lock) {
            draining = draining == task ? null : draining;
            offered = true;
        }
        LOG.log(
                Level.WARNING,
                () -> "a listener to " + filter + " can't be called now; the next change tries again",
                why);
    }

    private void drain(Object task) {
        try {
            long end = System.nanoTime() + TURN_NANOS;
            for (Event next = take(task); next != null; next = take(task)) {
                deliverGuarded(next);
                if (System.nanoTime() - end > 0) {
                    if (submit(task) == null) {
                        return;
                    }
                    end = System.nanoTime() + TURN_NANOS; // this thread continues
                }
            }
        } catch (Throwable e) { // no memory for the next event
            OutOfMemory.escalate(e);
            giveUp(task, e);
        }
    }

    private void deliverGuarded(Event next) {
        try {
            deliver(next);
        } catch (Throwable e) { // a listener may throw any error, a StackOverflowError for instance
            OutOfMemory.escalate(e);
            LOG.log(
                    Level.WARNING,
                    () -> "a listener to " + filter + " failed on " + next.kind + " of " + next.entity
                            + "; the next event follows",
                    e);
        }
    }

    private @Nullable Event take(Object task) {
        while (true) {
            Pending first;
            synchronized (lock) {
                if (draining != task) {
                    return null;
                }
                if (paused || closed || pending.isEmpty()) {
                    draining = null;
                    return null;
                }
                first = pending.values().iterator().next();
                if (first.kind == Kind.SYNCED) {
                    pending.remove(SYNCED);
                    return new Event(Kind.SYNCED, first.entity, null);
                }
            }
            Event event = store.claim(first.entity, this);
            if (event != null) {
                return event;
            }
        }
    }

    private void deliver(Event event) {
        Snapshot snapshot = event.snapshot;
        if (event.kind == Kind.SYNCED) {
            listener.synced();
        } else if (snapshot == null) {
            listener.deleted(event.entity);
        } else if (event.kind == Kind.ADDED) {
            listener.added(snapshot);
        } else {
            listener.modified(snapshot);
        }
    }

    int pending() {
        synchronized (lock) {
            return pending.size();
        }
    }

    @Override
    public void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    @Override
    public void resume() {
        synchronized (lock) {
            paused = false;
            offered = true;
        }
        signal();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            pending.clear();
        }
        store.forget(this);
    }
}
