package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The revisions sent so far, so that only changes are sent. One thread sends; any thread may read. */
final class SentRevisions {
    /**
     * A pod, or a further object found by a pull.
     *
     * @param key the identity over all changes
     * @param revision the state on which the tags depend; equal revisions have equal tags
     * @param ended the ids of containers that have ended; the collector of the runtime may delete the containers
     * @param tags extracts the tags of the entities
     */
    record Thing(String key, Object revision, Set<String> ended, Supplier<List<TagInfo>> tags) {}

    /**
     * A thing as sent.
     *
     * @param entities the entities of the thing
     * @param tagged the entities with tags
     */
    private record Sent(Thing thing, List<EntityId> entities, List<EntityId> tagged) {}

    private record Holding(EntityId entity, String key) {}

    private final Map<String, Sent> sent = new ConcurrentHashMap<>();
    private final Map<EntityId, String> holders = new ConcurrentHashMap<>(); // the last sender of each entity
    private final Set<EntityId> shared = new HashSet<>(); // entities that two things had at a time
    private final Predicate<EntityId> holds;

    /**
     * Makes an empty memory.
     *
     * @param holds whether the tagger still has this collector's tags for an entity; a thing that has lost tags is sent
     *     again
     */
    SentRevisions(Predicate<EntityId> holds) {
        this.holds = holds;
    }

    /**
     * Sends new and changed things, and then the deletions of entities without a thing: of a pod, or of a replaced
     * container.
     *
     * @param things the things to look at; unchanged things are not sent
     * @param gone the keys of things that are gone
     * @param sink where the tags go
     */
    void send(List<Thing> things, Collection<String> gone, TagSink sink) throws InterruptedException {
        List<Holding> left = new ArrayList<>();
        for (Thing thing : things) {
            Sent before = sent.get(thing.key);
            if (before == null
                    || !before.thing.revision.equals(thing.revision)
                    || !before.tagged.stream()
                            .allMatch(entity -> thing.ended.contains(entity.id()) || holds.test(entity))) {
                List<TagInfo> infos = thing.tags.get();
                sink.send(infos);
                List<EntityId> entities = infos.stream().map(TagInfo::entity).toList();
                for (EntityId entity : entities) {
                    String holder = holders.put(entity, thing.key);
                    if (holder != null && !holder.equals(thing.key)) {
                        shared.add(entity);
                    }
                }
                List<EntityId> tagged = infos.stream()
                        .filter(info -> !info.isEmpty())
                        .map(TagInfo::entity)
                        .toList();
                sent.put(thing.key, new Sent(thing, entities, tagged));
                if (before != null) {
                    leave(before, entities, left);
                }
            }
        }
        for (String key : gone) {
            Sent before = sent.remove(key);
            if (before != null) {
                leave(before, List.of(), left);
            }
        }
        // Last: an entity left by one thing may belong to another thing, sent later or earlier.
        List<TagInfo> changes = left.stream()
                .filter(holding -> holders.remove(holding.entity, holding.key))
                .map(holding -> ofAnotherHolder(holding.entity)
                        .orElseGet(() -> TagInfo.deletion(KubernetesCollector.NAME, holding.entity)))
                .toList();
        if (!changes.isEmpty()) {
            sink.send(changes);
        }
    }

    /** The keys of all sent things. */
    Set<String> keys() {
        return Set.copyOf(sent.keySet());
    }

    /** The tags of an entity from another thing that has it too, such as a container id in two pods. */
    private Optional<TagInfo> ofAnotherHolder(EntityId entity) {
        if (!shared.contains(entity)) {
            return Optional.empty(); // the usual case, without a look at all things
        }
        for (Sent other : sent.values()) {
            if (other.entities.contains(entity)) {
                holders.put(entity, other.thing.key);
                return other.thing.tags.get().stream()
                        .filter(info -> info.entity().equals(entity))
                        .findFirst();
            }
        }
        return Optional.empty();
    }

    /** The revision sent for a thing; null for none. */
    @Nullable
    Object revision(String key) {
        Sent before = sent.get(key);
        return before == null ? null : before.thing.revision;
    }

    private static void leave(Sent before, List<EntityId> stay, List<Holding> left) {
        for (EntityId entity : before.entities) {
            if (!stay.contains(entity)) {
                left.add(new Holding(entity, before.thing.key));
            }
        }
    }

    /** The present tags of all entities of the thing with the given entity; empty for none. */
    List<TagInfo> find(EntityId entity) {
        String key = holders.get(entity);
        Sent holder = key == null ? null : sent.get(key);
        return holder == null ? List.of() : holder.thing.tags.get();
    }
}
