package io.tagger.collectors.docker;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which containers are to be looked at or dropped, and by whom. Thread-safe.
 *
 * <p>There is at most one thing to do per container, the newest; so a burst of events costs memory by the container and not by the event. At
 * most so many workers run beside each other, and never two of them on one container: whatever a worker sends about a container is sent
 * before the next look at it begins, which is why a slow inspect can't overtake the deletion that followed it.
 */
final class Inspections {
    /** What is to be done with a container. */
    enum Action {
        LOOK,
        DROP
    }

    private final Executor executor;
    private final int parallel;
    private final BiFunction<String, Action, Boolean> work;

    private final Map<String, Action> pending = new LinkedHashMap<>(); // guarded by this
    private final Set<String> busy = new HashSet<>(); // guarded by this
    private final Set<String> initial =
            new HashSet<>(); // guarded by this; what the first list named and nobody has seen to yet
    private int workers; // guarded by this
    private @Nullable Throwable failure; // guarded by this
    private Runnable onFailure = () -> {}; // guarded by this

    /**
     * Makes an empty list of things to do.
     *
     * @param executor runs the workers
     * @param parallel how many there may be
     * @param work does one thing; false if the container could not be looked at, and is not to count as seen to
     */
    Inspections(Executor executor, int parallel, BiFunction<String, Action, Boolean> work) {
        this.executor = executor;
        this.parallel = parallel;
        this.work = work;
    }

    /** Something has happened to a container: this replaces what was to be done with it. */
    void add(String id, Action action) {
        synchronized (this) {
            pending.put(id, action);
        }
        employ();
    }

    /** A look that failed is due again; nothing, if something newer is to be done with the container by now. */
    void addIfIdle(String id) {
        synchronized (this) {
            if (!busy.contains(id)) {
                pending.putIfAbsent(id, Action.LOOK);
            }
        }
        employ();
    }

    /** The first list of containers. What events have said of one of them meanwhile is newer, and stays. */
    void addInitial(Iterable<String> ids) {
        synchronized (this) {
            for (String id : ids) {
                initial.add(id);
                pending.putIfAbsent(id, Action.LOOK);
            }
        }
        employ();
    }

    /** Waits until each container of the first list was seen to. Ends early if a worker has failed. */
    synchronized void awaitInitial() throws InterruptedException {
        while (!initial.isEmpty() && failure == null) {
            wait();
        }
    }

    /** Do not wait for this one any longer. */
    synchronized void seenTo(String id) {
        initial.remove(id);
        notifyAll();
    }

    /** What a worker failed with; null if all is well. */
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
        for (Map.Entry<String, Action> next = take(); next != null; next = take()) {
            String id = next.getKey();
            try {
                if (work.apply(id, next.getValue())) {
                    seenTo(id);
                }
            } catch (Throwable e) { // the stream that owns this rethrows it
                fail(e);
            } finally {
                release(id);
            }
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
        // Whatever is left is being worked on, and its worker comes back here.
        workers--;
        return null;
    }

    private synchronized void release(String id) {
        busy.remove(id);
    }

    /** Names somebody who is told when a worker has failed, at once if that is so already. */
    void whenFailed(Runnable told) {
        boolean now;
        synchronized (this) {
            onFailure = told;
            now = failure != null;
        }
        if (now) {
            told.run();
        }
    }

    private void fail(Throwable e) {
        Runnable told;
        synchronized (this) {
            failure = e;
            told = onFailure;
            notifyAll();
        }
        told.run();
    }
}
