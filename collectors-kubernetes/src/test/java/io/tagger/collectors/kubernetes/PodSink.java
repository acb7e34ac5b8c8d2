package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.testkit.RecordingSink;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Records the tags of pods, containers and resources, and apart from them the attributes of {@link PodAttributes}. */
final class PodSink implements TagSink {
    private final RecordingSink tags = new RecordingSink("kubernetes");
    private final RecordingSink attributes = new RecordingSink("kubernetes");

    @Override
    public void send(List<TagInfo> sent) throws InterruptedException {
        tags.send(withoutAttributes(sent));
        attributes.send(sent.stream().filter(PodSink::isOfAttributes).toList());
    }

    @Override
    public void replaceAll(Collection<TagInfo> all) throws InterruptedException {
        tags.replaceAll(withoutAttributes(all));
        attributes.replaceAll(all.stream().filter(PodSink::isOfAttributes).toList());
    }

    @Override
    public void synced() throws InterruptedException {
        tags.synced();
    }

    static List<TagInfo> withoutAttributes(Collection<TagInfo> infos) {
        return infos.stream().filter(info -> !isOfAttributes(info)).toList();
    }

    private static boolean isOfAttributes(TagInfo info) {
        return info.entity().prefix().equals(EntityId.RESOURCE);
    }

    boolean awaitSynced(Duration limit, BooleanSupplier givenUp) throws InterruptedException {
        return tags.awaitSynced(limit, givenUp);
    }

    List<TagInfo> infos() {
        return tags.infos();
    }

    Map<EntityId, TagInfo> state() {
        return tags.state();
    }

    Map<EntityId, TagInfo> attributes() {
        return attributes.state();
    }
}
