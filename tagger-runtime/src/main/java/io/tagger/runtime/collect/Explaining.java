package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Provenance;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A question to one collector for the origins of an entity's tags, bounded like a fetch. Thread-safe. */
final class Explaining {
    private final HostedCollector host;
    private final EntityId entity;

    Explaining(HostedCollector host, EntityId entity) {
        this.host = host;
        this.entity = entity;
    }

    /**
     * Asks.
     *
     * @param attempt the running instance; null for none
     * @param answer the collector's answer about the tags, in words
     * @param isComplete whether that answer is final
     */
    CompletableFuture<Explanation.Source> ask(@Nullable Attempt attempt, String answer, boolean isComplete) {
        CompletableFuture<Provenance> origins = new CompletableFuture<>();
        if (attempt == null) {
            origins.complete(Provenance.NONE);
        } else {
            begin(attempt, origins);
        }
        return origins.handle((found, error) -> new Explanation.Source(
                host.name(),
                host.plugin().priority(),
                answer,
                isComplete,
                error == null
                        ? found
                        : new Provenance.Builder()
                                .note("gives no explanation: " + host.counters().words(error))
                                .build()));
    }

    private void begin(Attempt attempt, CompletableFuture<Provenance> origins) {
        Duration deadline = host.settings().deadlines().fetch();
        try {
            Future<?> running = attempt.workers().submit(() -> {
                try {
                    Optional<Provenance> found = attempt.collector().explain(entity);
                    origins.complete(found == null ? Provenance.NONE : found.orElse(Provenance.NONE));
                } catch (Throwable e) { // any error of a plugin
                    origins.completeExceptionally(e);
                }
            });
            Future<?> timer = host.services()
                    .scheduler()
                    .schedule(
                            () -> {
                                origins.completeExceptionally(
                                        new IllegalStateException("no answer within " + deadline.toMillis() + " ms"));
                                running.cancel(true);
                            },
                            deadline.toMillis(),
                            TimeUnit.MILLISECONDS);
            origins.whenComplete((found, error) -> timer.cancel(false));
        } catch (RejectedExecutionException e) {
            origins.completeExceptionally(new IllegalStateException("too many tasks wait for a thread", e));
        }
    }
}
