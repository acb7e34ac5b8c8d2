package io.tagger.runtime.collect;

import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.TagSink;
import io.tagger.runtime.plugin.PluginInstance;
import io.tagger.store.Source;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of a collector, from its construction to its end, on a thread of its own. It is what the instance sees of the host: its sink
 * and its context.
 *
 * <p>The sink writes into the store on the sender's thread. The store never blocks for longer than a merge takes, so this is a channel
 * without a queue: nothing can pile up, nothing is lost at the end, and the order is the sender's.
 */
final class Attempt implements TagSink, CollectorContext {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private final HostedCollector host;
    private final int number;
    private final Thread thread;
    private final ExecutorService workers;
    private final AtomicBoolean disposed = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Semaphore pullDue = new Semaphore(0);
    private volatile @Nullable PluginInstance collector;
    private volatile boolean syncedOnce;

    Attempt(HostedCollector host, int number) {
        this.host = host;
        this.number = number;
        this.thread = host.threads.thread("", this::run);
        this.workers = Executors.newCachedThreadPool(host.threads.named("-worker"));
    }

    void start() {
        thread.start();
    }

    int number() {
        return number;
    }

    PluginInstance collector() {
        return Objects.requireNonNull(collector, "a running attempt has a collector");
    }

    /** Whether trying again is of no use: the class can't be loaded, linked or constructed. Memory that is short now is there later. */
    boolean broken(Throwable why) {
        return (collector == null || why instanceof LinkageError) && !(why instanceof VirtualMachineError);
    }

    private void run() {
        try {
            PluginInstance instance = host.plugin.newInstance();
            collector = instance;
            within(host.settings.detectDeadline(), "detect", () -> instance.detect(this));
            if (disposed.get()) {
                closeCollector(); // it came back after its deadline, when nobody waited for it any more
                return;
            }
            host.detected(this);
            switch (host.plugin.mode()) {
                case STREAM -> {
                    instance.stream(this);
                    host.ended(this, new IllegalStateException("the stream ended"));
                }
                case PULL -> pull(instance);
                case FETCH -> {} // it is asked
            }
        } catch (Throwable e) { // whatever a plugin throws is its own affair
            host.ended(this, e);
        }
        if (disposed.get()) {
            closeCollector(); // for the case that it was disposed of before it was constructed
        }
    }

    private void pull(PluginInstance puller) throws Exception {
        while (!disposed.get()) {
            within(host.settings.pullDeadline(), "pull", () -> puller.pull(this));
            synced();
            Duration interval = puller.pullInterval();
            if (interval == null || interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException(
                        "pullInterval() returned " + interval + ", which is not more than zero");
            }
            host.scheduler.schedule(() -> pullDue.release(), interval.toMillis(), TimeUnit.MILLISECONDS);
            pullDue.acquire();
        }
    }

    private void within(Duration deadline, String what, Step step) throws Exception {
        ScheduledFuture<?> timer = host.scheduler.schedule(
                () -> host.timedOut(this, what, deadline), deadline.toMillis(), TimeUnit.MILLISECONDS);
        try {
            step.run();
        } finally {
            timer.cancel(false);
        }
    }

    /** A step of a collector, which may throw anything. */
    private interface Step {
        void run() throws Exception;
    }

    /** Ends the instance, on a thread of its own because closing may hang; once. */
    Thread dispose() {
        Thread closer = host.threads.thread("-close", this::closeCollector);
        if (disposed.compareAndSet(false, true)) {
            workers.shutdownNow();
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
            closer.start();
        }
        return closer;
    }

    /** Ends the instance and waits until the deadline; says whether everything has ended by then. */
    boolean dispose(long deadline) {
        return join(dispose(), deadline) && join(thread, deadline);
    }

    private static boolean join(Thread ending, long deadline) {
        try {
            ending.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !ending.isAlive();
    }

    private void closeCollector() {
        PluginInstance instance = collector;
        if (instance != null && closed.compareAndSet(false, true)) {
            try {
                instance.close();
            } catch (Throwable e) { // a plugin that can't close must not keep the others from closing
                LOG.warn("collector {} failed to close: {}", host.name(), HostedCollector.words(e));
            }
        }
    }

    // The sink.

    @Override
    public void send(List<TagInfo> infos) throws InterruptedException {
        send(host.source, infos);
    }

    private void send(Source speaker, List<TagInfo> infos) throws InterruptedException {
        refuseIfOver();
        List<TagInfo> checked = host.check(speaker, infos);
        host.store.update(speaker, number, checked);
        host.accepted(checked.size());
    }

    @Override
    public TagSink relay(String name, CollectorPriority priority) {
        Source speaker = host.relayed(name, priority);
        return new TagSink() {
            @Override
            public void send(List<TagInfo> infos) throws InterruptedException {
                Attempt.this.send(speaker, infos);
            }

            @Override
            public void synced() {
                throw new UnsupportedOperationException("the collector's own sink says so for all");
            }
        };
    }

    @Override
    public void synced() throws InterruptedException {
        refuseIfOver();
        if (!syncedOnce) {
            syncedOnce = true;
            host.synced(this);
        }
    }

    private void refuseIfOver() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the host wants this instance of " + host.name() + " to end");
        }
        if (disposed.get()) {
            throw new IllegalStateException(
                    "this instance of " + host.name() + " was given up; nothing of it is taken any more");
        }
    }

    // The context.

    @Override
    public Map<String, Object> settings() {
        return host.configuration;
    }

    @Override
    public Clock clock() {
        return host.clock;
    }

    @Override
    public String hostName() {
        return host.hostName;
    }

    @Override
    public String loggerName() {
        return "tagger.collectors." + host.name();
    }

    @Override
    public void follows(List<String> lineage) {
        host.follow(lineage);
    }

    @Override
    public Executor executor() {
        return command -> {
            try {
                workers.execute(command);
            } catch (RejectedExecutionException e) {
                throw new IllegalStateException(
                        "this instance of " + host.name() + " is closed, and so is its executor", e);
            }
        };
    }
}
