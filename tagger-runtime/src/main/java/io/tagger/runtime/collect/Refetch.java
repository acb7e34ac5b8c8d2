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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks a FetchOnly collector with other settings again about all entities that its earlier instances have answered, a few
 * at a time, in the background. The tags stay served meanwhile. Thread-safe.
 */
final class Refetch {
    private static final int PARALLEL = 4;

    private final HostedCollector collector;
    private final Runnable after;
    private final AtomicInteger lanes = new AtomicInteger(PARALLEL);
    private final Iterator<EntityId> entities; // guarded by this

    private Refetch(HostedCollector collector, List<EntityId> entities, Runnable after) {
        this.collector = collector;
        this.entities = entities.iterator();
        this.after = after;
    }

    /** The entities with tags of a collector. */
    static List<EntityId> reportedBy(HostedCollector collector, TagStore store) {
        Source source = collector.sources().own();
        return store.list(EntityFilter.all()).stream()
                .filter(tags -> ((Snapshot) tags).isReportedBy(source))
                .map(EntityTags::entity)
                .toList();
    }

    /**
     * Begins; a lookup of such an entity meanwhile joins the question, or asks first.
     *
     * @param after runs when all questions are over
     */
    static void begin(HostedCollector collector, List<EntityId> entities, Runnable after) {
        Refetch refetch = new Refetch(collector, entities, after);
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
        if (lanes.decrementAndGet() == 0) {
            after.run();
        }
    }

    private synchronized @Nullable EntityId take() {
        return entities.hasNext() ? entities.next() : null;
    }
}
