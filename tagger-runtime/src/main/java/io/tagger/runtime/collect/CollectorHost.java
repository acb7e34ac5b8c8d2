package io.tagger.runtime.collect;

import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Issue;
import io.tagger.store.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs all collectors of one tagger, and asks them on misses. Thread-safe.
 *
 * <p>An entity is <em>settled</em> when no running collector is left to ask about the entity, and <em>complete</em>
 * when every possible collector has given a final answer. The {@linkplain io.tagger.store.Epoch epoch} advances when a
 * collector changes its state, and at every {@link #lapse}.
 */
public final class CollectorHost implements AutoCloseable {
    /** Together with the server's second, this leaves a reserve of the 5 s within which an agent must stop. */
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final Object changes = new Object(); // notified at every change of a collector's state
    private final AtomicBoolean isReloading = new AtomicBoolean();
    private volatile HostServices services;
    private volatile Roster roster = Roster.EMPTY; // written with 'changes' held
    private volatile boolean isClosed;

    /**
     * Makes a host without collectors.
     *
     * @param services the services of the tagger
     */
    public CollectorHost(HostServices services) {
        this.services = services;
    }

    /**
     * Adds a collector; before {@link #start} only.
     *
     * @param use the collector and its settings
     */
    public void add(HostedUse use) {
        HostedCollector hosted = new HostedCollector(
                use, new CollectorSources(use.plugin(), services.store()), services, this::collectorChanged);
        change(now -> now.with(hosted), null);
    }

    /** Changes the collectors, and retires one that is not among them any more. */
    private void change(UnaryOperator<Roster> step, @Nullable HostedCollector leaving) {
        synchronized (changes) {
            roster = step.apply(roster);
        }
        collectorChanged();
        if (leaving != null) {
            leaving.retire();
        }
        if (isClosed) { // a close beside a reload has not seen the added collector
            roster.all().forEach(HostedCollector::retire);
        }
    }

    /**
     * Changes to the collectors of another configuration. Collectors with the same settings go on, and the known tags stay
     * served.
     *
     * @param uses the collectors and their settings
     * @param settings the bounds
     * @return completes when the first detection of each new collector is over
     * @throws IllegalStateException if a reload is under way
     */
    public CompletableFuture<Reloaded> reload(List<HostedUse> uses, HostSettings settings) {
        if (!isReloading.compareAndSet(false, true)) {
            throw new IllegalStateException("a reload is under way already; repeat the command in some seconds");
        }
        boolean areOthers = !settings.equals(services.settings());
        HostServices with = services.with(settings);
        services = with;
        Roster before = roster;
        Handovers handovers = new Handovers(
                before,
                use -> new HostedCollector(use, before.sources(use, services.store()), with, this::collectorChanged),
                this::change);
        try {
            return handovers.to(uses, areOthers).whenComplete((reloaded, error) -> isReloading.set(false));
        } catch (RuntimeException | Error e) {
            isReloading.set(false);
            throw e;
        }
    }

    /** Starts the collectors, without a wait for their start. */
    public void start() {
        roster.all().forEach(HostedCollector::start);
    }

    private void collectorChanged() {
        services.epoch().advance();
        synchronized (changes) {
            changes.notifyAll();
        }
    }

    /** Advances the epoch, forgets lapsed answers, and checks the threads of the collectors. */
    public void lapse() {
        roster.all().forEach(HostedCollector::lapse);
        services.epoch().advance();
    }

    /**
     * Asks all running collectors without an answer for an entity, and waits for them, up to the deadline of a call. No
     * lock is held meanwhile. Returns at once if no collector is left to ask.
     *
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     */
    public void ask(EntityId entity, @Nullable Snapshot snapshot) {
        CompletableFuture<Void> answers = begin(entity, snapshot, null);
        if (answers != null) {
            await(answers);
        }
    }

    /**
     * Asks like {@link #ask}, without a wait, for a caller outside of this process.
     *
     * @param caller the caller, who may cause so many questions in a time; null for a collector, without a bound
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     * @return completes with the answers, or at the deadline of a call
     */
    public CompletableFuture<Void> askFor(@Nullable String caller, EntityId entity, @Nullable Snapshot snapshot) {
        CompletableFuture<Void> answers = begin(entity, snapshot, caller);
        return answers == null
                ? CompletableFuture.completedFuture(null)
                : inTime(answers).thenAccept(this::count);
    }

    private @Nullable CompletableFuture<Void> begin(
            EntityId entity, @Nullable Snapshot snapshot, @Nullable String caller) {
        List<CompletableFuture<Void>> asked = null;
        for (HostedCollector collector : roster.of(entity)) {
            if (collector.misses().isSettled(entity, snapshot)) {
                collector.misses().refresh(entity);
                continue;
            }
            CompletableFuture<Void> over = collector.misses().ask(entity, caller);
            if (over != null) {
                asked = asked == null ? new ArrayList<>() : asked;
                asked.add(over);
            }
        }
        if (asked == null) {
            return null;
        }
        misses.increment();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
    }

    /**
     * Asks again in the background about an entity whose fetched answers have run out. Never blocks.
     *
     * @param entity the entity
     * @param snapshot the present snapshot
     */
    public void renew(EntityId entity, Snapshot snapshot) {
        for (HostedCollector collector : roster.of(entity)) {
            if (collector.misses().isSettled(entity, snapshot)) {
                collector.misses().refresh(entity);
            }
        }
    }

    private void await(CompletableFuture<Void> answers) {
        if (answers.isDone()) {
            return;
        }
        try {
            count(inTime(answers).get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("questions never complete with an error", e);
        }
    }

    /** Completes with true if the answers come within the deadline of a call, else with false. */
    private CompletableFuture<Boolean> inTime(CompletableFuture<Void> answers) {
        CompletableFuture<Boolean> inTime = answers.thenApply(nothing -> true);
        if (!inTime.isDone()) {
            Duration call = services.settings().deadlines().call();
            try {
                var deadline = services.scheduler()
                        .schedule(() -> inTime.complete(false), call.toMillis(), TimeUnit.MILLISECONDS);
                inTime.whenComplete((isInTime, error) -> deadline.cancel(false));
            } catch (RejectedExecutionException e) {
                inTime.complete(false); // the tagger is closed: the known tags are the answer
            }
        }
        return inTime;
    }

    private void count(boolean isInTime) {
        if (!isInTime) {
            timeouts.increment();
        }
    }

    /** Asks the running FetchOnly collectors without an answer for a known entity; the answer completes afterwards. */
    CompletableFuture<Void> askFetchers(EntityId entity) {
        Snapshot snapshot = services.store().find(entity);
        if (snapshot == null) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.allOf(fetchers(entity)
                .filter(collector -> !collector.misses().isSettled(entity, snapshot))
                .map(collector -> collector.misses().ask(entity, null))
                .filter(Objects::nonNull)
                .toArray(CompletableFuture[]::new));
    }

    /** Whether a FetchOnly collector may know such an entity. */
    boolean isFetchable(EntityId entity) {
        return fetchers(entity).findAny().isPresent();
    }

    /** Whether an entity is known, and a FetchOnly collector has not given a final answer about it. */
    boolean isOpenForFetch(EntityId entity) {
        Snapshot snapshot = services.store().find(entity);
        return snapshot != null
                && fetchers(entity).anyMatch(collector -> !collector.misses().isComplete(entity, snapshot));
    }

    /** A number that changes when a further instance of a FetchOnly collector runs. */
    int fetchInstances() {
        return roster.all().stream()
                .filter(HostedCollector::isFetchOnly)
                .map(HostedCollector::running)
                .mapToInt(attempt -> attempt == null ? 0 : attempt.number())
                .sum();
    }

    private Stream<HostedCollector> fetchers(EntityId entity) {
        return Arrays.stream(roster.of(entity)).filter(HostedCollector::isFetchOnly);
    }

    /** The number of known entities that lack an answer, because a collector failed, is awaited or was asked in vain. */
    public long incomplete() {
        return services.store().list(EntityFilter.all()).stream()
                .filter(known ->
                        roster.lacksAnswer(known.entity(), services.store().find(known.entity())))
                .count();
    }

    /** Whether no running collector is left to ask about an entity: a question would be useless in this epoch. */
    public boolean isSettled(EntityId entity, @Nullable Snapshot snapshot) {
        return roster.isSettled(entity, snapshot);
    }

    /**
     * Whether every possible collector has given a final answer, or is not used. Unlike {@link #isSettled}, false while
     * such a collector starts, waits or has failed.
     *
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     * @return whether the tags are complete; for an unknown entity, whether no collector can still report the entity
     */
    public boolean isComplete(EntityId entity, @Nullable Snapshot snapshot) {
        return roster.isComplete(entity, snapshot);
    }

    /**
     * Asks the collectors for the origins of an entity's tags.
     *
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     * @return completes with the answers, in the order of the collectors: of those that are asked about such entities, and
     *     of those that have reported this entity
     */
    public CompletableFuture<List<Explanation.Source>> explain(EntityId entity, @Nullable Snapshot snapshot) {
        return roster.explain(entity, snapshot);
    }

    /**
     * The status of the collectors.
     *
     * @return the status of each collector, in the order of the collectors
     */
    public List<CollectorStatus> status() {
        return roster.all().stream().map(HostedCollector::status).toList();
    }

    /**
     * Waits until readiness waits for no collector any more.
     *
     * @param limit the longest wait
     * @return whether every collector is ready
     * @throws InterruptedException if the waiting thread is interrupted
     */
    public boolean awaitReady(Duration limit) throws InterruptedException {
        long longest = TimeUnit.DAYS.toNanos(365); // the sum below must not overflow
        long end = System.nanoTime() + Math.min(longest, TimeUnit.NANOSECONDS.convert(limit));
        while (true) {
            int seen = services.epoch().number();
            // Outside of the lock below: takes the monitors of the collectors, whose changes notify.
            boolean isReady = status().stream().allMatch(CollectorStatus::ready);
            long left = end - System.nanoTime();
            if (isReady || left <= 0) {
                return isReady;
            }
            synchronized (changes) {
                if (seen == services.epoch().number()) {
                    TimeUnit.NANOSECONDS.timedWait(changes, left);
                }
            }
        }
    }

    /**
     * Problems of collectors beyond their states.
     *
     * @return the issues at this moment
     */
    public List<Issue> issues() {
        return roster.all().stream()
                .flatMap(collector -> collector.issues().stream())
                .toList();
    }

    /**
     * The names of the tagger and of the taggers relayed by its collectors.
     *
     * @return the names, the tagger's own first
     */
    public List<String> lineage() {
        return Stream.concat(
                        Stream.of(services.names().tagger()),
                        roster.all().stream().flatMap(collector -> collector.follows().stream()))
                .distinct()
                .toList();
    }

    /**
     * The number of lookups with a question to a collector.
     *
     * @return the count since the start
     */
    public long misses() {
        return misses.sum();
    }

    /**
     * The number of misses ended by the deadline.
     *
     * @return the count since the start
     */
    public long timeouts() {
        return timeouts.sum();
    }

    /**
     * The number of remembered answers without tags.
     *
     * @return the count
     */
    public int remembered() {
        return roster.all().stream()
                .mapToInt(collector -> collector.misses().remembered())
                .sum();
    }

    /**
     * Stops the collectors in reverse order, within 3 s. Each collector may take half of the remaining time, so that a
     * hanging collector leaves time to the others. Waiting callers are released.
     */
    @Override
    public void close() {
        isClosed = true;
        List<HostedCollector> collectors = roster.all();
        long end = System.nanoTime() + CLOSE_NANOS;
        for (int i = collectors.size() - 1; i >= 0; i--) {
            long now = System.nanoTime();
            collectors.get(i).close(now + (end - now) / 2);
        }
    }
}
