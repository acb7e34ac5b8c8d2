package io.tagger.runtime.collect;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks a FetchOnly collector with other settings again about all entities that its earlier instances have answered, a few
 * at a time, in the background. The tags stay served meanwhile. Thread-safe.
 */
final class Refetch {
    private static final int PARALLEL = 4;

    private final HostedCollector collector;
    private final Iterator<EntityId> entities; // guarded by this

    private Refetch(HostedCollector collector, List<EntityId> entities) {
        this.collector = collector;
        this.entities = entities.iterator();
    }

    /** Begins; a lookup of such an entity meanwhile joins the question, or asks first. */
    static void begin(HostedCollector collector, TagStore store) {
        Source source = collector.sources().own();
        List<EntityId> answered = store.list(EntityFilter.all()).stream()
                .filter(tags -> ((Snapshot) tags).isReportedBy(source))
                .map(EntityTags::entity)
                .toList();
        Refetch refetch = new Refetch(collector, answered);
        for (int i = 0; i < PARALLEL; i++) {
            refetch.next();
        }
    }

    private void next() {
        for (EntityId entity = take(); entity != null; entity = take()) {
            CompletableFuture<Void> over = collector.misses().ask(entity, null);
            if (over != null && !over.isDone()) {
                over.whenComplete((nothing, error) -> next());
                return;
            }
        }
    }

    private synchronized @Nullable EntityId take() {
        return entities.hasNext() ? entities.next() : null;
    }
}
