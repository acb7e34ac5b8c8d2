package io.tagger.store;

import io.tagger.api.CollectorPriority;
import java.util.concurrent.atomic.LongAdder;

/**
 * A source of tags in the store: a name and a priority. All instances of a collector share one {@code Source}, with
 * growing instance numbers. Thread-safe.
 */
public final class Source {
    private final String name;
    private final CollectorPriority priority;
    private final LongAdder entities = new LongAdder();
    private final NameRules.Holder names;

    /** Reports of instances below this number are void, because a later instance has synced. */
    volatile int syncedInstance; // written by synced alone

    /** Fetched answers of instances below this number are to be fetched again, because a later instance has other settings. */
    private volatile int answersFrom;

    /**
     * Makes a source for a store without {@link NameRules}. A store must see one object for each name.
     *
     * @param name the collector's name
     * @param priority the rank of the source in a merge
     */
    public Source(String name, CollectorPriority priority) {
        this(name, priority, new NameRules.Holder());
    }

    /** Makes a source of a store with rules for names. */
    Source(String name, CollectorPriority priority, NameRules.Holder names) {
        this.name = name;
        this.priority = priority;
        this.names = names;
    }

    /** The present rules for the names of served tags. */
    NameRules names() {
        return names.rules;
    }

    /**
     * The collector's name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * The number of entities with tags of this source in the store.
     *
     * @return the count, exact while no writer is active
     */
    public long entities() {
        return entities.sum();
    }

    /**
     * The rank of the source in a merge.
     *
     * @return the priority
     */
    public CollectorPriority priority() {
        return priority;
    }

    /**
     * Makes the answers of earlier instances void: their tags stay, and count as no answer.
     *
     * @param instance the first instance whose answers count
     */
    public void answersFrom(int instance) {
        answersFrom = instance;
    }

    /** Makes the reports of earlier instances void. A later instance that has synced before stays the latest. */
    synchronized void synced(int instance) {
        syncedInstance = Math.max(syncedInstance, instance);
    }

    boolean countsAnswersOf(int instance) {
        return instance >= answersFrom;
    }

    void entryAdded() {
        entities.increment();
    }

    void entryRemoved() {
        entities.decrement();
    }

    /** The order of entries: higher priority first, then by name, for a total order. */
    static int compare(Source a, Source b) {
        int byPriority = b.priority.compareTo(a.priority);
        return byPriority != 0 ? byPriority : a.name.compareTo(b.name);
    }
}
