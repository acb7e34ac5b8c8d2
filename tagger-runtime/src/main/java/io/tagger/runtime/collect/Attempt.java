package io.tagger.runtime.collect;

import io.tagger.api.CollectorMode;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.runtime.plugin.PluginInstance;
import io.tagger.store.Source;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance of a collector, from construction to close, on a thread of its own. Thread-safe. */
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    /** Tasks of a collector that wait for a thread; further tasks are refused. */
    private static final int MAX_TASKS = 10_000;

    private static final long IDLE_SECONDS = 10;

    private final HostedCollector host;
    private final int number;
    private final Thread thread;
    private final ExecutorService workers;
    private final AttemptSink sink;
    private final AtomicBoolean disposed = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Semaphore pullDue = new Semaphore(0);
    private volatile @Nullable PluginInstance collector;
    private volatile @Nullable CollectorMode mode;
    private volatile boolean syncedOnce;
    private volatile boolean isMuted;
    private volatile String progress = "";
    private volatile Optional<Duration> answersHoldFor = Optional.empty();

    Attempt(HostedCollector host, int number) {
        this.host = host;
        this.number = number;
        this.thread = host.threads().thread("", this::run);
        this.workers = workers(host);
        this.sink = new AttemptSink(this, host.sources().own());
    }

    /** The threads for the collector's work in the background; further tasks wait for a free thread. */
    private static ExecutorService workers(HostedCollector host) {
        int threads = host.settings().limits().threads() * 3 / 4; // the rest is for the host's threads of the collector
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_TASKS),
                host.threads().named("-worker"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    void start() {
        thread.start();
    }

    HostedCollector host() {
        return host;
    }

    int number() {
        return number;
    }

    /** The collector's description of how far it has come; empty unless there is something special. */
    String progress() {
        return progress;
    }

    void progress(String text) {
        progress = text;
    }

    PluginInstance collector() {
        return Objects.requireNonNull(collector, "a running attempt has a collector");
    }

    /** The threads for work in the background. */
    ExecutorService workers() {
        return workers;
    }

    /**
     * Whether a further attempt is useless: the class can't be loaded, linked or constructed. A lack of memory, and a
     * constructor that hangs, may pass.
     */
    boolean isBroken(Throwable why) {
        boolean isPassing = why instanceof VirtualMachineError || why instanceof CollectorUnavailableException;
        return (collector == null && !isPassing) || why instanceof LinkageError;
    }

    private void run() {
        try {
            within(host.settings().deadlines().detect(), "detect", this::detect);
            if (disposed.get()) {
                closeCollector(); // the detection returned after its deadline, and the attempt was already given up
                return;
            }
            PluginInstance instance = collector();
            answersHoldFor = durationOf(instance);
            CollectorMode detected = instance.mode();
            mode = detected;
            host.detected(this);
            switch (detected) {
                case STREAM -> {
                    instance.stream(sink);
                    host.ended(this, CollectorUnavailableException.retry("the stream ended"));
                }
                case PULL -> pull(instance);
                case FETCH -> {} // fetches run on separate threads
            }
        } catch (Throwable e) { // a plugin may throw any error
            host.ended(this, e);
        }
        if (disposed.get()) {
            closeCollector(); // in case the attempt was disposed of before the collector was constructed
        }
    }

    private void detect() throws Exception {
        PluginInstance instance = host.plugin().newInstance();
        collector = instance;
        if (!disposed.get()) { // else the constructor has returned after the deadline
            instance.detect(new AttemptContext(this, workers));
        }
    }

    /** The mode of this instance; null before its detection. */
    @Nullable
    CollectorMode mode() {
        return mode;
    }

    /** How long the collector's fetched answers hold; empty for ever. */
    Optional<Duration> answersHoldFor() {
        return answersHoldFor;
    }

    private static Optional<Duration> durationOf(PluginInstance instance) throws Exception {
        Optional<Duration> duration = instance.answersHoldFor();
        if (duration == null
                || duration.filter(one -> one.isNegative() || one.isZero()).isPresent()) {
            throw new IllegalArgumentException("answersHoldFor() returned " + duration
                    + ": return a duration of more than zero, or Optional.empty() for ever");
        }
        return duration;
    }

    private void pull(PluginInstance puller) throws Exception {
        while (!disposed.get()) {
            within(host.settings().deadlines().pull(), "pull", () -> puller.pull(sink));
            synced();
            Duration interval = puller.pullInterval();
            if (interval == null || interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException(
                        "pullInterval() returned " + interval + ", which is not more than zero");
            }
            host.services().scheduler().schedule(() -> pullDue.release(), interval.toMillis(), TimeUnit.MILLISECONDS);
            pullDue.acquire();
        }
    }

    private void within(Duration deadline, String what, Step step) throws Exception {
        ScheduledFuture<?> timer = host.services()
                .scheduler()
                .schedule(
                        () -> host.timedOut(this, collector == null ? "the constructor" : what, deadline),
                        deadline.toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            step.run();
        } finally {
            timer.cancel(false);
        }
    }

    /** A step of a collector; may throw any error. */
    private interface Step {
        void run() throws Exception;
    }

    /** Writes checked infos. */
    void update(Source source, List<TagInfo> infos) {
        if (LOG.isDebugEnabled()) {
            infos.forEach(info -> LOG.debug("collector {}: {}", host.name(), info));
        }
        host.services().store().update(source, number, infos);
    }

    /** Reports the end of the initial list. */
    void synced() throws InterruptedException {
        refuseIfOver();
        if (!syncedOnce) {
            syncedOnce = true;
            host.synced(this);
        }
    }

    /**
     * Keeps a disposed instance from sending.
     *
     * @throws InterruptedException if the host has interrupted the sender
     * @throws IllegalStateException if the host has given the instance up
     */
    void refuseIfOver() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the host wants this instance of " + host.name() + " to end");
        }
        if (disposed.get() || isMuted) {
            throw new IllegalStateException(
                    "this instance of " + host.name() + " was given up; further infos are refused");
        }
    }

    /** Refuses all further reports; fetches go on. */
    void mute() {
        isMuted = true;
    }

    /** Ends the instance, once. A separate thread closes the collector, because closing may hang. */
    Thread dispose() {
        Thread closer = host.threads().thread("-close", this::closeCollector);
        if (disposed.compareAndSet(false, true)) {
            workers.shutdownNow();
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
            closer.start();
        }
        return closer;
    }

    /** Ends the instance and waits until the deadline; returns whether all its threads have ended by then. */
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
            } catch (Throwable e) { // a plugin with a hanging close must not keep the others from closing
                LOG.warn(
                        "collector {} failed to close: {}",
                        host.name(),
                        host.counters().words(e));
            }
        }
    }
}
