package io.tagger.store;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads that call the listeners of subscriptions. Thread-safe.
 *
 * <p>Two threads serve all listeners that keep up. If a task runs for 100 ms while other tasks wait, the pool takes the
 * thread for stuck and adds a further thread, so that a stuck listener holds up no other listener for longer. There is
 * at most one further thread for each stuck listener. When the listener returns, the pool shrinks again.
 */
public final class ListenerPool extends ThreadPoolExecutor {
    /*
     * A subscription has at most one task at a time, and a task makes way after some milliseconds of work
     * (TagSubscription). A task older than 100 ms is therefore inside one call of one listener.
     *
     * The watch thread notices stuck threads. The watch thread starts at the first backlog and sleeps while no task
     * waits: only a waiting task needs a further thread. A submitter wakes the watch thread only if its task waits.
     */
    private static final int THREADS = 2;

    private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(25);
    private static final long IDLE_SECONDS = 10;

    /** The start of each running task in {@link System#nanoTime}, by thread. */
    private final Map<Thread, Long> running = new ConcurrentHashMap<>();

    private final ThreadFactory daemons;
    private @Nullable Thread watch; // guarded by this
    private volatile boolean watching;

    /** Makes a pool; the threads are daemons and start on demand. */
    public ListenerPool() {
        this(new Daemons(Thread.currentThread().getThreadGroup()));
    }

    private ListenerPool(ThreadFactory daemons) {
        super(THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
        this.daemons = daemons;
        allowCoreThreadTimeOut(true);
    }

    /** Makes threads without a trace of the submitter, often a collector's thread with a plugin's class loader. */
    private record Daemons(ThreadGroup group, AtomicInteger number) implements ThreadFactory {
        Daemons(ThreadGroup group) {
            this(group, new AtomicInteger());
        }

        @Override
        public Thread newThread(Runnable task) {
            Thread thread = new Thread(group, task, "tagger-events-" + number.incrementAndGet());
            thread.setDaemon(true);
            thread.setContextClassLoader(ListenerPool.class.getClassLoader());
            return thread;
        }
    }

    @Override
    public void execute(Runnable task) {
        super.execute(task);
        if (!watching && !getQueue().isEmpty()) {
            wakeWatch();
        }
    }

    @Override
    public void shutdown() {
        super.shutdown();
        wakeWatch();
    }

    @Override
    public List<Runnable> shutdownNow() {
        List<Runnable> rest = super.shutdownNow();
        wakeWatch();
        return rest;
    }

    private synchronized void wakeWatch() {
        watching = true;
        if (watch != null) {
            LockSupport.unpark(watch);
        } else if (!isShutdown()) {
            try {
                watch = daemons.newThread(this::watch);
                watch.start();
            } catch (Throwable e) { // no thread can be started now; the next backlog tries again
                watch = null;
                watching = false;
            }
        }
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        running.put(thread, System.nanoTime());
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable error) {
        running.remove(Thread.currentThread());
    }

    private void watch() {
        while (!isShutdown()) {
            try {
                if (getQueue().isEmpty() && getMaximumPoolSize() == THREADS) {
                    watching = false;
                    if (getQueue().isEmpty() && !isShutdown()) {
                        LockSupport.park(this);
                    }
                } else {
                    LockSupport.parkNanos(this, LOOK_NANOS);
                }
                resize();
            } catch (Throwable e) { // no memory or no thread for a larger pool; the next look tries again
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        }
    }

    /** Gives the pool one thread more for each stuck thread, as long as tasks wait. */
    private void resize() {
        long now = System.nanoTime();
        int size = THREADS;
        for (long start : running.values()) {
            size += now - start > STUCK_NANOS ? 1 : 0;
        }
        if (size > getMaximumPoolSize() && !getQueue().isEmpty()) {
            setMaximumPoolSize(size);
            setCorePoolSize(size);
        } else if (size < getMaximumPoolSize()) {
            setCorePoolSize(size);
            setMaximumPoolSize(size);
        }
    }
}
