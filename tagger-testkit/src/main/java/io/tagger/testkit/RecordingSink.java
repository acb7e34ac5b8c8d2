package io.tagger.testkit;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** A sink that keeps all reports in order, and refuses invalid reports like a host's sink. Thread-safe. */
public final class RecordingSink implements TagSink {
    private static final long LOOK_MILLIS = 20;

    private final String source;
    private final List<TagInfo> infos = new ArrayList<>(); // guarded by this
    private int syncs; // guarded by this
    private final Named named = new Named();
    private final Map<String, Named> relayed = new ConcurrentHashMap<>();

    /**
     * Makes an empty sink.
     *
     * @param source the name of the sending collector
     */
    public RecordingSink(String source) {
        this.source = source;
    }

    @Override
    public void send(List<TagInfo> sent) throws InterruptedException {
        record(source, sent);
    }

    @Override
    public void replaceAll(Collection<TagInfo> all) throws InterruptedException {
        named.replaceAll(source, all);
    }

    /**
     * The entities of a source's last {@link #replaceAll}, so that missing entities can be recorded as deletions, as a
     * host does.
     */
    private final class Named {
        private Map<EntityId, TagInfo> last = Map.of();

        synchronized void replaceAll(String speaker, Collection<TagInfo> all) throws InterruptedException {
            Map<EntityId, TagInfo> now = new LinkedHashMap<>();
            all.forEach(info -> now.put(info.entity(), info));
            List<TagInfo> changes = new ArrayList<>();
            now.forEach((entity, info) -> {
                boolean isChanged = !info.equals(last.get(entity));
                if (isChanged && !(info.isEmpty() && !last.containsKey(entity))) {
                    changes.add(info);
                }
            });
            for (EntityId gone : last.keySet()) {
                if (!now.containsKey(gone)) {
                    changes.add(TagInfo.deletion(speaker, gone));
                }
            }
            record(speaker, changes);
            now.values().removeIf(TagInfo::isEmpty);
            last = now;
        }
    }

    @Override
    public TagSink relay(String other, CollectorPriority priority) {
        String speaker = source + "/" + other;
        Named names = relayed.computeIfAbsent(speaker, name -> new Named());
        return new TagSink() {
            @Override
            public void send(List<TagInfo> sent) throws InterruptedException {
                record(speaker, sent);
            }

            @Override
            public void replaceAll(Collection<TagInfo> all) throws InterruptedException {
                names.replaceAll(speaker, all);
            }

            @Override
            public void synced() {
                throw new UnsupportedOperationException(
                        "the collector's own sink reports synced() for all its sources");
            }
        };
    }

    private synchronized void record(String speaker, List<TagInfo> sent) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a send");
        }
        for (TagInfo info : sent) {
            if (!info.source().equals(speaker)) {
                throw new IllegalArgumentException("an info of '" + info.source() + "' was sent by '" + speaker + "'");
            }
        }
        infos.addAll(sent);
    }

    @Override
    public synchronized void synced() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before a sync");
        }
        syncs++;
        notifyAll();
    }

    /**
     * Waits until the collector calls {@link #synced}.
     *
     * @param limit how long to wait at most
     * @param givenUp whether the wait is in vain; checked at an interval
     * @return whether the collector has synced
     * @throws InterruptedException if the waiting thread is interrupted
     */
    public synchronized boolean awaitSynced(Duration limit, BooleanSupplier givenUp) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (syncs == 0 && !givenUp.getAsBoolean() && System.nanoTime() < end) {
            wait(LOOK_MILLIS);
        }
        return syncs > 0;
    }

    /**
     * All reports.
     *
     * @return a copy, in the order of sending
     */
    public synchronized List<TagInfo> infos() {
        return List.copyOf(infos);
    }

    /**
     * The state after all reports: the last report of each entity not deleted or withdrawn since.
     *
     * @return a copy
     */
    public synchronized Map<EntityId, TagInfo> state() {
        Map<EntityId, TagInfo> state = new LinkedHashMap<>();
        for (TagInfo info : infos) {
            if (info.deleteEntity() || info.isEmpty()) {
                state.remove(info.entity());
            } else {
                state.put(info.entity(), info);
            }
        }
        return state;
    }

    /**
     * The number of calls of {@link #synced}.
     *
     * @return the count
     */
    public synchronized int syncs() {
        return syncs;
    }
}
