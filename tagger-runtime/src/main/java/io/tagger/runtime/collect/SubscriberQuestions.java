package io.tagger.runtime.collect;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagListener;
import io.tagger.store.TagStore;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks the FetchOnly collectors about the entities that subscribers see, so that a subscriber gets the tags that a
 * question would give. Thread-safe.
 *
 * <p>The questions run in the background, a few at a time, so that callers find free threads. The memory of the
 * collectors' answers and their own economy hold as for any caller: an entity is asked about until each collector has
 * given a final answer, and no more.
 */
public final class SubscriberQuestions {
    private final CollectorHost host;
    private final TagStore store;
    private final int parallel;
    private final Set<EntityId> pending = new LinkedHashSet<>(); // guarded by this
    private final Set<EntityId> later = new LinkedHashSet<>(); // guarded by this; no final answer yet
    private int underWay; // guarded by this
    private int runningBefore; // guarded by this

    /**
     * Makes an idle asker.
     *
     * @param host the host of the collectors
     * @param store the store with the entities
     * @param parallel the number of questions under way at the same time
     */
    public SubscriberQuestions(CollectorHost host, TagStore store, int parallel) {
        this.host = host;
        this.store = store;
        this.parallel = parallel;
    }

    /**
     * Makes a listener that also asks about each entity that the subscriber sees for the first time.
     *
     * @param listener the subscriber's listener
     * @return a listener that passes everything on
     */
    public TagListener around(TagListener listener) {
        return new TagListener() {
            @Override
            public void added(EntityTags tags) {
                add(tags.entity());
                listener.added(tags);
            }

            @Override
            public void modified(EntityTags tags) {
                listener.modified(tags);
            }

            @Override
            public void deleted(EntityId entity) {
                listener.deleted(entity);
            }

            @Override
            public void synced() {
                listener.synced();
            }
        };
    }

    /** Repeats the questions without a final answer; called at an interval. */
    public void lapse() {
        if (store.statistics().subscriptions() == 0) {
            synchronized (this) {
                pending.clear();
                later.clear();
            }
            return;
        }
        int running = host.fetchInstances();
        boolean isNew;
        synchronized (this) {
            isNew = running != runningBefore;
            runningBefore = running;
            pending.addAll(later);
            later.clear();
        }
        if (isNew) { // a collector runs that did not run when the entities were seen
            store.list(EntityFilter.all()).forEach(tags -> add(tags.entity()));
        }
        askNext();
    }

    private void add(EntityId entity) {
        if (host.isFetchable(entity)) {
            synchronized (this) {
                pending.add(entity);
            }
            askNext();
        }
    }

    private void askNext() {
        for (EntityId next = take(); next != null; next = take()) {
            EntityId entity = next;
            CompletableFuture<Void> over = host.askFetchers(entity);
            if (over.isDone()) {
                finished(entity);
            } else {
                over.whenComplete((nothing, error) -> {
                    finished(entity);
                    askNext();
                });
            }
        }
    }

    private synchronized @Nullable EntityId take() {
        if (underWay >= parallel || pending.isEmpty()) {
            return null;
        }
        EntityId next = pending.iterator().next();
        pending.remove(next);
        underWay++;
        return next;
    }

    private void finished(EntityId entity) {
        boolean isOpen = host.isOpenForFetch(entity);
        synchronized (this) {
            underWay--;
            if (isOpen) {
                later.add(entity);
            }
        }
    }
}
