package io.tagger.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagHandle;
import io.tagger.api.Tagger;
import io.tagger.store.TagStore;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * One way to find the tags of the entity at an index of a random order: a way of this project, or a baseline. A fork of
 * JMH opens only one way, so that the call through this interface costs all ways the same: nothing.
 */
@FunctionalInterface
public interface Lookup {
    List<String> at(int index);

    /** The ways. */
    enum Subject {
        /** No lookup: reads the key and its hash, as every way must. The floor. */
        walk,
        /** A bare {@code ConcurrentHashMap}, by {@link EntityId}; by text where the key is a text. */
        map,
        /**
         * A bare {@code ConcurrentHashMap<String, ...>}, with the string of an {@link EntityId} as the key; the
         * strictest baseline.
         */
        textmap,
        /** A {@code HashMap} under a {@code ReentrantReadWriteLock}. */
        locked,
        /**
         * A Caffeine cache with a bound, like a real cache, and room for all entities. Without a bound it would be a
         * bare map.
         */
        caffeine,
        /** {@link TagStore#lookup}. */
        store,
        /** {@link Tagger#tag}. */
        tagger,
        /** {@link Tagger#cached}. */
        cached,
        /** {@link TagHandle#tags}, with a handle for each entity. */
        handle,
        /** {@link Tagger#tag} of a client of such a tagger, over a socket. */
        client,
        /** {@link Tagger#tag} of a tagger with collectors from a plugin folder. */
        isolated,
        /** The same collectors on the class path. */
        together
    }

    /** The key of the lookup. */
    enum Key {
        /** The very object held by the subject. */
        stored,
        /** An equal object. */
        equal,
        /** An object parsed from a freshly received text. */
        parsed,
        /** A freshly received text. */
        text
    }

    /** Fills and opens the subject. */
    static Lookup open(Subject subject, Key key, World world) {
        return switch (subject) {
            case walk -> {
                List<String> tags = List.of();
                List<String> none = List.of("none");
                yield by(
                        key, world, id -> id.hashCode() == 0 ? none : tags, text -> text.hashCode() == 0 ? none : tags);
            }
            case map -> {
                Map<EntityId, List<String>> byId = world.fill(new ConcurrentHashMap<>(), Function.identity());
                Map<String, List<String>> byText =
                        key == Key.text ? world.fill(new ConcurrentHashMap<>(), EntityId::toString) : Map.of();
                yield by(key, world, byId::get, byText::get);
            }
            case textmap -> {
                Map<String, List<String>> byText = world.fill(new ConcurrentHashMap<>(), EntityId::toString);
                String[] texts = new String[world.keys(key).length];
                for (int i = 0; i < texts.length; i++) {
                    texts[i] = world.keys(key)[i].toString();
                }
                yield key == Key.stored || key == Key.equal
                        ? index -> byText.get(texts[index])
                        : by(key, world, id -> byText.get(id.toString()), byText::get);
            }
            case locked -> {
                ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
                Map<EntityId, List<String>> byId = world.fill(new HashMap<>(), Function.identity());
                yield by(
                        key,
                        world,
                        id -> {
                            lock.readLock().lock();
                            try {
                                return byId.get(id);
                            } finally {
                                lock.readLock().unlock();
                            }
                        },
                        text -> noTexts());
            }
            case caffeine -> {
                Cache<EntityId, List<String>> cache =
                        Caffeine.newBuilder().maximumSize(2L * world.size()).build();
                world.fill(cache.asMap(), Function.identity());
                yield by(key, world, cache::getIfPresent, text -> noTexts());
            }
            case store -> {
                TagStore store = world.store();
                yield by(key, world, id -> store.lookup(id, Cardinality.HIGH), text -> noTexts());
            }
            case tagger -> {
                Tagger tagger = world.tagger();
                yield by(
                        key, world, id -> tagger.tag(id, Cardinality.HIGH), text -> tagger.tag(text, Cardinality.HIGH));
            }
            case client -> {
                Tagger client = world.client();
                yield by(
                        key, world, id -> client.tag(id, Cardinality.HIGH), text -> client.tag(text, Cardinality.HIGH));
            }
            case isolated, together -> {
                Tagger tagger = world.plugins(subject == Subject.isolated);
                yield by(
                        key, world, id -> tagger.tag(id, Cardinality.HIGH), text -> tagger.tag(text, Cardinality.HIGH));
            }
            case cached -> {
                Tagger tagger = world.tagger();
                yield by(key, world, id -> tagger.cached(id, Cardinality.HIGH), text -> noTexts());
            }
            case handle -> {
                Tagger tagger = world.tagger();
                TagHandle[] handles = new TagHandle[world.keys(Key.stored).length];
                for (int i = 0; i < handles.length; i++) {
                    handles[i] = tagger.handle(world.keys(Key.stored)[i]);
                }
                yield index -> handles[index].tags(Cardinality.HIGH);
            }
        };
    }

    private static Lookup by(
            Key key, World world, Function<EntityId, List<String>> byId, Function<String, List<String>> byText) {
        EntityId[] keys = world.keys(key);
        byte[][] received = world.received(key);
        return switch (key) {
            case stored, equal -> index -> byId.apply(keys[index]);
            case parsed -> index -> byId.apply(EntityId.parse(new String(received[index], StandardCharsets.US_ASCII)));
            case text -> index -> byText.apply(new String(received[index], StandardCharsets.US_ASCII));
        };
    }

    private static List<String> noTexts() {
        throw new IllegalStateException("this subject is not asked with texts");
    }
}
