package io.tagger.runtime.collect;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that are named after what they do and do not keep the process alive. */
public final class DaemonThreads {
    private DaemonThreads() {}

    /**
     * Makes threads for a pool.
     *
     * @param name what they do; a number is added
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
