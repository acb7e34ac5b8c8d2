package io.tagger.runtime.collect;

import java.util.concurrent.atomic.AtomicReference;

/** The tasks that wait for a collector's first decision, and for the next sync; each runs once. Thread-safe. */
final class Milestones {
    private static final Runnable NOTHING = () -> {};

    private final AtomicReference<Runnable> onDecided = new AtomicReference<>(NOTHING);
    private final AtomicReference<Runnable> onSynced = new AtomicReference<>(NOTHING);

    /** Sets the task for the end of the first detection, with whatever result. */
    void whenDecided(Runnable task) {
        onDecided.set(task);
    }

    /** Sets the task for the next sync; for a FetchOnly collector, for the next detection. */
    void whenSynced(Runnable task) {
        onSynced.set(task);
    }

    /** Takes the task of the next sync away, for a successor. */
    Runnable takeSynced() {
        return onSynced.getAndSet(NOTHING);
    }

    void decided() {
        onDecided.getAndSet(NOTHING).run();
    }

    void synced() {
        onSynced.getAndSet(NOTHING).run();
    }
}
