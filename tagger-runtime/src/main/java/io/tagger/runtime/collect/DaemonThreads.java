package io.tagger.runtime.collect;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes daemon threads named after their work. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /**
     * Makes threads for a pool.
     *
     * @param name the work of the threads; a number is appended
     * @return the factory
     */
    public static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> thread(name + "-" + number.incrementAndGet(), task);
    }

    static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
