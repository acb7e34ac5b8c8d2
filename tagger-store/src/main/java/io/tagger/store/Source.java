package io.tagger.store;

import io.tagger.api.CollectorPriority;
import java.util.concurrent.atomic.LongAdder;

/**
 * One source of tags as the store sees it: a name and a priority. Every instance of a collector sends under the same {@code Source}, with a
 * growing instance number. Thread-safe.
 */
public final class Source {
    private final String name;
    private final CollectorPriority priority;
    private final LongAdder entities = new LongAdder();

    /** What instances below this number have to say is void: a later one has synced. */
    volatile int syncedInstance;

    /**
     * Names a source. A store must see one object for one name.
     *
     * @param name the collector's name
     * @param priority whose word counts
     */
    public Source(String name, CollectorPriority priority) {
        this.name = name;
        this.priority = priority;
    }

    /**
     * The collector's name.
     *
     * @return it
     */
    public String name() {
        return name;
    }

    /**
     * Of how many entities the store holds something from this source.
     *
     * @return the count, exact when nothing is being written
     */
    public long entities() {
        return entities.sum();
    }

    /**
     * Whose word counts.
     *
     * @return the priority
     */
    public CollectorPriority priority() {
        return priority;
    }

    void entryAdded() {
        entities.increment();
    }

    void entryRemoved() {
        entities.decrement();
    }

    /** The order of entries: a higher priority first, then by name, so that it is total. */
    static int compare(Source a, Source b) {
        int byPriority = b.priority.compareTo(a.priority);
        return byPriority != 0 ? byPriority : a.name.compareTo(b.name);
    }
}
