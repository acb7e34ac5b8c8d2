package io.tagger.store;

/**
 * The number of the present epoch of the miss logic. Thread-safe.
 *
 * <p>An entity is settled in an epoch if no collector is left to ask about the entity. When a collector with possible
 * further tags starts, or when remembered answers lapse, the epoch advances, and the next lookup of each entity takes
 * the slow path once.
 */
public final class Epoch {
    /** Never 0, the number for "not settled". Read by every hit. */
    volatile int number = 1;

    /** Makes the first epoch. */
    public Epoch() {}

    /**
     * The number of the present epoch.
     *
     * @return the number, not 0
     */
    public int number() {
        return number;
    }

    /** Begins the next epoch. */
    public synchronized void advance() {
        number = number == -1 ? 1 : number + 1;
    }
}
