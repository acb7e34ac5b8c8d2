package io.tagger.store;

/**
 * The number of the present epoch of the miss logic. Thread-safe.
 *
 * <p>An entity is settled in an epoch: no collector is left to ask about it. When a collector that may know more starts to run, or when
 * remembered answers have lapsed, the epoch advances, and each entity in use takes the long way once.
 */
public final class Epoch {
    /** Never 0, which stands for "not settled". Read by every hit. */
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
