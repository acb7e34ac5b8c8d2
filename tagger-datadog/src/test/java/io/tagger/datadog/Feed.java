package io.tagger.datadog;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A collector whose reports are those of a test. */
final class Feed implements Streamer {
    private final CompletableFuture<TagSink> sink = new CompletableFuture<>();

    @Override
    public String name() {
        return "feed";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER, EntityId.POD, "book");
    }

    @Override
    public void detect(CollectorContext context) {}

    @Override
    public void stream(TagSink given) throws Exception {
        sink.complete(given);
        new CompletableFuture<Void>().get(); // until the end of the tagger
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        if (entity.id().equals("hangs")) {
            new CompletableFuture<Void>().get();
        }
        return List.of();
    }

    static TagInfo.Builder info(EntityId entity) {
        return TagInfo.builder("feed", entity);
    }

    void send(TagInfo... infos) throws Exception {
        sink.get().send(Arrays.asList(infos));
    }

    void send(List<TagInfo> infos) throws Exception {
        sink.get().send(infos);
    }

    void synced() throws Exception {
        sink.get().synced();
    }
}
