package io.tagger.runtime.collect;

import io.tagger.api.CollectorPriority;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The sources of one collector: its own source, and the relayed sources of another tagger. Thread-safe. */
final class CollectorSources {
    private final Source own;
    private final Map<String, Source> relayed = new ConcurrentHashMap<>();

    CollectorSources(CollectorPlugin plugin) {
        own = new Source(plugin.name(), plugin.priority());
    }

    Source own() {
        return own;
    }

    /**
     * The source of another tagger, under the name {@code <collector>/<source>}.
     *
     * @throws IllegalArgumentException if the source was relayed with another priority before
     */
    Source relayed(String name, CollectorPriority priority) {
        Source source = relayed.computeIfAbsent(own.name() + "/" + name, full -> new Source(full, priority));
        if (source.priority() != priority) {
            throw new IllegalArgumentException(source.name() + " has the priority " + source.priority() + ", not "
                    + priority + "; a source does not change its priority");
        }
        return source;
    }

    /** The number of entities with tags of these sources; an entity of two sources counts twice. */
    long entities() {
        return own.entities()
                + relayed.values().stream().mapToLong(Source::entities).sum();
    }

    /** Withdraws the reports of earlier instances about entities absent from this instance's reports. */
    void sweep(TagStore store, int instance) {
        store.sweep(own, instance);
        relayed.values().forEach(source -> store.sweep(source, instance));
    }
}
