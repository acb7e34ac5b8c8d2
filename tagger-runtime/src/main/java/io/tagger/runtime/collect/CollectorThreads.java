package io.tagger.runtime.collect;

import io.tagger.runtime.plugin.CollectorPlugin;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one collector: the host's threads for the collector, and the threads started by the collector, which
 * inherit the thread group. The group shows whose threads pile up and whose are busy. Thread-safe.
 */
final class CollectorThreads extends ThreadGroup {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final int most;
    private volatile @Nullable ClassLoader loader;
    private volatile BiConsumer<Thread, Throwable> onDeath;
    private Map<Long, Long> usedBefore = Map.of(); // guarded by this; nanoseconds of CPU by thread

    /**
     * Makes an empty group.
     *
     * @param plugin the collector
     * @param most the limit of live threads
     * @param onDeath receives each thread ended by an exception or an error
     */
    CollectorThreads(CollectorPlugin plugin, int most, BiConsumer<Thread, Throwable> onDeath) {
        super("tagger-" + plugin.name());
        this.loader = plugin.loader();
        this.onDeath = onDeath;
        this.most = most;
    }

    /** The report that more threads are alive than the limit; empty if not. */
    String crowd() {
        int alive = activeCount();
        return alive <= most
                ? ""
                : alive + " threads of the collector are alive, more than the " + most
                        + " of tagger.collect.max-threads";
    }

    Thread thread(String role, Runnable task) {
        Thread thread = new Thread(this, task, getName() + role);
        thread.setDaemon(true);
        thread.setContextClassLoader(loader);
        return thread;
    }

    ThreadFactory named(String role) {
        AtomicInteger number = new AtomicInteger();
        return task -> thread(role + "-" + number.incrementAndGet(), task);
    }

    /** Releases the references of the group: up to Java 18 a group is never forgotten by its parent. */
    void release() {
        loader = null;
        onDeath = (thread, error) -> {};
    }

    @Override
    public void uncaughtException(Thread thread, Throwable error) {
        onDeath.accept(thread, error);
    }

    /**
     * The processor time of the threads since the last call.
     *
     * @param nanos all threads together, in nanoseconds
     * @param busiest the name of the thread with the most processor time; empty for none
     */
    record Usage(long nanos, String busiest) {}

    synchronized Usage usageSinceLastCall() {
        Map<Long, Long> used = new HashMap<>();
        long sum = 0;
        long most = 0;
        String busiest = "";
        for (Thread thread : alive()) {
            long now = THREADS.getThreadCpuTime(thread.getId()); // -1 for a thread at its end
            long since = now - usedBefore.getOrDefault(thread.getId(), 0L);
            used.put(thread.getId(), now);
            sum += Math.max(0, since);
            if (since > most) {
                most = since;
                busiest = thread.getName();
            }
        }
        usedBefore = used;
        return new Usage(sum, busiest);
    }

    private List<Thread> alive() {
        @Nullable Thread[] threads = new Thread[activeCount() + 16]; // some threads may start meanwhile
        int count = enumerate(threads);
        return Arrays.stream(threads, 0, count).filter(Objects::nonNull).toList();
    }
}
