package io.tagger.benchmarks;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** A collector with given infos, which then lends its sink until the close. */
final class Feed implements Streamer {
    private final String name;
    private final CollectorPriority priority;
    private final List<EntityId> entities;
    private final Function<Integer, TagInfo> info;
    private final CompletableFuture<TagSink> ready;
    private final CountDownLatch closed = new CountDownLatch(1);

    Feed(
            String name,
            CollectorPriority priority,
            List<EntityId> entities,
            Function<Integer, TagInfo> info,
            CompletableFuture<TagSink> ready) {
        this.name = name;
        this.priority = priority;
        this.entities = entities;
        this.info = info;
        this.ready = ready;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CollectorPriority priority() {
        return priority;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER);
    }

    @Override
    public void detect(CollectorContext context) {
        // Always present.
    }

    @Override
    public void stream(TagSink sink) throws InterruptedException {
        for (int i = 0; i < entities.size(); i++) {
            sink.send(List.of(info.apply(i)));
        }
        sink.synced();
        ready.complete(sink);
        closed.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
