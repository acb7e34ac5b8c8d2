package io.tagger.collectors.docker;

import io.tagger.api.collector.Backoff;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The queue of questions to the daemon, about containers or about images: the tasks by key, and the number of
 * workers. Thread-safe.
 *
 * <p>Each key has at most one pending task, so that a burst of events costs memory by the container and not by the
 * event. Two workers never work on one key: a report is sent before the next inspect of the container begins, so that a
 * slow inspect can't overtake a later deletion. A failed task is repeated at growing intervals.
 *
 * @param <T> the tasks
 */
final class InspectQueue<T> {
    /**
     * Carries out tasks.
     *
     * @param <T> the tasks
     */
    interface Worker<T> {
        /**
         * Carries out one task.
         *
         * @param failures the number of failures before this attempt
         * @throws DaemonException if the daemon could not tell; the task is repeated later
         */
        void work(String key, T task, int failures) throws DaemonException;

        /** Takes note of the end of the first sync's patience with a failing task. */
        default void outOfPatience(String key, T task, DaemonException error) {}
    }

    /** The failures of one key. Each failure makes a new object. */
    private static final class Failures {
        final int count;
        final long since; // the first failure, or the first sync before it
        final boolean isOutOfPatience;

        Failures(int count, long since, boolean isOutOfPatience) {
            this.count = count;
            this.since = since;
            this.isOutOfPatience = isOutOfPatience;
        }
    }

    private final Executor executor;
    private final int parallel;
    private final Backoff retry;
    private final Worker<T> worker;

    private BinaryOperator<T> merge = (older, newer) -> newer;
    private Duration patience = Duration.ZERO;

    private final Map<String, T> pending = new LinkedHashMap<>(); // guarded by this
    private final Map<String, T> listed = new LinkedHashMap<>(); // guarded by this; tasks of the first list alone
    private boolean isListsTurn; // guarded by this
    private final Set<String> busy = new HashSet<>(); // guarded by this
    private final Set<String> initial = new HashSet<>(); // guarded by this; unhandled keys of the first list
    private long begun; // guarded by this; the time of the first list
    private final Map<String, Failures> failures = new HashMap<>(); // guarded by this
    private int workers; // guarded by this
    private @Nullable Throwable failure; // guarded by this
    private Runnable onFailure = () -> {}; // guarded by this

    /**
     * Makes an empty queue.
     *
     * @param executor runs the workers
     * @param parallel the number of workers
     * @param retry the pauses between the attempts at a failing task
     * @param worker carries out the tasks
     */
    InspectQueue(Executor executor, int parallel, Backoff retry, Worker<T> worker) {
        this.executor = executor;
        this.parallel = parallel;
        this.retry = retry;
        this.worker = worker;
    }

    /** Sets the merge of a pending task and a newer task of the key; unless set, the newer task replaces the pending. */
    InspectQueue<T> merging(BinaryOperator<T> rule) {
        merge = rule;
        return this;
    }

    /** Sets how long the first sync waits for a failing task. */
    InspectQueue<T> patience(Duration longest) {
        patience = longest;
        return this;
    }

    /** Adds a task. */
    void add(String key, T task) {
        synchronized (this) {
            T older = listed.remove(key);
            pending.merge(key, older == null ? task : merge.apply(older, task), merge);
        }
        employ();
    }

    /** Adds the tasks of the first list. A task set by an event meanwhile is newer, and stays. */
    void addInitial(Map<String, T> tasks) {
        synchronized (this) {
            begun = System.nanoTime();
            tasks.forEach((key, task) -> {
                initial.add(key);
                if (!pending.containsKey(key)) {
                    listed.put(key, task);
                }
            });
        }
        for (int i = 0; i < Math.min(parallel, tasks.size()); i++) {
            employ();
        }
    }

    /**
     * Waits until each task of the first list was carried out, or was given up for now because the patience is over.
     * Ends early if a worker has failed.
     *
     * @return false if the wait has ended by the timeout
     */
    synchronized boolean awaitInitial(Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!initial.isEmpty() && failure == null) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** The number of failing keys at the moment. */
    synchronized int failing() {
        return failures.size();
    }

    /** The error at the end of the work; null if there is none. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }

    private void employ() {
        synchronized (this) {
            if (workers >= parallel || failure != null) {
                return;
            }
            workers++;
        }
        executor.execute(this::run);
    }

    private void run() {
        for (Map.Entry<String, T> next = take(); next != null; next = take()) {
            String key = next.getKey();
            try {
                workOrRetry(key, next.getValue());
            } catch (Throwable e) { // the stream that owns this work rethrows the error
                fail(e);
            } finally {
                release(key);
            }
        }
    }

    private void workOrRetry(String key, T task) {
        int before;
        synchronized (this) {
            Failures known = failures.get(key);
            before = known == null ? 0 : known.count;
        }
        try {
            worker.work(key, task, before);
            done(key);
        } catch (DaemonException e) {
            retry(key, task, e);
        }
    }

    /** Takes a task of the list and a task of the events by turns: neither waits for the end of the other. */
    private synchronized Map.@Nullable Entry<String, T> take() {
        if (failure == null) {
            isListsTurn = !isListsTurn;
            Map.Entry<String, T> taken = takeFrom(isListsTurn ? listed : pending);
            taken = taken == null ? takeFrom(isListsTurn ? pending : listed) : taken;
            if (taken != null) {
                busy.add(taken.getKey());
                return taken;
            }
        }
        // The remaining keys are busy; the busy workers return here.
        workers--;
        return null;
    }

    private Map.@Nullable Entry<String, T> takeFrom(Map<String, T> tasks) {
        for (Iterator<Map.Entry<String, T>> entries = tasks.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, T> entry = entries.next();
            if (!busy.contains(entry.getKey())) {
                Map.Entry<String, T> taken = Map.entry(entry.getKey(), entry.getValue());
                entries.remove();
                return taken;
            }
        }
        return null;
    }

    private synchronized void done(String key) {
        failures.remove(key);
        seenTo(key);
    }

    private synchronized void seenTo(String key) {
        initial.remove(key);
        notifyAll();
    }

    private synchronized void release(String key) {
        busy.remove(key);
    }

    private void retry(String key, T task, DaemonException error) {
        Duration pause;
        Failures now;
        boolean isOut;
        synchronized (this) {
            Failures before = failures.get(key);
            int count = before == null ? 1 : before.count + 1;
            long time = System.nanoTime();
            long since = before != null ? before.since : initial.contains(key) ? begun : time;
            pause = retry.pause(count);
            boolean isOver = time + pause.toNanos() - since > patience.toNanos(); // at the next attempt
            isOut = isOver && (before == null || !before.isOutOfPatience);
            now = new Failures(count, since, isOver);
            failures.put(key, now);
        }
        if (isOut) {
            worker.outOfPatience(key, task, error);
            seenTo(key);
        }
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, executor)
                .execute(() -> repeat(key, task, now));
    }

    /** Repeats a task, unless a newer task is pending, under way, or was carried out meanwhile. */
    private void repeat(String key, T task, Failures after) {
        synchronized (this) {
            if (busy.contains(key) || failures.get(key) != after) {
                return;
            }
            pending.putIfAbsent(key, task);
        }
        employ();
    }

    /** Sets the listener of worker failures; the listener is called at once after an earlier failure. */
    void whenFailed(Runnable listener) {
        boolean now;
        synchronized (this) {
            onFailure = listener;
            now = failure != null;
        }
        if (now) {
            listener.run();
        }
    }

    private void fail(Throwable e) {
        Runnable listener;
        synchronized (this) {
            failure = e;
            listener = onFailure;
            notifyAll();
        }
        listener.run();
    }
}
