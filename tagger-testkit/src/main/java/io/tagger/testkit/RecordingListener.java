package io.tagger.testkit;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A listener that keeps all events and checks the promises of {@link TagListener} at every event: a replica built from
 * the events sees no event twice and misses none. Thread-safe.
 */
public final class RecordingListener implements TagListener {
    private final List<String> events = new ArrayList<>(); // guarded by this
    private final Map<String, List<String>> replica = new TreeMap<>(); // guarded by this
    private final List<String> broken = new ArrayList<>(); // guarded by this
    private boolean synced; // guarded by this

    /** Makes a listener without events. */
    public RecordingListener() {}

    @Override
    public synchronized void added(EntityTags tags) {
        record("added", tags.entity());
        if (replica.put(tags.entity().toString(), List.copyOf(tags.tags(Cardinality.HIGH))) != null) {
            broken.add(tags.entity() + " was added twice");
        }
    }

    @Override
    public synchronized void modified(EntityTags tags) {
        record("modified", tags.entity());
        if (!synced) {
            broken.add(tags.entity() + " was modified before synced");
        }
        if (replica.put(tags.entity().toString(), List.copyOf(tags.tags(Cardinality.HIGH))) == null) {
            broken.add(tags.entity() + " was modified and never added");
        }
    }

    @Override
    public synchronized void deleted(EntityId entity) {
        record("deleted", entity);
        if (!synced) {
            broken.add(entity + " was deleted before synced");
        }
        if (replica.remove(entity.toString()) == null) {
            broken.add(entity + " was deleted and not there");
        }
    }

    @Override
    public synchronized void synced() {
        events.add("synced");
        if (synced) {
            broken.add("synced twice");
        }
        synced = true;
    }

    private void record(String what, EntityId entity) {
        events.add(what + " " + entity);
    }

    /**
     * The events so far.
     *
     * @return {@code added <entity>}, {@code modified <entity>}, {@code deleted <entity>} and {@code synced}, in order
     */
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    /**
     * The replica built from the events.
     *
     * @return entity to all tags of the entity
     */
    public synchronized Map<String, List<String>> replica() {
        return new TreeMap<>(replica);
    }

    /**
     * The broken promises.
     *
     * @return a sentence each; empty if all is well
     */
    public synchronized List<String> broken() {
        return List.copyOf(broken);
    }
}
