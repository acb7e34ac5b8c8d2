package io.tagger.runtime.collect;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one task that is due at a later moment: a new task takes the place of the old. Not thread-safe. */
final class Timer {
    private final ScheduledExecutorService scheduler;
    private @Nullable ScheduledFuture<?> due;

    Timer(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * Sets the task.
     *
     * @return false if the scheduler is closed, so that the task never runs
     */
    boolean set(Duration pause, Runnable task) {
        cancel();
        try {
            due = scheduler.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    void cancel() {
        if (due != null) {
            due.cancel(false);
        }
    }
}
