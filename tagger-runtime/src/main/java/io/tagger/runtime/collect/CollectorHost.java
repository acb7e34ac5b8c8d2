package io.tagger.runtime.collect;

import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.config.CollectorUse;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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

    private static final HostedCollector[] NONE = {};

    private final HostServices services;
    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final List<HostedCollector> collectors = new ArrayList<>(); // complete before start()
    private final Map<String, HostedCollector[]> byPrefix = new HashMap<>(); // complete before start()
    private final Object changes = new Object(); // notified at every change of a collector's state

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
     * @param plugin the collector
     * @param configuration the collector's block of the configuration
     * @param use whether, and how insistently, the collector is used
     */
    public void add(CollectorPlugin plugin, Map<String, Object> configuration, CollectorUse use) {
        HostedCollector hosted = new HostedCollector(
                plugin, configuration, use == CollectorUse.REQUIRED, services, this::collectorChanged);
        collectors.add(hosted);
        collectors.sort(Comparator.comparing(HostedCollector::plugin, CollectorPlugin.ORDER));
        if (use == CollectorUse.OFF) {
            hosted.switchOff("switched off by tagger.collectors." + plugin.name() + ".enabled");
            return;
        }
        for (String prefix : plugin.entityPrefixes()) {
            byPrefix.merge(prefix, new HostedCollector[] {hosted}, CollectorHost::concat);
        }
    }

    /** Starts the collectors, without a wait for their start. */
    public void start() {
        collectors.forEach(HostedCollector::start);
    }

    private void collectorChanged() {
        services.epoch().advance();
        synchronized (changes) {
            changes.notifyAll();
        }
    }

    /** Advances the epoch, forgets lapsed answers, and checks the threads of the collectors. */
    public void lapse() {
        collectors.forEach(HostedCollector::lapse);
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
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NONE)) {
            if (collector.isSettled(entity, snapshot)) {
                collector.refresh(entity);
                continue;
            }
            CompletableFuture<Void> over = collector.ask(entity, caller);
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
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NONE)) {
            if (collector.isSettled(entity, snapshot)) {
                collector.refresh(entity);
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

    /**
     * Asks the running FetchOnly collectors without an answer for a known entity, without a wait.
     *
     * @param entity the entity
     * @return completes when the questions are over; done already if there was none to ask
     */
    CompletableFuture<Void> askFetchers(EntityId entity) {
        Snapshot snapshot = services.store().find(entity);
        if (snapshot == null) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.allOf(fetchers(entity)
                .filter(collector -> !collector.isSettled(entity, snapshot))
                .map(collector -> collector.ask(entity, null))
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
        return snapshot != null && fetchers(entity).anyMatch(collector -> !collector.isComplete(entity, snapshot));
    }

    /** A number that changes when a further instance of a FetchOnly collector runs. */
    int fetchInstances() {
        return collectors.stream()
                .filter(HostedCollector::isFetchOnly)
                .mapToInt(HostedCollector::runningInstance)
                .sum();
    }

    private Stream<HostedCollector> fetchers(EntityId entity) {
        return Arrays.stream(byPrefix.getOrDefault(entity.prefix(), NONE)).filter(HostedCollector::isFetchOnly);
    }

    /**
     * Whether no running collector is left to ask about an entity.
     *
     * @param entity the entity
     * @param snapshot the present snapshot; null if the entity is unknown
     * @return whether a question would be useless in this epoch
     */
    public boolean isSettled(EntityId entity, @Nullable Snapshot snapshot) {
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NONE)) {
            if (!collector.isSettled(entity, snapshot)) {
                return false;
            }
        }
        return true;
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
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NONE)) {
            if (!collector.isComplete(entity, snapshot)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The status of the collectors.
     *
     * @return the status of each collector, in the order of the collectors
     */
    public List<CollectorStatus> status() {
        return collectors.stream().map(HostedCollector::status).toList();
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
            boolean isReady = isReady();
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

    private boolean isReady() {
        return status().stream().allMatch(CollectorStatus::ready);
    }

    /**
     * Problems of collectors beyond their states.
     *
     * @return the issues at this moment
     */
    public List<Issue> issues() {
        return collectors.stream()
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
                        collectors.stream().flatMap(collector -> collector.follows().stream()))
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
        return collectors.stream().mapToInt(HostedCollector::remembered).sum();
    }

    /**
     * Stops the collectors in reverse order, within 3 s. Each collector may take half of the remaining time, so that a
     * hanging collector leaves time to the others. Waiting callers are released.
     */
    @Override
    public void close() {
        long end = System.nanoTime() + CLOSE_NANOS;
        for (int i = collectors.size() - 1; i >= 0; i--) {
            long now = System.nanoTime();
            collectors.get(i).close(now + (end - now) / 2);
        }
    }

    private static HostedCollector[] concat(HostedCollector[] some, HostedCollector[] more) {
        HostedCollector[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }
}
