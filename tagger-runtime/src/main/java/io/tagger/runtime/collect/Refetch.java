package io.tagger.runtime.collect;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Asks a FetchOnly collector with other settings again about all entities that its predecessor has answered, a few at a time, in
 * the background. The tags stay served meanwhile. Entities without an answer are asked about again, at growing intervals.
 * Thread-safe.
 */
final class Refetch {
    private static final int PARALLEL = 4;

    /** Rounds, up to a quarter of an hour; afterwards lookups alone ask. */
    private static final int ROUNDS = 30;

    private final HostedCollector collector;
    private final Source former;
    private final Runnable after;
    private final int round;
    private final AtomicInteger lanes = new AtomicInteger(PARALLEL);
    private final Iterator<EntityId> entities; // guarded by this

    private Refetch(HostedCollector collector, Source former, Runnable after, int round) {
        this.collector = collector;
        this.former = former;
        this.after = after;
        this.round = round;
        this.entities = unanswered().iterator();
    }

    /**
     * Begins; a lookup of such an entity meanwhile joins the question, or asks first.
     *
     * @param former the source of the predecessor, the collector's own unless the priority has changed
     * @param after runs when all questions are answered, or after the last round
     */
    static void begin(HostedCollector collector, Source former, Runnable after) {
        new Refetch(collector, former, after, 1).run();
    }

    private void run() {
        for (int i = 0; i < PARALLEL; i++) {
            next();
        }
    }

    private List<EntityId> unanswered() {
        return collector.services().store().list(EntityFilter.all()).stream()
                .filter(tags -> isUnanswered((Snapshot) tags))
                .map(EntityTags::entity)
                .toList();
    }

    private boolean isUnanswered(Snapshot snapshot) {
        Source own = collector.sources().own();
        boolean isFormer = former == own ? snapshot.hasVoidAnswerOf(own) : snapshot.isReportedBy(former);
        boolean isAnswered = former != own && snapshot.isReportedBy(own);
        return isFormer && !isAnswered && !collector.misses().isAnswered(snapshot.entity(), snapshot);
    }

    private void next() {
        for (EntityId entity = take(); entity != null; entity = take()) {
            CompletableFuture<Void> over = collector.misses().ask(entity, null);
            if (over != null && !over.isDone()) {
                over.whenComplete((nothing, error) -> next());
                return;
            }
        }
        if (lanes.decrementAndGet() == 0) {
            roundIsOver();
        }
    }

    private void roundIsOver() {
        if (round == ROUNDS || unanswered().isEmpty()) {
            after.run();
            return;
        }
        try {
            collector
                    .services()
                    .scheduler()
                    .schedule(
                            () -> new Refetch(collector, former, after, round + 1).run(),
                            collector.settings().retry().pause(round).toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The tagger is closed.
        }
    }

    private synchronized @Nullable EntityId take() {
        return entities.hasNext() ? entities.next() : null;
    }
}
