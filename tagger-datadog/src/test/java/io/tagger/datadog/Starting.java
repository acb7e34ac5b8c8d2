package io.tagger.datadog;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A collector that is not detected before a test wants so. */
final class Starting implements FetchOnly {
    private final CompletableFuture<Void> detect;

    Starting(CompletableFuture<Void> detect) {
        this.detect = detect;
    }

    @Override
    public String name() {
        return "starting";
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_ORCHESTRATOR;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER);
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        detect.get();
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) {
        return List.of();
    }
}
