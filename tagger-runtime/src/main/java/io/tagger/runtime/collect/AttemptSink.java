package io.tagger.runtime.collect;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.store.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The channel from one instance of a collector to the store, for one source. Thread-safe.
 *
 * <p>The sink writes into the store on the sender's thread. The store never blocks for longer than a merge takes, so this channel has no queue:
 * no infos pile up, none is lost at the end of an instance, and the order is the sender's.
 */
class AttemptSink implements TagSink {
    private final Attempt attempt;
    private final Source source;
    private final Map<String, AttemptSink> relays = new ConcurrentHashMap<>();

    /** Entities named by the last {@link #replaceAll}. */
    private volatile Set<EntityId> named = Set.of();

    AttemptSink(Attempt attempt, Source source) {
        this.attempt = attempt;
        this.source = source;
    }

    @Override
    public void send(List<TagInfo> infos) throws InterruptedException {
        attempt.refuseIfOver();
        List<TagInfo> checked = attempt.host().guard().check(source, infos);
        attempt.update(source, checked);
        attempt.host().counters().accepted(checked.size());
    }

    @Override
    public void replaceAll(Collection<TagInfo> infos) throws InterruptedException {
        attempt.refuseIfOver();
        Map<EntityId, TagInfo> now = new LinkedHashMap<>();
        for (TagInfo info : attempt.host().guard().check(source, infos)) {
            now.put(info.entity(), info);
        }
        List<TagInfo> all = new ArrayList<>(now.values());
        for (EntityId entity : named) {
            if (!now.containsKey(entity)) {
                all.add(TagInfo.deletion(source.name(), entity));
            }
        }
        int changed = attempt.update(source, all); // the store compares: an equal info has no effect
        attempt.host().counters().accepted(changed + all.size() - now.size());
        named = now.values().stream()
                .filter(info -> !info.isEmpty() && !info.deleteEntity())
                .map(TagInfo::entity)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void synced() throws InterruptedException {
        attempt.synced();
    }

    @Override
    public TagSink relay(String name, CollectorPriority priority) {
        Source relayed = attempt.host().sources().relayed(name, priority);
        return relays.computeIfAbsent(relayed.name(), full -> new AttemptSink(attempt, relayed) {
            @Override
            public void synced() {
                throw new UnsupportedOperationException(
                        "the collector's own sink reports synced() for all its sources");
            }
        });
    }
}
