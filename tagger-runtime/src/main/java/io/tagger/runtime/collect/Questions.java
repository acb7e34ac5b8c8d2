package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.Ticket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The questions to one collector on misses, and the memory of answers without tags. Thread-safe.
 *
 * <p>Each entity has at most one {@link Memory}: the question is under way, and further callers share the question; or
 * the memory holds the earliest time of the next question. An answer in the store needs no memory, unless the answer
 * holds for a limited time. A hot path over a
 * dead source therefore costs one map lookup per call, a dead source is asked about an entity at growing intervals, and
 * "not found" is never confused with "no answer".
 *
 * <p>The deadline of a question is a task of the scheduler: the task releases the callers, counts, and interrupts the
 * fetch. A later answer of that fetch is still applied; the ticket decides whether the answer counts.
 */
final class Questions {
    /**
     * Questions waiting for a thread. A longer queue means a source that does not keep up, and further questions fail
     * at once.
     */
    private static final int QUEUE = 10_000;

    /** Number of deadlines after the first until an interrupted fetch counts as hung. */
    private static final int PATIENCE = 5;

    /** Later moments are never. */
    private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

    /** A map's node, a record, a string and its array, on a 64-bit JVM. */
    private static final int MEMORY_BYTES = 128;

    private static final Duration IDLE = Duration.ofSeconds(10);

    /** The state of a question without an answer in the store. */
    sealed interface Memory permits Asking, NotFound, AskAgain, Held {
        /** The time at which the memory lapses, in milliseconds since the epoch. */
        long lapse();
    }

    /** The collector does not know the entity. */
    private record NotFound(long lapse) implements Memory {}

    /** The collector gave no answer, or an incomplete answer. */
    private record AskAgain(long lapse, int failures) implements Memory {}

    /** The answer is in the store, and holds until the lapse. */
    private record Held(long lapse) implements Memory {}

    private final HostServices services;
    private final Source source;
    private final InfoGuard guard;
    private final CollectorCounters counters;
    private final ThreadFactory factory;
    private final IntConsumer onHang;
    private volatile ThreadPoolExecutor threads;
    private final AtomicInteger hanging =
            new AtomicInteger(); // fetches on the present threads that ignore their interrupt
    private final ConcurrentHashMap<String, Memory> memories = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong(); // of the memories; exact after each forgetLapsed

    /**
     * Makes an empty memory.
     *
     * @param onHang receives the number of fetch threads when all of them hang
     */
    Questions(
            HostServices services,
            Source source,
            InfoGuard guard,
            CollectorCounters counters,
            ThreadFactory factory,
            IntConsumer onHang) {
        this.services = services;
        this.source = source;
        this.guard = guard;
        this.counters = counters;
        this.factory = factory;
        this.onHang = onHang;
        threads = newThreads();
    }

    private ThreadPoolExecutor newThreads() {
        int size = services.settings().limits().fetchThreads();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size, size, IDLE.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(QUEUE), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Asks the collector, or joins the question under way.
     *
     * @param permit decides whether a further question may be asked
     * @return completes when the question is over, in whatever way; null if the collector must not be asked now
     */
    @Nullable
    CompletableFuture<Void> ask(EntityId entity, Attempt attempt, BooleanSupplier permit) {
        String key = entity.toString();
        while (true) {
            Memory memory = memories.get(key);
            if (memory instanceof Asking asking) {
                return asking.over;
            }
            if (memory != null && services.clock().millis() < memory.lapse() && !isLost(memory, entity)) {
                return null;
            }
            if (!permit.getAsBoolean()) {
                return null;
            }
            Asking mine = new Asking(memory instanceof AskAgain again ? again.failures : 0);
            boolean won =
                    memory == null ? memories.putIfAbsent(key, mine) == null : memories.replace(key, memory, mine);
            if (won) {
                start(mine, entity, attempt);
                return mine.over;
            }
        }
    }

    /** Whether the collector has answered about an entity: with complete tags, or "not found". */
    boolean isAnswered(EntityId entity, @Nullable Snapshot snapshot) {
        return snapshot != null && snapshot.isAnsweredBy(source)
                || memories.get(entity.toString()) instanceof NotFound memory
                        && services.clock().millis() < memory.lapse;
    }

    /** Whether the answer that a memory is about has left the store, with its entity. */
    private boolean isLost(Memory memory, EntityId entity) {
        if (!(memory instanceof Held)) {
            return false;
        }
        Snapshot snapshot = services.store().find(entity);
        return snapshot == null || !snapshot.isAnsweredBy(source);
    }

    /** Whether the last question about the entity got no answer. */
    boolean isFailing(EntityId entity) {
        Memory memory = memories.get(entity.toString());
        return memory instanceof AskAgain again && again.failures > 0
                || memory instanceof Asking asking && asking.failures > 0;
    }

    /**
     * Forgets the answers of earlier instances, for a new instance, and leaves hung threads to the earlier instances.
     */
    void renew() {
        if (hanging.getAndSet(0) > 0) {
            threads.shutdownNow();
            threads = newThreads();
        }
        memories.values().removeIf(memory -> !(memory instanceof Asking));
    }

    /** Forgets lapsed memories. */
    void forgetLapsed() {
        long now = services.clock().millis();
        memories.values().removeIf(memory -> memory.lapse() <= now);
        bytes.set(memories.keySet().stream().mapToLong(Questions::cost).sum());
    }

    /** The bytes of a memory, more or less: the objects, and the id with two bytes for a character. */
    private static long cost(String key) {
        return MEMORY_BYTES + 2L * key.length();
    }

    int remembered() {
        return memories.size();
    }

    /** Releases all callers. */
    void close() {
        threads.shutdownNow();
        for (Memory memory : memories.values()) {
            if (memory instanceof Asking asking) {
                asking.over.complete(null);
            }
        }
    }

    private long fetchMillis() {
        return services.settings().deadlines().fetch().toMillis();
    }

    private void start(Asking asking, EntityId entity, Attempt attempt) {
        bytes.addAndGet(cost(entity.toString()));
        makeRoom();
        counters.fetchStarted();
        try {
            ScheduledFuture<?> deadline =
                    services.scheduler().schedule(() -> giveUp(asking, entity), fetchMillis(), TimeUnit.MILLISECONDS);
            asking.over.whenComplete((nothing, error) -> deadline.cancel(false));
            threads.execute(() -> fetch(asking, entity, attempt));
        } catch (RejectedExecutionException e) {
            failed(asking, entity, "too many questions are waiting for an answer");
        }
    }

    private void fetch(Asking asking, EntityId entity, Attempt attempt) {
        if (asking.over.isDone()) {
            return; // given up during the wait for a thread
        }
        try (Ticket ticket = services.store().begin()) {
            asking.enter(ticket);
            List<TagInfo> infos = guard.check(source, attempt.collector().fetch(entity));
            Set<EntityId> refused = services.store().apply(ticket, source, attempt.number(), infos);
            counters.accepted(infos.size() - refused.size());
            if (mayHaveRunOut(entity, attempt)
                    && infos.stream().noneMatch(info -> info.entity().equals(entity) && !isNothing(info))) {
                services.store().withdraw(ticket, source, entity);
            }
            attempt.answersHoldFor().ifPresent(duration -> hold(infos, duration));
            answered(asking, entity, infos, refused.contains(entity), attempt);
        } catch (Throwable e) { // any error of a plugin means "no answer"
            failed(asking, entity, "fetch of " + entity + ": " + counters.words(e));
        } finally {
            asking.leave();
        }
    }

    /** Whether an earlier answer counts no more: its time may be over, or other settings gave the answer. */
    private boolean mayHaveRunOut(EntityId entity, Attempt attempt) {
        Snapshot snapshot = services.store().find(entity);
        return attempt.answersHoldFor().isPresent() || snapshot != null && snapshot.hasVoidAnswerOf(source);
    }

    /** Notes how long the answers hold; the entity that was asked for follows in {@link #answered}. */
    private void hold(List<TagInfo> infos, Duration duration) {
        for (TagInfo info : infos) {
            if (!info.isEmpty()) {
                Held held = held(info, duration);
                memories.compute(info.entity().toString(), (key, now) -> now instanceof Asking ? now : held);
            }
        }
    }

    /** Whether a report says for good that there are no tags. */
    private static boolean isNothing(TagInfo info) {
        return info.isEmpty() && info.complete();
    }

    private Held held(TagInfo info, Duration duration) {
        Instant now = services.clock().instant();
        boolean isInTime = duration.compareTo(Duration.between(now, LAST)) < 0;
        Instant until = info.expiry().orElseGet(() -> isInTime ? now.plus(duration) : LAST);
        return new Held(until.isBefore(LAST) ? until.toEpochMilli() : Long.MAX_VALUE);
    }

    private void answered(Asking asking, EntityId entity, List<TagInfo> infos, boolean refused, Attempt attempt) {
        Snapshot snapshot = services.store().find(entity);
        HostSettings settings = services.settings();
        long now = services.clock().millis();
        if (refused) {
            remember(asking, entity, new AskAgain(now + settings.retry().first().toMillis(), 0));
        } else if (snapshot != null && snapshot.isAnsweredBy(source)) {
            Memory held = attempt.answersHoldFor()
                    .flatMap(duration -> infos.stream()
                            .filter(info -> info.entity().equals(entity))
                            .map(info -> held(info, duration))
                            .findFirst())
                    .orElse(null);
            remember(asking, entity, held);
        } else if (infos.stream().anyMatch(info -> info.entity().equals(entity) && !info.complete())) {
            remember(
                    asking,
                    entity,
                    new AskAgain(now + settings.memory().incomplete().toMillis(), 0));
        } else {
            remember(
                    asking,
                    entity,
                    new NotFound(now + settings.memory().notFound().toMillis()));
        }
    }

    private void giveUp(Asking asking, EntityId entity) {
        if (!asking.over.isDone()) {
            counters.timedOut();
            failed(asking, entity, "fetch of " + entity + " took over " + fetchMillis() + " ms");
            asking.interrupt();
            services.scheduler().schedule(() -> abandonIfHung(asking), fetchMillis() * PATIENCE, TimeUnit.MILLISECONDS);
        }
    }

    /** Voids the answer of a fetch that ignores its interrupt. When all threads hang, the instance is of no use. */
    private void abandonIfHung(Asking asking) {
        if (asking.isInside()) {
            asking.abandon();
            int all = services.settings().limits().fetchThreads();
            if (hanging.incrementAndGet() >= all) {
                onHang.accept(all);
            }
        }
    }

    private void failed(Asking asking, EntityId entity, String why) {
        if (asking.over.isDone()) {
            return; // counted when the question was given up
        }
        counters.failed(why);
        int failures = asking.failures + 1;
        Duration pause = services.settings().retry().pause(failures);
        remember(asking, entity, new AskAgain(services.clock().millis() + pause.toMillis(), failures));
    }

    private void remember(Asking asking, EntityId entity, @Nullable Memory memory) {
        String key = entity.toString();
        if (asking.over.isDone()) {
            // A late answer is better than the memory of a failure, unless the question is under way again.
            memories.computeIfPresent(key, (same, now) -> now instanceof Asking ? now : memory);
        } else if (memory == null) {
            memories.remove(key, asking);
        } else {
            memories.replace(key, asking, memory);
        }
        asking.over.complete(null);
    }

    /** Bounds the memory, for callers with ever new entities. */
    private void makeRoom() {
        int most = services.settings().memory().maxRemembered();
        long mostBytes = services.settings().memory().maxRememberedBytes();
        if (memories.size() <= most && bytes.get() <= mostBytes) {
            return;
        }
        forgetLapsed();
        if (memories.size() <= most && bytes.get() <= mostBytes) {
            return;
        }
        // A tenth more, so that the next questions find room.
        for (var any = memories.entrySet().iterator();
                any.hasNext() && (memories.size() > most - most / 10 || bytes.get() > mostBytes - mostBytes / 10); ) {
            Map.Entry<String, Memory> next = any.next();
            if (!(next.getValue() instanceof Asking)) {
                any.remove();
                bytes.addAndGet(-cost(next.getKey()));
            }
        }
    }
}
