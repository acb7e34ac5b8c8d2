package io.tagger.runtime.collect;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.Issue;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.config.CollectorUse;
import io.tagger.runtime.plugin.CollectorPlugin;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One collector under supervision: the sequence of its instances, and its state.
 *
 * <p>Every instance lives in an {@link Attempt} with a thread. An attempt ends once, for one reason: the collector
 * threw or returned, a deadline passed, or the tagger was closed. {@link #ended} decides the next step. An attempt that
 * hangs and ignores its interrupt is left behind with its thread: its infos are refused, and the next attempt does not
 * wait.
 *
 * <p>Thread-safe. This object's monitor guards the state; no thread holds the monitor while a collector is called.
 */
final class HostedCollector {
    private static final Logger LOG = LoggerFactory.getLogger(HostedCollector.class);

    private final HostedUse use;
    private final Standing standing; // guarded by this
    private final Timer timer; // guarded by this; the next start, or the end of the patience of readiness
    private final HostServices services;
    private final Runnable onChange;
    private final CollectorThreads threads;
    private final CollectorSources sources;
    private final CollectorCounters counters;
    private final InfoGuard guard;
    private final BusyWatch busyWatch;
    private final Misses misses;
    private final Milestones milestones = new Milestones();

    private volatile @Nullable Attempt running; // answers fetches; null unless the state is RUNNING
    // Guarded by this.
    private @Nullable Attempt current;
    private int starts; // without the quiet looks for an absent source
    private int failuresInARow;
    private boolean closed;
    private boolean isSucceeded;

    /**
     * Makes the host of a collector, without a start.
     *
     * @param use the collector and its settings
     * @param sources the sources of the collector in the store
     * @param services the services of the tagger
     * @param onChange is called at every change of the state, with the monitor held
     */
    HostedCollector(HostedUse use, CollectorSources sources, HostServices services, Runnable onChange) {
        this.use = use;
        this.sources = sources;
        this.services = services;
        this.onChange = onChange;
        CollectorPlugin plugin = use.plugin();
        timer = new Timer(services.scheduler());
        standing = new Standing(
                use.isRequired(), services.clock(), settings().deadlines().ready());
        threads = new CollectorThreads(plugin, settings().limits().threads(), this::threadDied);
        counters = new CollectorCounters(plugin);
        guard = new InfoGuard(plugin, sources, services.store(), settings().limits(), counters);
        busyWatch = new BusyWatch(plugin.name(), threads, services.clock());
        misses = new Misses(this);
        if (use.use() == CollectorUse.OFF) {
            closed = true;
            standing.switchedOff();
            standing.enter(CollectorState.STOPPED, "switched off by tagger.collectors." + plugin.name() + ".enabled");
        }
    }

    String name() {
        return use.plugin().name();
    }

    CollectorPlugin plugin() {
        return use.plugin();
    }

    HostedUse use() {
        return use;
    }

    boolean isFetchOnly() {
        return plugin().mode() == CollectorMode.FETCH;
    }

    HostServices services() {
        return services;
    }

    HostSettings settings() {
        return services.settings();
    }

    CollectorThreads threads() {
        return threads;
    }

    CollectorSources sources() {
        return sources;
    }

    InfoGuard guard() {
        return guard;
    }

    CollectorCounters counters() {
        return counters;
    }

    /**
     * Starts the first instance of a successor.
     *
     * @param whenDecided runs once, when the first detection is over, and before the first report
     */
    void start(Runnable whenDecided) {
        milestones.whenDecided(whenDecided);
        start();
    }

    /** Starts no further instance: a successor has started, and the numbers of the successor's instances come later. */
    synchronized void leaveRestartsToSuccessor() {
        isSucceeded = true;
    }

    Milestones milestones() {
        return milestones;
    }

    /** Starts a new instance, unless an instance exists or the collector is closed. */
    synchronized void start() {
        if (closed || isSucceeded || current != null) {
            return;
        }
        if (!threads.crowd().isEmpty()) {
            // A further instance would add threads. The next start follows once enough of the collector's threads have
            // ended.
            enter(CollectorState.FAILED, threads.crowd() + "; the next start follows when enough threads have ended");
            after(settings().retry().longest(), this::start);
            return;
        }
        if (standing.state()
                != CollectorState.ABSENT) { // a look for an absent source changes nothing until it finds it
            starts++;
            enter(CollectorState.DETECTING, "");
        }
        Attempt attempt = new Attempt(this, sources.nextInstance());
        current = attempt;
        try {
            attempt.start();
        } catch (OutOfMemoryError e) { // the system has no further thread at the moment
            ended(attempt, e);
        }
    }

    /** Checks the collector's threads, and forgets lapsed answers. Called at an interval. */
    void lapse() {
        misses.lapse();
        busyWatch.look();
        String crowd = threads.crowd();
        Attempt attempt;
        synchronized (this) {
            attempt = crowd.isEmpty() ? null : current;
        }
        if (attempt != null) {
            ended(attempt, CollectorUnavailableException.retry(crowd));
        }
    }

    /** Problems of the collector beyond its state. */
    List<Issue> issues() {
        return Stream.of(busyWatch.issues(), misses.issues())
                .flatMap(List::stream)
                .toList();
    }

    private void threadDied(Thread thread, Throwable error) {
        counters.failed("its thread " + thread.getName() + " has ended: " + counters.words(error));
        LOG.debug("collector {}", name(), error);
    }

    /** The running instance; null if none runs. */
    @Nullable
    Attempt running() {
        return running;
    }

    /** Whether nothing can be missing because of this collector: the collector is not used here. */
    synchronized boolean isOutOfUse() {
        return standing.isOutOfUse();
    }

    /** The questions on misses. */
    Misses misses() {
        return misses;
    }

    /** The lineage of the tagger relayed by this collector; empty without a relay. */
    List<String> follows() {
        return running == null ? List.of() : sources.lineage();
    }

    void detected(Attempt attempt) {
        if (isDetected(attempt)) {
            milestones.decided();
            if (isFetchOnly()) {
                milestones.synced();
            }
        }
    }

    private synchronized boolean isDetected(Attempt attempt) {
        if (current != attempt) {
            return false;
        }
        if (standing.state() == CollectorState.ABSENT) {
            starts++;
            LOG.info("collector {} is used from now on: its source has appeared", name());
        }
        standing.detected();
        if (isFetchOnly()) {
            standing.synced();
        }
        running = attempt;
        misses.renew();
        enter(CollectorState.RUNNING, "");
        if (!standing.isSynced()) {
            after(settings().deadlines().ready(), onChange); // the readiness changes then without an event
        }
        return true;
    }

    void synced(Attempt attempt) {
        sources.sweep(attempt.number());
        synchronized (this) {
            if (current == attempt) {
                standing.synced();
                timer.cancel();
                onChange.run();
            }
        }
        milestones.synced();
    }

    void timedOut(Attempt attempt, String what, Duration deadline) {
        counters.timedOut();
        ended(attempt, CollectorUnavailableException.retry(what + " took over " + deadline.toMillis() + " ms"));
    }

    /** Ends an attempt, and decides the next step. */
    void ended(Attempt attempt, Throwable why) {
        boolean isGone = false;
        synchronized (this) {
            if (current != attempt) {
                return; // the attempt has ended already, for another reason
            }
            current = null;
            running = null;
            standing.undetected();
            if (standing.isOlderThan(settings().retry().longest())) {
                failuresInARow = 0; // the attempt has worked for a while
            }
            String words = counters.words(why);
            // A source detected before is only away for a while: a stopping daemon removes its socket.
            boolean absent = !standing.isDetected()
                    && why instanceof CollectorUnavailableException unavailable
                    && unavailable.isAbsent();
            if (absent && !use.isRequired()) {
                isGone = standing.state() != CollectorState.ABSENT && !isSucceeded;
                absent(words);
            } else {
                failuresInARow++;
                counters.failed(words);
                LOG.debug("collector {} has ended", name(), why);
                if (attempt.isBroken(why)) {
                    enter(CollectorState.FAILED, words + "; no further attempt follows");
                    LOG.error("collector {} does not work; no further attempt follows: {}", name(), words, why);
                } else {
                    retry(absent, words);
                }
            }
        }
        attempt.dispose();
        if (isGone) { // with all that a predecessor has reported
            sources.sweep(attempt.number() + 1);
            milestones.synced();
        }
        milestones.decided();
    }

    /** Looks again from time to time, silently, for as long as the tagger runs. */
    private void absent(String why) {
        if (standing.state() != CollectorState.ABSENT) {
            enter(CollectorState.ABSENT, why);
            LOG.info("collector {} is not used unless its source appears: {}", name(), why);
        }
        after(settings().deadlines().absent(), this::start);
    }

    private void retry(boolean absent, String why) {
        if (absent) {
            enter(CollectorState.FAILED, why + "; further attempts follow, because 'enabled' is true");
        } else {
            enter(CollectorState.WAITING, why);
        }
        if (failuresInARow == 1) {
            LOG.warn("collector {} failed; restarts follow at growing intervals: {}", name(), why);
        }
        after(settings().retry().pause(failuresInARow), this::start);
    }

    private void after(Duration pause, Runnable task) {
        if (!timer.set(pause, task)) {
            enter(CollectorState.STOPPED, "the tagger is closed");
        }
    }

    /**
     * Stops the collector, and waits for the close of the instance.
     *
     * @param deadline the end of the wait, on the clock of {@link System#nanoTime}
     */
    void close(long deadline) {
        Attempt attempt;
        synchronized (this) {
            attempt = current;
            current = null;
            running = null;
            timer.cancel();
            if (!closed) {
                enter(CollectorState.STOPPED, "the tagger is closed");
            }
            closed = true;
        }
        misses.close();
        if (attempt != null && !attempt.dispose(deadline)) {
            LOG.warn("collector {} did not close in time and is left behind", name());
        }
        threads.release();
    }

    /**
     * Ends the collector in favour of a successor: reports are refused from now on, and the instance is closed after the
     * longest fetch, so that questions under way have their answers.
     */
    void retire() {
        Attempt attempt;
        boolean isLater;
        synchronized (this) {
            attempt = current;
            current = null;
            closed = true;
            isLater = timer.set(settings().deadlines().fetch(), () -> release(attempt));
        }
        if (attempt != null) {
            attempt.mute();
        }
        if (!isLater) { // the tagger is closed
            release(attempt);
        }
    }

    private void release(@Nullable Attempt attempt) {
        running = null;
        misses.close();
        if (attempt != null) {
            attempt.dispose();
        }
        threads.release();
    }

    synchronized CollectorStatus status() {
        Attempt attempt = running;
        CollectorMode detected = attempt == null ? null : attempt.mode();
        CollectorMode mode = detected == null ? plugin().mode() : detected;
        String syncedBy = mode == CollectorMode.PULL ? "the first pull has not ended" : "has not said synced()";
        return new CollectorStatus(
                name(),
                mode,
                standing.condition(syncedBy, attempt == null ? "" : attempt.progress()),
                new CollectorStatus.Progress(standing.isSynced(), standing.readiness(), sources.entities()),
                counters.lastError(),
                counters.counters(starts));
    }

    private void enter(CollectorState next, String why) {
        standing.enter(next, why);
        onChange.run();
    }
}
