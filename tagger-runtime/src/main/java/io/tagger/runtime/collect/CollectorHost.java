package io.tagger.runtime.collect;

import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.Snapshot;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs all collectors of one tagger, and answers misses with them. Thread-safe.
 *
 * <p>The <em>epoch</em> lets hits be cheap: the store remembers, per entity, the epoch in which there was nobody left to ask. The epoch
 * moves on when a collector starts or stops running, and {@linkplain #lapse every few seconds}, so that a "not found" that has run out is
 * noticed; then each entity goes through {@link #settled} once.
 */
public final class CollectorHost implements AutoCloseable {
    /** With the server's second this leaves some of the 5 s in which an agent must have stopped. */
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final HostedCollector[] NOBODY = {};

    private final TagStore store;
    private final HostSettings settings;
    private final Clock clock;
    private final ScheduledExecutorService scheduler;
    private final String hostName;
    private final String lineage = UUID.randomUUID().toString();
    private volatile int epoch = 1; // a field, because every hit reads it; never 0
    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final List<HostedCollector> collectors = new ArrayList<>(); // complete before start()
    private final Map<String, HostedCollector[]> byPrefix = new HashMap<>(); // complete before start()

    /**
     * Makes a host without collectors.
     *
     * @param store where tags go
     * @param settings the bounds
     * @param clock the time
     * @param scheduler runs deadlines and retries, which are short; the host does not close it
     * @param hostName the name of this machine
     */
    public CollectorHost(
            TagStore store, HostSettings settings, Clock clock, ScheduledExecutorService scheduler, String hostName) {
        this.store = store;
        this.settings = settings;
        this.clock = clock;
        this.scheduler = scheduler;
        this.hostName = hostName;
    }

    /**
     * Adds a collector; before {@link #start} only.
     *
     * @param plugin the collector
     * @param configuration its block of the configuration
     * @param use whether, and how insistently, it is used
     */
    public void add(CollectorPlugin plugin, Map<String, Object> configuration, Use use) {
        HostedCollector hosted = new HostedCollector(
                plugin,
                store,
                settings,
                clock,
                scheduler,
                configuration,
                hostName,
                use == Use.REQUIRED,
                lineage,
                this::nextEpoch);
        collectors.add(hosted);
        collectors.sort(Comparator.comparing(collector -> collector.plugin, CollectorPlugin.ORDER));
        if (use == Use.OFF) {
            hosted.switchOff("switched off by tagger.collectors." + plugin.name() + ".enabled");
            return;
        }
        for (String prefix : plugin.entityPrefixes()) {
            byPrefix.merge(prefix, new HostedCollector[] {hosted}, CollectorHost::concat);
        }
    }

    /** Starts the collectors, which go on starting in the background. */
    public void start() {
        collectors.forEach(HostedCollector::start);
    }

    /**
     * The number that {@link io.tagger.store.Snapshot#settledIn} is to be asked with.
     *
     * @return the epoch, not 0
     */
    public int epoch() {
        return epoch;
    }

    private synchronized void nextEpoch() {
        epoch = epoch == -1 ? 1 : epoch + 1;
    }

    /** Moves the epoch on, forgets answers that have run out, and looks at what the threads of the collectors are up to. */
    public void lapse() {
        collectors.forEach(HostedCollector::forgetLapsed);
        collectors.forEach(HostedCollector::look);
        nextEpoch();
    }

    /**
     * Asks all running collectors that may know an entity and have not answered for it, and waits for them, up to the deadline for a call.
     * No lock is held meanwhile. Returns at once where there is nobody to ask.
     *
     * @param entity the entity
     * @param snapshot what is known of it; null if nothing is
     */
    public void ask(EntityId entity, @Nullable Snapshot snapshot) {
        List<CompletableFuture<Void>> asked = null;
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NOBODY)) {
            if (!collector.settled(entity, snapshot)) {
                CompletableFuture<Void> over = collector.ask(entity);
                if (over != null) {
                    asked = asked == null ? new ArrayList<>() : asked;
                    asked.add(over);
                }
            }
        }
        if (asked != null) {
            misses.increment();
            await(CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)));
        }
    }

    private void await(CompletableFuture<Void> answers) {
        if (answers.isDone()) {
            return;
        }
        CompletableFuture<Boolean> inTime = answers.thenApply(nothing -> true);
        try {
            var deadline = scheduler.schedule(
                    () -> inTime.complete(false), settings.callDeadline().toMillis(), TimeUnit.MILLISECONDS);
            if (!inTime.get()) {
                timeouts.increment();
            }
            deadline.cancel(false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RejectedExecutionException e) {
            // A question is over without an error, however it ended, so this is the scheduler of a tagger that was
            // closed: go on with what is known.
            timeouts.increment();
        }
    }

    /**
     * Whether asking would be of no use: every running collector that may know the entity has answered.
     *
     * @param entity the entity
     * @param snapshot what is known of it; null if nothing is
     * @return whether there is nobody left to ask
     */
    public boolean settled(EntityId entity, @Nullable Snapshot snapshot) {
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NOBODY)) {
            if (!collector.settled(entity, snapshot)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether nothing more is to be learned of an entity: every collector that may know it has answered for good, or is not used. Unlike
     * {@link #settled} it does not hold while a collector that could know is not running.
     *
     * @param entity the entity
     * @param snapshot what is known of it; null if nothing is
     * @return whether "unknown" is the truth and not only the state of knowledge
     */
    public boolean allTold(EntityId entity, @Nullable Snapshot snapshot) {
        for (HostedCollector collector : byPrefix.getOrDefault(entity.prefix(), NOBODY)) {
            if (!collector.hasTold(entity, snapshot)) {
                return false;
            }
        }
        return true;
    }

    /**
     * How the collectors are.
     *
     * @return their states, in their order
     */
    public List<CollectorStatus> status() {
        return collectors.stream().map(HostedCollector::status).toList();
    }

    /**
     * What is wrong with collectors and does not show in their states.
     *
     * @return the issues, as they are now
     */
    public List<Issue> issues() {
        return collectors.stream()
                .flatMap(collector -> collector.issues().stream())
                .toList();
    }

    /**
     * The tagger, by a name of its own, and those whose tags its collectors pass on.
     *
     * @return the names, its own first
     */
    public List<String> lineage() {
        return Stream.concat(Stream.of(lineage), collectors.stream().flatMap(collector -> collector.follows().stream()))
                .distinct()
                .toList();
    }

    /**
     * How many questions had to be passed on to collectors.
     *
     * @return the count since the start
     */
    public long misses() {
        return misses.sum();
    }

    /**
     * How many answers without tags are remembered.
     *
     * @return the count
     */
    public int remembered() {
        return collectors.stream().mapToInt(HostedCollector::remembered).sum();
    }

    /**
     * How many of them came back at the deadline.
     *
     * @return the count since the start
     */
    public long timeouts() {
        return timeouts.sum();
    }

    /**
     * Stops the collectors in reverse order, within 3 s for all of them: each may take half of what is left, so that one that hangs leaves
     * some to the others. Callers that wait for an answer are let go.
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

    /** What the configuration says of a collector under {@code enabled}. */
    public enum Use {
        /** Used where its source is detected: {@code auto}. */
        AUTO,
        /** Not being there is a failure: {@code true}. */
        REQUIRED,
        /** Not used: {@code false}. */
        OFF
    }
}
