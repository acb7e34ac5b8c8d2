package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was sent of each thing, so that only what has changed is sent again. One thread sends; any may ask. */
final class SentRevisions {
    /**
     * A pod, or something else that a pull has found.
     *
     * @param key what it is, whatever becomes of it
     * @param revision what its tags depend on; two that are equal have the same tags
     * @param tags extracts the tags of its entities
     */
    record Thing(String key, Object revision, Supplier<List<TagInfo>> tags) {}

    private record Sent(Thing thing, List<EntityId> entities) {}

    private record Holding(EntityId entity, String key) {}

    private final Map<String, Sent> sent = new ConcurrentHashMap<>();
    private final Map<EntityId, String> holders =
            new ConcurrentHashMap<>(); // of each entity the thing that sent it last

    /**
     * Sends what is new or other than last time, and then that entities are gone which no thing has any more: a pod, or a container that
     * was replaced.
     *
     * @param things all there are
     * @param sink where the tags go
     */
    void send(List<Thing> things, TagSink sink) throws InterruptedException {
        Set<String> present = new HashSet<>();
        List<Holding> left = new ArrayList<>();
        for (Thing thing : things) {
            present.add(thing.key);
            Sent before = sent.get(thing.key);
            if (before == null || !before.thing.revision.equals(thing.revision)) {
                List<TagInfo> infos = thing.tags.get();
                sink.send(infos);
                List<EntityId> entities = infos.stream().map(TagInfo::entity).toList();
                entities.forEach(entity -> holders.put(entity, thing.key));
                sent.put(thing.key, new Sent(thing, entities));
                if (before != null) {
                    leave(before, entities, left);
                }
            }
        }
        sent.values().removeIf(before -> {
            boolean isGone = !present.contains(before.thing.key);
            if (isGone) {
                leave(before, List.of(), left);
            }
            return isGone;
        });
        // Only now: what one thing has left may be another's, which was sent after it.
        List<TagInfo> deletions = left.stream()
                .filter(holding -> holders.remove(holding.entity, holding.key))
                .map(holding -> TagInfo.deletion(KubernetesCollector.NAME, holding.entity))
                .toList();
        if (!deletions.isEmpty()) {
            sink.send(deletions);
        }
    }

    /** What was sent of the thing; null if nothing was. */
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

    /** The tags, as they are now, of all entities of the thing that has this one; empty if none has. */
    List<TagInfo> find(EntityId entity) {
        String key = holders.get(entity);
        Sent holder = key == null ? null : sent.get(key);
        return holder == null ? List.of() : holder.thing.tags.get();
    }
}
