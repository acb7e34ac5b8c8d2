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
import java.util.concurrent.ConcurrentHashMap;

/**
 * The channel from one instance of a collector to the store, for one source. Thread-safe.
 *
 * <p>The sink writes into the store on the sender's thread. The store never blocks for longer than a merge takes, so
 * this channel has no queue: no infos pile up, none is lost at the end of an instance, and the order is the sender's.
 */
class AttemptSink implements TagSink {
    private final Attempt attempt;
    private final Source source;
    private final Map<String, AttemptSink> relays = new ConcurrentHashMap<>();

    /** The reports of the last {@link #replaceAll}, except withdrawals and deletions. */
    private volatile Map<EntityId, TagInfo> last = Map.of();

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
        for (TagInfo info : attempt.host().guard().wellFormed(source, infos)) {
            now.put(info.entity(), info);
        }
        List<TagInfo> changes = new ArrayList<>();
        now.forEach((entity, info) -> {
            if (!info.equals(last.get(entity))) {
                changes.add(info);
            }
        });
        for (EntityId entity : last.keySet()) {
            if (!now.containsKey(entity)) {
                changes.add(TagInfo.deletion(source.name(), entity));
            }
        }
        send(changes);
        now.values().removeIf(info -> info.isEmpty() || info.deleteEntity());
        last = now;
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
