package io.tagger.runtime;

import io.tagger.runtime.collect.DaemonThreads;
import io.tagger.store.OutOfMemory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scheduler of a tagger, one thread: deadlines, retries and repeated tasks. An error of a task is never lost. */
final class TaggerScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTagger.class);

    private TaggerScheduler() {}

    /** Makes a scheduler, to be closed by the caller. */
    static ScheduledExecutorService make() {
        ScheduledThreadPoolExecutor scheduler =
                new ScheduledThreadPoolExecutor(1, DaemonThreads.named("tagger-scheduler")) {
                    @Override
                    protected void afterExecute(Runnable task, @Nullable Throwable error) {
                        if (task instanceof Future<?> ended && ended.isDone() && !ended.isCancelled()) {
                            escalate(ended);
                        }
                    }
                };
        scheduler.setRemoveOnCancelPolicy(true);
        return scheduler;
    }

    /** Repeats a task, also after an error of the task. */
    static ScheduledFuture<?> every(ScheduledExecutorService scheduler, Duration interval, Runnable task) {
        return scheduler.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) { // an error must not end the repeated tasks for good
                        OutOfMemory.escalate(e);
                        LOG.error("a task of the tagger failed and will run again at its next turn", e);
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A scheduler keeps the error of a task in its future, where nobody looks. */
    private static void escalate(Future<?> ended) {
        try {
            ended.get();
        } catch (ExecutionException e) {
            OutOfMemory.escalate(e.getCause());
            LOG.error("a task of the tagger failed and will not run again", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // never: the task is done
        }
    }
}
