package io.tagger.testkit;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tagger whose tags a test sets, for tests of programs that ask a tagger. There are no collectors, no misses and no
 * blocking; listeners are called on the thread that sets the tags.
 *
 * <pre>{@code
 * FakeTagger tagger = new FakeTagger();
 * tagger.set(TagInfo.builder("test", EntityId.container("c1")).low("image_name", "nginx").build());
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class FakeTagger implements Tagger {
    private final Map<EntityId, EntityTags> entities = new TreeMap<>(); // guarded by this
    private @Nullable EntityId self; // null: nobody can tell; guarded by this
    private final String name = UUID.randomUUID().toString();
    private final List<Told> subscriptions = new ArrayList<>(); // guarded by this

    /** Makes a tagger without entities. */
    public FakeTagger() {}

    /**
     * Sets the tags of an entity, in place of the tags of all sources.
     *
     * @param info the entity's tags; a deletion removes the entity
     */
    public synchronized void set(TagInfo info) {
        if (info.deleteEntity()) {
            if (entities.remove(info.entity()) != null) {
                deliver(info.entity(), listener -> listener.deleted(info.entity()));
            }
            return;
        }
        EntityTags tags = new FakeTags(info);
        boolean added = entities.put(info.entity(), tags) == null;
        deliver(info.entity(), listener -> {
            if (added) {
                listener.added(tags);
            } else {
                listener.modified(tags);
            }
        });
    }

    /**
     * Sets the entity of this process.
     *
     * @param entity the entity; its tags are set like those of every entity
     */
    public synchronized void setSelf(EntityId entity) {
        self = Objects.requireNonNull(entity, "entity");
    }

    @Override
    public synchronized Optional<EntityTags> self() {
        return Optional.ofNullable(self).map(entity -> entity(entity)
                .orElseGet(() -> new FakeTags(
                        TagInfo.builder("none", entity).incomplete().build())));
    }

    @Override
    public List<String> tag(EntityId entity, Cardinality cardinality) {
        Objects.requireNonNull(cardinality, "cardinality");
        return entity(entity).map(tags -> tags.tags(cardinality)).orElse(List.of());
    }

    @Override
    public List<String> cached(EntityId entity, Cardinality cardinality) {
        return tag(entity, cardinality);
    }

    @Override
    public TagHandle handle(EntityId entity) {
        Objects.requireNonNull(entity, "entity");
        return cardinality -> tag(entity, cardinality);
    }

    @Override
    public List<String> standard(EntityId entity) {
        return entity(entity).map(EntityTags::standard).orElse(List.of());
    }

    @Override
    public synchronized Optional<EntityTags> entity(EntityId entity) {
        Objects.requireNonNull(entity, "entity");
        return Optional.ofNullable(entities.get(entity));
    }

    @Override
    public synchronized List<EntityTags> entities(EntityFilter filter) {
        Objects.requireNonNull(filter, "filter");
        return new ArrayList<>(entities.values().stream()
                .filter(tags -> filter.matches(tags.entity()))
                .toList());
    }

    @Override
    public synchronized Subscription subscribe(EntityFilter filter, TagListener listener) {
        Objects.requireNonNull(listener, "listener");
        entities(filter).forEach(listener::added);
        listener.synced();
        Told told = new Told(filter, listener);
        subscriptions.add(told);
        return told;
    }

    @Override
    public synchronized TaggerStatus status() {
        return new TaggerStatus(
                new TaggerStatus.Identity("fake", List.of(name)),
                true,
                new TaggerStatus.Size(entities.size(), subscriptions.size()),
                List.of(),
                List.of(),
                new TaggerStatus.Counters(0, 0, 0, 0, 0, 0));
    }

    @Override
    public synchronized void close() {
        subscriptions.clear();
    }

    private void deliver(EntityId entity, Consumer<TagListener> event) {
        for (Told told : List.copyOf(subscriptions)) {
            if (told.filter.matches(entity)) {
                told.offer(event);
            }
        }
    }

    private final class Told implements Subscription {
        private final EntityFilter filter;
        private final TagListener listener;
        private final List<Consumer<TagListener>> waiting = new ArrayList<>();
        private boolean paused;

        Told(EntityFilter filter, TagListener listener) {
            this.filter = filter;
            this.listener = listener;
        }

        void offer(Consumer<TagListener> event) {
            if (paused) {
                waiting.add(event);
            } else {
                event.accept(listener);
            }
        }

        @Override
        public void pause() {
            synchronized (FakeTagger.this) {
                paused = true;
            }
        }

        @Override
        public void resume() {
            synchronized (FakeTagger.this) {
                paused = false;
                while (!paused && !waiting.isEmpty()) {
                    waiting.remove(0).accept(listener);
                }
            }
        }

        @Override
        public void close() {
            synchronized (FakeTagger.this) {
                subscriptions.remove(this);
                waiting.clear();
            }
        }
    }

    private record FakeTags(TagInfo info) implements EntityTags {
        @Override
        public EntityId entity() {
            return info.entity();
        }

        @Override
        public List<String> tags(Cardinality cardinality) {
            Objects.requireNonNull(cardinality, "cardinality");
            List<String> tags = new ArrayList<>(info.low());
            if (cardinality != Cardinality.LOW) {
                tags.addAll(info.orchestrator());
            }
            if (cardinality == Cardinality.HIGH) {
                tags.addAll(info.high());
            }
            return Collections.unmodifiableList(tags);
        }

        @Override
        public List<String> standard() {
            return info.standard();
        }

        @Override
        public Map<String, TagInfo> sources() {
            return Map.of(info.source(), info);
        }

        @Override
        public boolean complete() {
            return info.complete();
        }
    }
}
