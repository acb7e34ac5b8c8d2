package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.collector.CollectorContext;
import io.tagger.store.Snapshot;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * The services of the host for one instance of a collector.
 *
 * @param attempt the instance
 * @param workers the threads of the instance
 */
record AttemptContext(Attempt attempt, ExecutorService workers) implements CollectorContext {
    private static final int LONGEST_PROGRESS = 500;

    @Override
    public Map<String, Object> settings() {
        return attempt.host().use().configuration();
    }

    @Override
    public Clock clock() {
        return attempt.host().services().clock();
    }

    @Override
    public String hostName() {
        return attempt.host().services().names().host();
    }

    @Override
    public String loggerName() {
        return "tagger.collectors." + attempt.host().name();
    }

    @Override
    public void progress(String text) {
        attempt.progress(text.length() <= LONGEST_PROGRESS ? text : text.substring(0, LONGEST_PROGRESS));
    }

    @Override
    public void tagged(Instant start) {
        Duration since = Duration.between(start, clock().instant());
        if (!since.isNegative()) { // the clock of a daemon on another machine may be ahead
            attempt.host().services().calls().tagged().accept(attempt.host().name(), since);
        }
    }

    @Override
    public boolean holds(EntityId entity) {
        Snapshot snapshot = attempt.host().services().store().find(entity);
        return snapshot != null
                && snapshot.isReportedBy(attempt.host().sources().own());
    }

    @Override
    public CompletionStage<Optional<EntityTags>> lookup(EntityId entity) {
        return attempt.host().services().calls().lookup().apply(entity);
    }

    @Override
    public void follows(List<String> lineage) {
        attempt.host()
                .sources()
                .follow(lineage, attempt.host().services().names().tagger());
    }

    @Override
    public Executor executor() {
        return command -> {
            try {
                workers.execute(command);
            } catch (RejectedExecutionException e) {
                throw new IllegalStateException(
                        workers.isShutdown()
                                ? "this instance of " + attempt.host().name() + " is closed, and so is its executor"
                                : "too many tasks of " + attempt.host().name() + " wait for a thread",
                        e);
            }
        };
    }
}
