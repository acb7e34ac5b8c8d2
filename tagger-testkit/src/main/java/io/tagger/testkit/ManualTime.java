package io.tagger.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Time under the control of a test: a clock, and a scheduler that runs due tasks on the thread that {@linkplain
 * #advance advances} the time. Thread-safe.
 */
public final class ManualTime {
    private final PriorityQueue<Task<?>> tasks = new PriorityQueue<>(
            Comparator.<Task<?>>comparingLong(task -> task.due).thenComparingLong(task -> task.number));
    private long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli(); // guarded by this
    private long numbers; // guarded by this
    private boolean shutdown; // guarded by this

    private final Clock clock = new ManualClock();
    private final ScheduledExecutorService scheduler = new ManualScheduler();

    /** Makes a time at a standstill. */
    public ManualTime() {}

    /**
     * The clock of this time, in UTC.
     *
     * @return the clock
     */
    public Clock clock() {
        return clock;
    }

    /**
     * The scheduler of this time. Tasks without a delay run at once, on the caller's thread.
     *
     * @return the scheduler
     */
    public ScheduledExecutorService scheduler() {
        return scheduler;
    }

    /**
     * Advances the time. Every due task runs on this thread, in order, at its due moment; so do tasks scheduled
     * meanwhile.
     *
     * @param duration how long; not negative
     */
    public void advance(Duration duration) {
        long end;
        synchronized (this) {
            end = now + duration.toMillis();
        }
        for (Task<?> task = next(end); task != null; task = next(end)) {
            task.run();
        }
    }

    /**
     * The number of tasks waiting for their time.
     *
     * @return the count, without cancelled tasks
     */
    public synchronized int pending() {
        return (int) tasks.stream().filter(task -> !task.isCancelled()).count();
    }

    private synchronized @Nullable Task<?> next(long end) {
        Task<?> task = tasks.peek();
        if (task == null || task.due > end) {
            now = end;
            return null;
        }
        now = Math.max(now, task.due);
        return tasks.poll();
    }

    private synchronized long millis() {
        return now;
    }

    private synchronized <V> Task<V> add(Task<V> task) {
        if (shutdown) {
            throw new RejectedExecutionException("the scheduler is shut down");
        }
        tasks.add(task);
        return task;
    }

    private final class ManualClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("this clock is in UTC");
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(ManualTime.this.millis());
        }
    }

    private final class Task<V> extends FutureTask<V> implements ScheduledFuture<V> {
        private final long period; // 0: once
        private final long number;
        private long due;

        Task(Callable<V> callable, long delayMillis, long periodMillis) {
            super(callable);
            synchronized (ManualTime.this) {
                due = now + Math.max(0, delayMillis);
                number = numbers++;
            }
            period = periodMillis;
        }

        @Override
        public void run() {
            if (period == 0) {
                super.run();
            } else if (super.runAndReset()) {
                due = millis() + period;
                try {
                    add(this);
                } catch (RejectedExecutionException e) {
                    cancel(false);
                }
            }
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - millis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.MILLISECONDS), other.getDelay(TimeUnit.MILLISECONDS));
        }
    }

    private final class ManualScheduler extends AbstractExecutorService implements ScheduledExecutorService {
        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return add(new Task<>(
                    () -> {
                        command.run();
                        return null;
                    },
                    unit.toMillis(delay),
                    0));
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
            return add(new Task<>(callable, unit.toMillis(delay), 0));
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long delay, long period, TimeUnit unit) {
            return scheduleWithFixedDelay(command, delay, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long delay, long period, TimeUnit unit) {
            return add(new Task<>(
                    () -> {
                        command.run();
                        return null;
                    },
                    unit.toMillis(delay),
                    Math.max(1, unit.toMillis(period))));
        }

        @Override
        public void execute(Runnable command) {
            command.run();
        }

        @Override
        public void shutdown() {
            synchronized (ManualTime.this) {
                shutdown = true;
            }
        }

        @Override
        public List<Runnable> shutdownNow() {
            synchronized (ManualTime.this) {
                shutdown = true;
                List<Runnable> left = new ArrayList<>(tasks);
                tasks.clear();
                return left;
            }
        }

        @Override
        public boolean isShutdown() {
            synchronized (ManualTime.this) {
                return shutdown;
            }
        }

        @Override
        public boolean isTerminated() {
            return isShutdown();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return isShutdown();
        }
    }
}
