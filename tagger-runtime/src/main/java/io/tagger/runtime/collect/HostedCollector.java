package io.tagger.runtime.collect;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One collector under supervision: the sequence of its instances, their states, and what went wrong.
 *
 * <p>Every instance lives in an {@link Attempt}, which has a thread of its own. An attempt ends once, for one reason: its collector threw
 * or returned, it passed a deadline, or the tagger is closed. What then happens is decided here, in {@link #ended}. An attempt that hangs
 * and does not heed its interrupt is left behind with its thread; nothing that it sends is taken any more, and the next attempt does not
 * wait for it.
 *
 * <p>Thread-safe; the state is guarded by this object's monitor, which is never held while a collector is called.
 */
final class HostedCollector {
    private static final Logger LOG = LoggerFactory.getLogger(HostedCollector.class);

    /** Busier than so much of one core, over the time between two looks, is worth a word. */
    private static final double BUSY = 0.8;

    /** Of a shorter time nothing is said. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    final CollectorPlugin plugin;
    final CollectorThreads threads;
    final Source source;
    final TagStore store;
    final HostSettings settings;
    final Clock clock;
    final ScheduledExecutorService scheduler;
    final Map<String, Object> configuration;
    final String hostName;
    private final boolean required;
    private final String taggerName;
    private final Map<String, Source> relayed = new ConcurrentHashMap<>();
    private final Runnable onChange;
    private final Questions questions;

    private final LongAdder infos = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private volatile String lastError = "";
    private volatile List<String> follows = List.of();

    /** The attempt whose collector may be asked; null unless the state is RUNNING. */
    private volatile @Nullable Attempt running;

    // Guarded by this.
    private CollectorState state = CollectorState.STOPPED;
    private String reason = "not started yet";
    private Instant since;
    private @Nullable Attempt current;
    private int starts;
    private int failuresInARow;
    private boolean decided; // whether the first detection is over
    private boolean detected;
    private boolean synced;
    private boolean closed;
    private Instant lookedAt;
    private String busy = "";

    HostedCollector(
            CollectorPlugin plugin,
            TagStore store,
            HostSettings settings,
            Clock clock,
            ScheduledExecutorService scheduler,
            Map<String, Object> configuration,
            String hostName,
            boolean required,
            String taggerName,
            Runnable onChange) {
        this.plugin = plugin;
        this.threads = new CollectorThreads(plugin, this::threadDied);
        this.source = new Source(plugin.name(), plugin.priority());
        this.store = store;
        this.settings = settings;
        this.clock = clock;
        this.scheduler = scheduler;
        this.configuration = configuration;
        this.hostName = hostName;
        this.required = required;
        this.taggerName = taggerName;
        this.onChange = onChange;
        this.since = clock.instant();
        this.lookedAt = since;
        this.questions = new Questions(this, source, store, settings, clock, scheduler);
    }

    String name() {
        return plugin.name();
    }

    /** Starts a new instance, unless one is there or the collector is closed. */
    synchronized void start() {
        if (closed || current != null) {
            return;
        }
        if (threads.activeCount() > settings.maxThreads()) {
            // It is not made worse. Once enough of them have ended, because what they hang on has, it goes on.
            enter(CollectorState.FAILED, crowd() + "; it is started again once they have ended");
            again(settings.retryMax());
            return;
        }
        starts++;
        enter(CollectorState.DETECTING, "");
        Attempt attempt = new Attempt(this, starts);
        current = attempt;
        try {
            attempt.start();
        } catch (OutOfMemoryError e) { // no further thread can be had, now
            ended(attempt, e);
        }
    }

    private String crowd() {
        return threads.activeCount() + " of its threads go on, more than the " + settings.maxThreads()
                + " of tagger.collect.max-threads";
    }

    /** Looks at what its threads are up to; to be called from time to time. */
    void look() {
        Attempt attempt;
        synchronized (this) {
            Instant now = clock.instant();
            CollectorThreads.Usage usage = threads.usageSinceLastCall();
            Duration since = Duration.between(lookedAt, now);
            double cores = (double) usage.nanos() / Math.max(1, since.toNanos());
            lookedAt = now;
            String was = busy;
            boolean tellable = since.compareTo(SHORTEST) >= 0; // the clock may have been set
            busy = cores < BUSY || !tellable
                    ? ""
                    : String.format(Locale.ROOT, "its threads keep %.1f of a core busy, ", cores) + usage.busiest()
                            + " most: if that goes on, look at them with jstack, or switch it off (tagger.collectors."
                            + name() + ".enabled = false)";
            if (was.isEmpty() && !busy.isEmpty()) {
                LOG.warn("collector {}: {}", name(), busy);
            }
            attempt = threads.activeCount() > settings.maxThreads() ? current : null;
        }
        if (attempt != null) {
            ended(attempt, new IllegalStateException(crowd()));
        }
    }

    /** What is wrong with it and does not show in its state. */
    synchronized List<Issue> issues() {
        return busy.isEmpty() ? List.of() : List.of(new Issue(Issue.Severity.WARNING, "collector " + name(), busy));
    }

    private void threadDied(Thread thread, Throwable error) {
        failures.increment();
        problem("its thread " + thread.getName() + " has ended: " + error);
        LOG.debug("collector {}", name(), error);
    }

    /** Says that the collector is not to be used. */
    synchronized void switchOff(String why) {
        closed = true;
        enter(CollectorState.STOPPED, why);
    }

    // Misses.

    /**
     * Asks about an entity, if there is somebody to ask and a point in asking.
     *
     * @return done when the question is over; null if nothing was asked
     */
    @Nullable
    CompletableFuture<Void> ask(EntityId entity) {
        Attempt attempt = running;
        return attempt == null ? null : questions.ask(entity, attempt.collector(), attempt.number());
    }

    /** Whether there is no point in asking about an entity: it was answered, or is not this collector's. */
    boolean settled(EntityId entity, @Nullable Snapshot snapshot) {
        return snapshot != null && snapshot.answeredBy(source) || running == null || questions.notFound(entity);
    }

    void forgetLapsed() {
        questions.forgetLapsed();
    }

    int remembered() {
        return questions.remembered();
    }

    /** All threads that fetch are stuck inside the instance. */
    void fetchesHang(int count) {
        Attempt attempt = running;
        if (attempt != null) {
            ended(attempt, new IllegalStateException("all " + count + " fetches that may run beside each other hang"));
        }
    }

    void fetchStarted() {
        fetches.increment();
    }

    void fetchTimedOut() {
        timeouts.increment();
    }

    void fetchFailed(String why) {
        failures.increment();
        problem(why);
    }

    // What attempts report.

    /** Refuses what a plugin must not send. */
    List<TagInfo> check(Source speaker, @Nullable List<TagInfo> list) {
        try {
            if (list == null) {
                throw new NullPointerException("null instead of a list of infos");
            }
            List<TagInfo> checked = new ArrayList<>(list);
            for (TagInfo info : checked) {
                if (info == null) {
                    throw new NullPointerException("null among the infos; none of them is taken");
                }
                if (!info.source().equals(speaker.name())) {
                    throw new IllegalArgumentException("'" + speaker.name() + "' sent an info on " + info.entity()
                            + " whose source is '" + info.source()
                            + "': a collector speaks for itself alone, none of the infos is taken");
                }
            }
            refuseTooMany(speaker, checked);
            checked.replaceAll(this::withoutEndlessTags);
            return checked;
        } catch (NullPointerException | IllegalArgumentException | IllegalStateException e) {
            rejected.increment();
            problem(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** Keeps one collector from taking the memory of all. */
    private void refuseTooMany(Source speaker, List<TagInfo> infos) {
        long room = settings.maxEntities() - entities();
        if (infos.size() <= room) {
            return;
        }
        long more = infos.stream()
                .filter(info -> !info.deleteEntity() && !info.isEmpty())
                .map(TagInfo::entity)
                .distinct()
                .filter(entity -> !isHeld(entity, speaker))
                .count();
        if (more > Math.max(0, room)) {
            throw new IllegalStateException("it has " + entities() + " entities, and " + more
                    + " more are over the limit of " + settings.maxEntities()
                    + " (tagger.collect.max-entities); none of the infos is taken");
        }
    }

    private boolean isHeld(EntityId entity, Source speaker) {
        Snapshot snapshot = store.find(entity);
        return snapshot != null && snapshot.sources().containsKey(speaker.name());
    }

    private long entities() {
        return source.entities()
                + relayed.values().stream().mapToLong(Source::entities).sum();
    }

    /** Leaves out tags that are longer than any tag can be meant to be; the rest of the info is as good as any. */
    private TagInfo withoutEndlessTags(TagInfo info) {
        int limit = settings.maxTagLength();
        boolean fine = info.low().stream().allMatch(tag -> tag.length() <= limit)
                && info.orchestrator().stream().allMatch(tag -> tag.length() <= limit)
                && info.high().stream().allMatch(tag -> tag.length() <= limit);
        return fine ? info : shortened(info, limit);
    }

    private TagInfo shortened(TagInfo info, int limit) {
        Predicate<String> fits = tag -> tag.length() <= limit;
        TagInfo.Builder builder = TagInfo.builder(info.source(), info.entity())
                .tags(Cardinality.LOW, info.low().stream().filter(fits).toList())
                .tags(
                        Cardinality.ORCHESTRATOR,
                        info.orchestrator().stream().filter(fits).toList())
                .tags(Cardinality.HIGH, info.high().stream().filter(fits).toList());
        for (String tag : info.standard().stream().filter(fits).toList()) {
            int colon = tag.indexOf(':');
            builder.standard(tag.substring(0, colon), tag.substring(colon + 1));
        }
        info.expiry().ifPresent(builder::expiry);
        if (!info.complete()) {
            builder.incomplete();
        }
        rejected.increment();
        problem("a tag of " + info.entity() + " was left out: it is longer than the " + limit
                + " characters of tagger.collect.max-tag-length");
        return builder.build();
    }

    /** The source of another tagger, under a name of ours. */
    Source relayed(String name, CollectorPriority priority) {
        Source source = relayed.computeIfAbsent(name() + "/" + name, full -> new Source(full, priority));
        if (source.priority() != priority) {
            throw new IllegalArgumentException(source.name() + " has the priority " + source.priority() + ", not "
                    + priority + "; a source does not change it");
        }
        return source;
    }

    /** Whose tags it passes on. */
    List<String> follows() {
        return running == null ? List.of() : follows;
    }

    void follow(List<String> lineage) {
        if (lineage.contains(taggerName)) {
            throw new IllegalStateException("the other tagger passes on what this one collects; following it would be"
                    + " a loop: switch off one of the two directions");
        }
        follows = List.copyOf(lineage);
    }

    void accepted(int count) {
        infos.add(count);
    }

    synchronized void detected(Attempt attempt) {
        if (current == attempt) {
            decided = true;
            detected = true;
            synced |= plugin.mode() == CollectorMode.FETCH;
            running = attempt;
            questions.renew();
            enter(CollectorState.RUNNING, "");
        }
    }

    void synced(Attempt attempt) {
        store.sweep(source, attempt.number());
        relayed.values().forEach(other -> store.sweep(other, attempt.number()));
        synchronized (this) {
            if (current == attempt) {
                synced = true;
                onChange.run();
            }
        }
    }

    void timedOut(Attempt attempt, String what, Duration deadline) {
        timeouts.increment();
        ended(attempt, new IllegalStateException(what + " took over " + deadline.toMillis() + " ms"));
    }

    /** An attempt is over. Decides what comes next. */
    void ended(Attempt attempt, Throwable why) {
        synchronized (this) {
            if (current != attempt) {
                return; // it ended already, for another reason
            }
            current = null;
            running = null;
            decided = true;
            if (clock.instant().isAfter(since.plus(settings.retryMax()))) {
                failuresInARow = 0; // it has worked for a while
            }
            // What was here once is only gone for a while: a daemon that stops takes its socket along.
            boolean absent =
                    !detected && why instanceof CollectorUnavailableException unavailable && unavailable.isAbsent();
            if (absent && !required) {
                enter(CollectorState.ABSENT, words(why));
                LOG.info("collector {} is not used: {}", name(), words(why));
            } else {
                failures.increment();
                failuresInARow++;
                problem(words(why));
                if (attempt.broken(why)) {
                    enter(CollectorState.FAILED, words(why) + "; it is not tried again");
                    LOG.error("collector {} does not work and is not tried again: {}", name(), words(why), why);
                } else {
                    retry(absent, words(why));
                }
            }
        }
        attempt.dispose();
    }

    private void retry(boolean absent, String why) {
        Duration pause =
                settings.retryAfter(failuresInARow, ThreadLocalRandom.current().nextDouble());
        if (absent) {
            enter(CollectorState.FAILED, why + "; it is looked for again, because 'enabled' is true");
        } else {
            enter(CollectorState.WAITING, why);
        }
        if (failuresInARow == 1) {
            LOG.warn("collector {} failed and is started again, at growing intervals: {}", name(), why);
        }
        again(pause);
    }

    private void again(Duration pause) {
        try {
            scheduler.schedule(this::start, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            enter(CollectorState.STOPPED, "the tagger is closed");
        }
    }

    /** Stops it. Waits for its instance to close until the deadline, on the system's clock in nanoseconds. */
    void close(long deadline) {
        Attempt attempt;
        synchronized (this) {
            attempt = current;
            current = null;
            running = null;
            if (!closed) {
                enter(CollectorState.STOPPED, "the tagger is closed");
            }
            closed = true;
        }
        questions.close();
        if (attempt != null && !attempt.dispose(deadline)) {
            LOG.warn("collector {} did not close in time and is left behind", name());
        }
        threads.release();
    }

    synchronized CollectorStatus status() {
        return new CollectorStatus(
                name(),
                plugin.mode(),
                state,
                reason,
                since,
                synced,
                ready(),
                entities(),
                lastError,
                new CollectorStatus.Counters(
                        starts, infos.sum(), rejected.sum(), fetches.sum(), failures.sum(), timeouts.sum()));
    }

    /** Whether it need not be waited for: it has told all there is, is out of the game, or has not turned out to be there. */
    private boolean ready() {
        return switch (state) {
            case ABSENT, FAILED, STOPPED -> true;
            case DETECTING, RUNNING, WAITING -> synced || decided && !detected;
        };
    }

    /** Whether it has said for good what it knows of an entity, or never will. */
    boolean hasTold(EntityId entity, @Nullable Snapshot snapshot) {
        if (snapshot != null && snapshot.answeredBy(source) || questions.notFound(entity)) {
            return true;
        }
        synchronized (this) {
            return switch (state) {
                case ABSENT, FAILED, STOPPED -> true;
                case DETECTING, RUNNING, WAITING -> false;
            };
        }
    }

    static String words(Throwable error) {
        String message = error.getMessage();
        boolean plain = error instanceof CollectorUnavailableException || error instanceof IllegalStateException;
        return plain && message != null ? message : error.toString();
    }

    private void problem(String what) {
        lastError = what;
        LOG.debug("collector {}: {}", name(), what);
    }

    private void enter(CollectorState next, String why) {
        state = next;
        reason = why;
        since = clock.instant();
        onChange.run();
    }
}
