package io.tagger.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that call the listeners of subscriptions. Thread-safe.
 *
 * <p>Two threads serve all listeners that keep up. If a task runs for 100 ms while other tasks wait, the pool takes the
 * thread for stuck and adds a further thread, so that a stuck listener holds up no other listener. There is at most one
 * further thread for each stuck listener. When the listener returns, the pool shrinks again.
 */
public final class ListenerPool extends ThreadPoolExecutor {
    /*
     * A subscription has at most one task at a time, and a task makes way after some milliseconds of work
     * (TagSubscription). A task older than 100 ms is therefore inside one call of one listener.
     *
     * The watch thread notices stuck threads. The watch thread sleeps while no task waits: only a waiting task needs a
     * further thread. A submitter wakes the watch thread once per backlog, not once per task, so that the common case
     * costs an update one volatile read.
     */
    private static final int THREADS = 2;

    private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long IDLE_SECONDS = 10;

    /** The start of each running task in {@link System#nanoTime}, by thread. */
    private final Map<Thread, Long> running = new ConcurrentHashMap<>();

    private final Thread watch = daemon("tagger-events-watch", this::watch);
    private volatile boolean watching = true;

    /** Makes a pool; the threads are daemons and start on demand. */
    public ListenerPool() {
        super(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named());
        allowCoreThreadTimeOut(true);
        watch.start();
    }

    private static java.util.concurrent.ThreadFactory named() {
        AtomicInteger number = new AtomicInteger();
        return task -> daemon("tagger-events-" + number.incrementAndGet(), task);
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        super.execute(task);
        if (!watching) {
            watching = true;
            LockSupport.unpark(watch);
        }
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        running.put(thread, System.nanoTime());
    }

    @Override
    protected void afterExecute(Runnable task, Throwable error) {
        running.remove(Thread.currentThread());
    }

    private void watch() {
        while (!isShutdown()) {
            if (getQueue().isEmpty() && getMaximumPoolSize() == THREADS) {
                watching = false;
                if (getQueue().isEmpty()) {
                    LockSupport.park(this);
                }
            } else {
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
            resize();
        }
    }

    /** Gives the pool one thread more for each stuck thread, as long as tasks wait. */
    private void resize() {
        long now = System.nanoTime();
        int stuck = (int) running.values().stream()
                .filter(start -> now - start > STUCK_NANOS)
                .count();
        int size = THREADS + stuck;
        if (size > getMaximumPoolSize() && !getQueue().isEmpty()) {
            setMaximumPoolSize(size);
            setCorePoolSize(size);
        } else if (size < getMaximumPoolSize()) {
            setCorePoolSize(size);
            setMaximumPoolSize(size);
        }
    }

    @Override
    protected void terminated() {
        LockSupport.unpark(watch);
    }
}
