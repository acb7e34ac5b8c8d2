package io.tagger.benchmarks;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** The store under a write benchmark: the tag store of tagger-store, or a straightforward one. */
interface Store {
    /** Takes infos, all of one source. */
    void update(List<TagInfo> infos);

    List<String> lookup(EntityId entity);

    void prune();

    /** Ours. */
    static Store striped(int stripes) {
        return new Striped(new TagStore(Clock.systemUTC(), stripes));
    }

    /** The baseline. */
    static Store plain() {
        return new Plain();
    }

    /** The store of tagger-runtime. */
    record Striped(TagStore store, Map<String, Source> sources) implements Store {
        Striped(TagStore store) {
            this(store, new ConcurrentHashMap<>());
        }

        @Override
        public void update(List<TagInfo> infos) {
            store.update(source(infos.get(0).source()), 1, infos);
        }

        @Override
        public List<String> lookup(EntityId entity) {
            return store.lookup(entity, Cardinality.HIGH);
        }

        @Override
        public void prune() {
            store.prune();
        }

        Source source(String name) {
            return sources.computeIfAbsent(name, Store::source);
        }
    }

    static Source source(String name) {
        return new Source(
                name,
                name.equals(Workload.KUBERNETES)
                        ? CollectorPriority.NODE_ORCHESTRATOR
                        : CollectorPriority.NODE_RUNTIME);
    }

    /**
     * The straightforward first design, with the structure of the original: a map of entities to sources to lists under
     * one lock, merged by the first lookup after a change, without shared strings.
     */
    final class Plain implements Store {
        private static final class Entity {
            final Map<String, TagInfo> sources = new HashMap<>();

            /** Null until the next merge. */
            volatile @Nullable List<String> merged;
        }

        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private final Map<EntityId, Entity> entities = new HashMap<>(); // guarded by lock
        private final Set<EntityId> deleted = new HashSet<>(); // guarded by lock

        @Override
        public void update(List<TagInfo> infos) {
            lock.writeLock().lock();
            try {
                for (TagInfo info : infos) {
                    if (info.deleteEntity()) {
                        deleted.add(info.entity());
                    } else {
                        Entity entity = entities.computeIfAbsent(info.entity(), id -> new Entity());
                        entity.sources.put(info.source(), info);
                        entity.merged = null;
                    }
                }
            } finally {
                lock.writeLock().unlock();
            }
        }

        @Override
        public List<String> lookup(EntityId id) {
            lock.readLock().lock();
            try {
                Entity entity = entities.get(id);
                if (entity == null) {
                    return List.of();
                }
                List<String> merged = entity.merged;
                if (merged == null) {
                    merged = merge(entity.sources);
                    entity.merged = merged;
                }
                return merged;
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public void prune() {
            lock.writeLock().lock();
            try {
                deleted.forEach(entities::remove);
                deleted.clear();
            } finally {
                lock.writeLock().unlock();
            }
        }

        /** A name set by Kubernetes is dropped from the other sources; the levels in turn, sorted. */
        private static List<String> merge(Map<String, TagInfo> sources) {
            Set<String> taken = new HashSet<>();
            TagInfo first = sources.get(Workload.KUBERNETES);
            if (first != null) {
                for (List<String> level : List.of(first.low(), first.orchestrator(), first.high())) {
                    level.forEach(tag -> taken.add(name(tag)));
                }
            }
            List<Set<String>> levels = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
            for (TagInfo info : sources.values()) {
                List<List<String>> own = List.of(info.low(), info.orchestrator(), info.high());
                for (int level = 0; level < own.size(); level++) {
                    for (String tag : own.get(level)) {
                        if (info == first || !taken.contains(name(tag))) {
                            levels.get(level).add(tag);
                        }
                    }
                }
            }
            List<String> merged = new ArrayList<>();
            levels.forEach(merged::addAll);
            return merged;
        }

        private static String name(String tag) {
            return tag.substring(0, tag.indexOf(':'));
        }
    }
}
