package io.tagger.collectors.containerd;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.containerd.ContainerdContainer.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keeps the containers as sent, and sends the changes. One thread sends; any thread may extract. */
final class ContainerReports {
    private final ContainerdClient client;
    private final ContainerdTags tags;
    private final Predicate<EntityId> holds;
    private final Consumer<String> problems;
    private final ImageIds images;
    private final Map<Key, Sent> sent = new ConcurrentHashMap<>();

    /**
     * A container as sent.
     *
     * @param imageId the id of the image that had the name at the first look; null if containerd gave no answer
     */
    private record Sent(
            ContainerdContainer container, @Nullable String imageId, TagInfo info) {}

    /**
     * Makes an empty memory.
     *
     * @param holds whether the tagger still has this collector's tags for an entity
     * @param problems receives the problems of invalid values
     */
    ContainerReports(
            ContainerdClient client, ContainerdTags tags, Predicate<EntityId> holds, Consumer<String> problems) {
        this.client = client;
        this.tags = tags;
        this.holds = holds;
        this.problems = problems;
        this.images = new ImageIds(client);
    }

    /** Takes all containers, sends the changed containers, and deletes the containers that are gone. */
    void list(List<ContainerdContainer> containers, TagSink sink) throws IOException, InterruptedException {
        Set<Key> present = new HashSet<>();
        for (ContainerdContainer container : containers) {
            if (!container.isSandbox()) {
                present.add(container.key());
                set(container, sink);
            }
        }
        for (Key key : List.copyOf(sent.keySet())) {
            if (!present.contains(key)) {
                delete(key, sink);
            }
        }
    }

    /** Looks at single containers. */
    void look(Set<Key> keys, TagSink sink) throws IOException, InterruptedException {
        for (Key key : keys) {
            Optional<ContainerdContainer> found = client.container(key);
            if (found.isEmpty()) {
                delete(key, sink);
            } else if (!found.get().isSandbox()) {
                set(found.get(), sink);
            }
        }
    }

    private void set(ContainerdContainer container, TagSink sink) throws InterruptedException {
        Sent before = sent.get(container.key());
        EntityId entity = EntityId.container(container.key().id());
        if (before != null
                && before.imageId != null
                && before.container.equals(container)
                && (before.info.isEmpty() || holds.test(entity))) {
            return;
        }
        boolean isSameImage = before != null && before.container.image().equals(container.image());
        String imageId = isSameImage && before.imageId != null ? before.imageId : imageId(container);
        TagInfo info = tags.extract(container, imageId, problems);
        sink.send(List.of(info));
        sent.put(container.key(), new Sent(container, imageId, info));
    }

    /** The id of the image; null if containerd gives no answer, which costs this tag alone until the next look. */
    private @Nullable String imageId(ContainerdContainer container) {
        try {
            return images.of(container.key().namespace(), container.image());
        } catch (IOException e) {
            problems.accept(
                    "the image of container " + container.key().id() + " can't be looked up: " + e.getMessage());
            return null;
        }
    }

    private void delete(Key key, TagSink sink) throws InterruptedException {
        if (sent.remove(key) != null) {
            // The same id may stand in another namespace.
            List<TagInfo> others = new ArrayList<>();
            sent.forEach((other, kept) -> {
                if (other.id().equals(key.id())) {
                    others.add(kept.info);
                }
            });
            sink.send(
                    others.isEmpty()
                            ? List.of(TagInfo.deletion(ContainerdCollector.NAME, EntityId.container(key.id())))
                            : others);
        }
    }

    /** The origins of the tags of a container. */
    Provenance explain(EntityId entity, ContainerdContainer container) {
        Provenance.Builder origins = new Provenance.Builder();
        tags.explaining(entity, origins).extract(container, imageId(container), origins::note);
        tags.exclusion(container).ifPresent(rule -> origins.note(ContainerExclusion.note(rule)));
        return origins.build();
    }

    /** The tags of a container, as sent or as extracted now. */
    TagInfo extract(ContainerdContainer container) {
        Sent before = sent.get(container.key());
        return before != null && before.container.equals(container)
                ? before.info
                : tags.extract(container, imageId(container), problem -> {});
    }
}
