package io.tagger.runtime.collect;

import io.tagger.api.CollectorPriority;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The sources of one collector: its own source, and the relayed sources of another tagger. Thread-safe. */
final class CollectorSources {
    /** Sources of another tagger: its collectors, and those that it relays itself. */
    private static final int MOST = 1_000;

    private final TagStore store;
    private final Source own;
    private final Map<String, Source> relayed = new ConcurrentHashMap<>();
    private final AtomicInteger instances = new AtomicInteger();
    private volatile List<String> lineage = List.of();

    CollectorSources(CollectorPlugin plugin, TagStore store) {
        this.store = store;
        own = store.source(plugin.name(), plugin.priority());
    }

    /** Takes note of the lineage of the relayed tagger; refuses a loop. */
    void follow(List<String> other, String self) {
        if (other.contains(self)) {
            throw new IllegalStateException(
                    "the other tagger relays the tags of this tagger, so that a relay in return would be a loop:"
                            + " switch off one of the two directions");
        }
        lineage = List.copyOf(other);
    }

    /** The number of a further instance. */
    int nextInstance() {
        return instances.incrementAndGet();
    }

    /** The lineage of the relayed tagger; empty without a relay. */
    List<String> lineage() {
        return lineage;
    }

    Source own() {
        return own;
    }

    /** Whether there are sources of other taggers. */
    boolean isRelaying() {
        return !relayed.isEmpty();
    }

    /** Whether a source is the collector's own, or relayed by the collector. */
    boolean isOwn(String source) {
        return source.equals(own.name()) || relayed.containsKey(source);
    }

    /**
     * The source of another tagger, under the name {@code <collector>/<source>}.
     *
     * @throws IllegalArgumentException if the source was relayed with another priority before
     * @throws IllegalStateException if there are 1,000 such sources already
     */
    Source relayed(String name, CollectorPriority priority) {
        if (relayed.size() >= MOST && !relayed.containsKey(own.name() + "/" + name)) {
            throw new IllegalStateException("collector " + own.name() + " relays " + MOST
                    + " sources already; further sources are refused, because a source is remembered for ever");
        }
        Source source = relayed.computeIfAbsent(own.name() + "/" + name, full -> store.source(full, priority));
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

    /** Withdraws all reports. */
    void withdraw() {
        sweep(nextInstance());
    }

    /** Withdraws the reports of earlier instances about entities absent from this instance's reports. */
    void sweep(int instance) {
        store.sweep(own, instance);
        relayed.values().forEach(source -> store.sweep(source, instance));
    }
}
