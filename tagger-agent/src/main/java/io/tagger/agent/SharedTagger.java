package io.tagger.agent;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Explanation;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The agent's tagger in the plugins' view, {@link io.tagger.api.DefaultTagger}: without a close. Thread-safe.
 */
final class SharedTagger implements Tagger {
    private final Tagger tagger;

    SharedTagger(Tagger tagger) {
        this.tagger = tagger;
    }

    @Override
    public List<String> tag(EntityId entity, Cardinality cardinality) {
        return tagger.tag(entity, cardinality);
    }

    @Override
    public List<String> tag(String entity, Cardinality cardinality) {
        return tagger.tag(entity, cardinality);
    }

    @Override
    public List<String> cached(EntityId entity, Cardinality cardinality) {
        return tagger.cached(entity, cardinality);
    }

    @Override
    public TagHandle handle(EntityId entity) {
        return tagger.handle(entity);
    }

    @Override
    public List<String> standard(EntityId entity) {
        return tagger.standard(entity);
    }

    @Override
    public Optional<EntityTags> lookup(EntityId entity) {
        return tagger.lookup(entity);
    }

    @Override
    public CompletionStage<Optional<EntityTags>> lookupFor(String caller, EntityId entity) {
        return tagger.lookupFor(caller, entity);
    }

    @Override
    public Optional<EntityTags> self() {
        return tagger.self();
    }

    @Override
    public boolean awaitReady(Duration limit) throws InterruptedException {
        return tagger.awaitReady(limit);
    }

    @Override
    public Optional<EntityTags> awaitComplete(EntityId entity, Duration limit) throws InterruptedException {
        return tagger.awaitComplete(entity, limit);
    }

    @Override
    public Optional<EntityTags> entity(EntityId entity) {
        return tagger.entity(entity);
    }

    @Override
    public List<EntityTags> entities(EntityFilter filter) {
        return tagger.entities(filter);
    }

    @Override
    public Subscription subscribe(EntityFilter filter, TagListener listener) {
        return tagger.subscribe(filter, new PluginListener(listener));
    }

    /** A plugin's listener: its lack of memory is the plugin's fault, and does not end the agent. */
    private record PluginListener(TagListener listener) implements TagListener {
        @Override
        public void added(EntityTags tags) {
            guarded(() -> listener.added(tags));
        }

        @Override
        public void modified(EntityTags tags) {
            guarded(() -> listener.modified(tags));
        }

        @Override
        public void deleted(EntityId entity) {
            guarded(() -> listener.deleted(entity));
        }

        @Override
        public void synced() {
            guarded(listener::synced);
        }

        private static void guarded(Runnable call) {
            try {
                call.run();
            } catch (OutOfMemoryError e) {
                throw new IllegalStateException("the listener of a plugin failed: " + e, e);
            }
        }
    }

    @Override
    public CompletionStage<Explanation> explain(EntityId entity, String name) {
        return tagger.explain(entity, name);
    }

    @Override
    public TaggerStatus status() {
        return tagger.status();
    }

    /**
     * Refuses.
     *
     * @throws IllegalStateException always
     */
    @Override
    public void close() {
        throw new IllegalStateException("the agent's tagger belongs to the agent, and a plugin must not close it");
    }
}
