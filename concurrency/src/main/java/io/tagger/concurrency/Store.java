package io.tagger.concurrency;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import io.tagger.store.Ticket;
import java.time.Clock;
import java.util.List;

/** A store with one entity, with the operations of the races. */
final class Store {
    private static final EntityId ENTITY = EntityId.container("c1");

    private final TagStore store = new TagStore(Clock.systemUTC(), 1);
    private final Source docker = new Source("docker", CollectorPriority.NODE_RUNTIME);
    private final Source kubernetes = new Source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR);
    private final Source ecs = new Source("ecs", CollectorPriority.NODE_ORCHESTRATOR);

    /** Docker reports a low and a high tag, so that half an update would be visible. */
    void docker(int value) {
        store.update(docker, 1, List.of(info(docker, "d", value)));
    }

    void kubernetes(int value) {
        store.update(kubernetes, 1, List.of(info(kubernetes, "k", value)));
    }

    void delete() {
        store.update(docker, 1, List.of(TagInfo.deletion("docker", ENTITY)));
    }

    void prune() {
        store.prune();
    }

    Ticket beginFetch() {
        return store.begin();
    }

    void fetched(Ticket ticket) {
        store.apply(ticket, ecs, 1, List.of(info(ecs, "e", 1)));
    }

    TagHandle handle() {
        return store.handle(ENTITY);
    }

    String lookup() {
        return words(store.lookup(ENTITY, Cardinality.HIGH));
    }

    static String read(TagHandle handle) {
        return words(handle.tags(Cardinality.HIGH));
    }

    /** Subscribes, and appends the events to a text. The listener runs on the signalling thread. */
    void subscribe(StringBuffer events) {
        store.subscribe(
                EntityFilter.all(),
                new TagListener() {
                    @Override
                    public void added(EntityTags tags) {
                        events.append("added ")
                                .append(words(tags.tags(Cardinality.HIGH)))
                                .append("; ");
                    }

                    @Override
                    public void modified(EntityTags tags) {
                        events.append("modified ")
                                .append(words(tags.tags(Cardinality.HIGH)))
                                .append("; ");
                    }

                    @Override
                    public void deleted(EntityId entity) {
                        events.append("deleted; ");
                    }

                    @Override
                    public void synced() {
                        events.append("synced; ");
                    }
                },
                Runnable::run);
    }

    private static TagInfo info(Source source, String name, int value) {
        return TagInfo.builder(source.name(), ENTITY)
                .low(name, Integer.toString(value))
                .high(name + "h", Integer.toString(value))
                .build();
    }

    private static String words(List<String> tags) {
        return tags.isEmpty() ? "none" : String.join(" ", tags);
    }
}
