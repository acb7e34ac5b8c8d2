package io.tagger.collectors.docker;

import io.tagger.api.collector.Backoff;
import io.tagger.collectors.common.RootCause;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The queue of work on containers: the containers to inspect or drop, and the number of workers. Thread-safe.
 *
 * <p>Each container has at most one pending action, the newest, so that a burst of events costs memory by the container
 * and not by the event. Two workers never work on one container: a report is sent before the next inspect of its
 * container begins, so that a slow inspect can't overtake a later deletion. A failed inspect is repeated at growing
 * intervals.
 */
final class Inspections {
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    /** The action on a container. */
    enum Action {
        LOOK,
        DROP
    }

    /** Carries out actions. */
    interface Worker {
        /**
         * Carries out one action.
         *
         * @throws DaemonException if the daemon could not tell; the container is inspected again later
         */
        void work(String id, Action action) throws DaemonException;
    }

    /** The daemon could not tell about a container. */
    static final class DaemonException extends Exception {
        private static final long serialVersionUID = 1L;

        DaemonException(Throwable cause) {
            super(cause);
        }
    }

    /** The failed inspects of one container: their number, and the sum of the pauses after them. */
    private record Failures(int count, Duration waited) {
        static final Failures NONE = new Failures(0, Duration.ZERO);
    }

    private final Executor executor;
    private final DockerSettings.Inspecting settings;
    private final Worker worker;
    private final Logger log;

    private final Map<String, Action> pending = new LinkedHashMap<>(); // guarded by this
    private final Set<String> busy = new HashSet<>(); // guarded by this
    private final Set<String> initial = new HashSet<>(); // guarded by this; unhandled containers of the first list
    private final Map<String, Failures> failures = new HashMap<>(); // guarded by this
    private int workers; // guarded by this
    private @Nullable Throwable failure; // guarded by this
    private Runnable onFailure = () -> {}; // guarded by this

    /**
     * Makes an empty queue.
     *
     * @param executor runs the workers
     * @param settings the number of workers, and the patience of the first sync
     * @param worker carries out the actions
     * @param log receives the warning about a container with failing inspects
     */
    Inspections(Executor executor, DockerSettings.Inspecting settings, Worker worker, Logger log) {
        this.executor = executor;
        this.settings = settings;
        this.worker = worker;
        this.log = log;
    }

    /** Sets the action for a container, in place of an older action. */
    void add(String id, Action action) {
        synchronized (this) {
            pending.put(id, action);
        }
        employ();
    }

    /** Adds the first list of containers. An action set by an event meanwhile is newer, and stays. */
    void addInitial(Iterable<String> ids) {
        synchronized (this) {
            for (String id : ids) {
                initial.add(id);
                pending.putIfAbsent(id, Action.LOOK);
            }
        }
        employ();
    }

    /**
     * Waits until each container of the first list was handled, or its patience is over. Ends early if a worker has
     * failed.
     */
    synchronized void awaitInitial() throws InterruptedException {
        while (!initial.isEmpty() && failure == null) {
            wait();
        }
    }

    /** The error that ended the work; null if there is none. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }

    private void employ() {
        synchronized (this) {
            if (workers >= settings.parallel() || failure != null) {
                return;
            }
            workers++;
        }
        executor.execute(this::run);
    }

    private void run() {
        for (Map.Entry<String, Action> next = take(); next != null; next = take()) {
            String id = next.getKey();
            try {
                workOrRetry(id, next.getValue());
            } catch (Throwable e) { // the stream that owns this work rethrows the error
                fail(e);
            } finally {
                release(id);
            }
        }
    }

    private void workOrRetry(String id, Action action) {
        try {
            worker.work(id, action);
            done(id);
        } catch (DaemonException e) {
            retry(id, e.getCause());
        }
    }

    private synchronized Map.@Nullable Entry<String, Action> take() {
        if (failure == null) {
            for (Iterator<Map.Entry<String, Action>> entries =
                            pending.entrySet().iterator();
                    entries.hasNext(); ) {
                Map.Entry<String, Action> entry = entries.next();
                if (!busy.contains(entry.getKey())) {
                    Map.Entry<String, Action> taken = Map.entry(entry.getKey(), entry.getValue());
                    entries.remove();
                    busy.add(taken.getKey());
                    return taken;
                }
            }
        }
        // The remaining containers are busy, and their workers return here.
        workers--;
        return null;
    }

    private synchronized void done(String id) {
        failures.remove(id);
        seenTo(id);
    }

    private synchronized void seenTo(String id) {
        initial.remove(id);
        notifyAll();
    }

    private synchronized void release(String id) {
        busy.remove(id);
    }

    private void retry(String id, Throwable error) {
        Duration pause;
        synchronized (this) {
            Failures before = failures.getOrDefault(id, Failures.NONE);
            pause = RETRY.pause(before.count + 1);
            Failures now = new Failures(before.count + 1, before.waited.plus(pause));
            failures.put(id, now);
            if (now.waited.compareTo(settings.patience()) > 0) {
                seenTo(id);
                log.warn(
                        "container {} can't be inspected; attempts follow every {} s at the latest: {}",
                        id,
                        RETRY.longest().toSeconds(),
                        RootCause.words(error));
            }
        }
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, executor)
                .execute(() -> addIfIdle(id));
    }

    /** Inspects a container again, unless a newer action is pending or under way. */
    private void addIfIdle(String id) {
        synchronized (this) {
            if (!busy.contains(id)) {
                pending.putIfAbsent(id, Action.LOOK);
            }
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
