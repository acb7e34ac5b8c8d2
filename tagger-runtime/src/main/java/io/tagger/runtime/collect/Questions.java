package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.runtime.plugin.PluginInstance;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import io.tagger.store.Ticket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one collector is asked on misses, and what is remembered of the answers that put nothing into the store. Thread-safe.
 *
 * <p>For each entity there is at most one {@link Memory}: either the question is being asked, and whoever asks again shares it, or it says
 * from when on it may be asked again. An answer that is in the store needs no memory. So a hot path over a dead source costs a map lookup a
 * call, a dead source is asked about one entity at growing intervals, and "not found" is never mixed up with "could not tell".
 *
 * <p>The question's deadline is a task of the scheduler: it lets the callers go, counts, and interrupts the fetch. A fetch that answers
 * all the same, later, is still applied: the ticket decides whether its answer is worth anything.
 */
final class Questions {
    /** More than this waiting for a thread means that the source is not keeping up; further ones fail at once. */
    private static final int QUEUE = 10_000;

    /** So many deadlines after its first an interrupted fetch is taken to hang for good. */
    private static final int PATIENCE = 5;

    private static final Duration IDLE = Duration.ofSeconds(10);

    /** What is known of a question whose answer is not in the store. */
    private sealed interface Memory permits Asking, NotFound, AskAgain {}

    /** The question is under way. */
    private static final class Asking implements Memory {
        final CompletableFuture<Void> over = new CompletableFuture<>();
        final int failures;
        private @Nullable Thread thread; // guarded by this; the one that is inside the collector
        private @Nullable Ticket ticket; // guarded by this; of the fetch under way

        Asking(int failures) {
            this.failures = failures;
        }

        synchronized void enter(Ticket begun) {
            thread = Thread.currentThread();
            ticket = begun;
        }

        synchronized void leave() {
            thread = null;
            ticket = null;
            Thread.interrupted(); // a deadline that hit at the last moment must not hit the thread's next question
        }

        /** Whether the collector still has the question. */
        synchronized boolean isInside() {
            return thread != null;
        }

        /** Gives the answer up for good: a ticket that stays open keeps every deletion since in memory. */
        synchronized void abandon() {
            if (ticket != null) {
                ticket.close();
            }
        }

        synchronized void interrupt() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** Asked, and not this collector's or not there. */
    private record NotFound(long until) implements Memory {}

    /** Asked, and it could not be told, or not all of it. */
    private record AskAgain(long at, int failures) implements Memory {}

    private final HostedCollector host;
    private final Source source;
    private final TagStore store;
    private final HostSettings settings;
    private final Clock clock;
    private final ScheduledExecutorService scheduler;
    private volatile ThreadPoolExecutor threads;
    private final AtomicInteger hanging =
            new AtomicInteger(); // fetches of the present threads that ignore their interrupt
    private final ConcurrentHashMap<String, Memory> memories = new ConcurrentHashMap<>();

    Questions(
            HostedCollector host,
            Source source,
            TagStore store,
            HostSettings settings,
            Clock clock,
            ScheduledExecutorService scheduler) {
        this.host = host;
        this.source = source;
        this.store = store;
        this.settings = settings;
        this.clock = clock;
        this.scheduler = scheduler;
        threads = newThreads();
    }

    private ThreadPoolExecutor newThreads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                settings.fetchThreads(),
                settings.fetchThreads(),
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(QUEUE),
                host.threads.named("-fetch"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /**
     * Asks, or joins whoever is asking.
     *
     * @return done when the question is over, however it ended; null if it need not or must not be asked now
     */
    @Nullable
    CompletableFuture<Void> ask(EntityId entity, PluginInstance collector, int instance) {
        String key = entity.toString();
        while (true) {
            Memory memory = memories.get(key);
            if (memory instanceof Asking asking) {
                return asking.over;
            }
            if (memory != null && clock.millis() < holdsUntil(memory)) {
                return null;
            }
            Asking mine = new Asking(memory instanceof AskAgain again ? again.failures : 0);
            boolean won =
                    memory == null ? memories.putIfAbsent(key, mine) == null : memories.replace(key, memory, mine);
            if (won) {
                start(mine, entity, collector, instance);
                return mine.over;
            }
        }
    }

    /** Whether the collector has said for good that it has nothing on the entity. */
    boolean notFound(EntityId entity) {
        return memories.get(entity.toString()) instanceof NotFound memory && clock.millis() < memory.until;
    }

    /** There is a new instance: forgets what earlier ones could not tell or did not find, and leaves them the threads that hang. */
    void renew() {
        if (hanging.getAndSet(0) > 0) {
            threads.shutdownNow();
            threads = newThreads();
        }
        memories.values().removeIf(memory -> !(memory instanceof Asking));
    }

    /** Forgets what may be asked again anyway. */
    void forgetLapsed() {
        long now = clock.millis();
        memories.values().removeIf(memory -> holdsUntil(memory) <= now);
    }

    int remembered() {
        return memories.size();
    }

    /** Lets all callers go. */
    void close() {
        threads.shutdownNow();
        for (Memory memory : memories.values()) {
            if (memory instanceof Asking asking) {
                asking.over.complete(null);
            }
        }
    }

    private void start(Asking asking, EntityId entity, PluginInstance collector, int instance) {
        makeRoom();
        host.fetchStarted();
        try {
            ScheduledFuture<?> deadline = scheduler.schedule(
                    () -> giveUp(asking, entity), settings.fetchDeadline().toMillis(), TimeUnit.MILLISECONDS);
            asking.over.whenComplete((nothing, error) -> deadline.cancel(false));
            threads.execute(() -> fetch(asking, entity, collector, instance));
        } catch (RejectedExecutionException e) {
            failed(asking, entity, "too many questions are waiting for an answer");
        }
    }

    private void fetch(Asking asking, EntityId entity, PluginInstance collector, int instance) {
        if (asking.over.isDone()) {
            return; // given up before its turn came
        }
        try (Ticket ticket = store.begin()) {
            asking.enter(ticket);
            List<TagInfo> infos = host.check(source, collector.fetch(entity));
            Set<EntityId> refused = store.apply(ticket, source, instance, infos);
            host.accepted(infos.size() - refused.size());
            answered(asking, entity, infos, refused.contains(entity));
        } catch (Throwable e) { // whatever a plugin throws is an answer of "could not tell"
            failed(asking, entity, "fetch of " + entity + ": " + HostedCollector.words(e));
        } finally {
            asking.leave();
        }
    }

    private void answered(Asking asking, EntityId entity, List<TagInfo> infos, boolean refused) {
        Snapshot snapshot = store.find(entity);
        long now = clock.millis();
        if (refused) {
            remember(asking, entity, new AskAgain(now + settings.retryMin().toMillis(), 0));
        } else if (snapshot != null && snapshot.answeredBy(source)) {
            remember(asking, entity, null);
        } else if (infos.stream().anyMatch(info -> info.entity().equals(entity) && !info.complete())) {
            remember(asking, entity, new AskAgain(now + settings.incomplete().toMillis(), 0));
        } else {
            remember(asking, entity, new NotFound(now + settings.notFound().toMillis()));
        }
    }

    private void giveUp(Asking asking, EntityId entity) {
        if (!asking.over.isDone()) {
            host.fetchTimedOut();
            failed(
                    asking,
                    entity,
                    "fetch of " + entity + " took over "
                            + settings.fetchDeadline().toMillis() + " ms");
            asking.interrupt();
            scheduler.schedule(
                    () -> stillThere(asking), settings.fetchDeadline().toMillis() * PATIENCE, TimeUnit.MILLISECONDS);
        }
    }

    /** A fetch that was interrupted long ago: if it hangs its answer is void, and if all threads hang the instance is of no use. */
    private void stillThere(Asking asking) {
        if (asking.isInside()) {
            asking.abandon();
            if (hanging.incrementAndGet() >= settings.fetchThreads()) {
                host.fetchesHang(settings.fetchThreads());
            }
        }
    }

    private void failed(Asking asking, EntityId entity, String why) {
        if (asking.over.isDone()) {
            return; // counted when it was given up
        }
        host.fetchFailed(why);
        int failures = asking.failures + 1;
        Duration pause =
                settings.retryAfter(failures, ThreadLocalRandom.current().nextDouble());
        remember(asking, entity, new AskAgain(clock.millis() + pause.toMillis(), failures));
    }

    private void remember(Asking asking, EntityId entity, @Nullable Memory memory) {
        String key = entity.toString();
        if (asking.over.isDone()) {
            // It was given up, and answers now: better than what is remembered, unless it is being asked anew.
            memories.computeIfPresent(key, (same, now) -> now instanceof Asking ? now : memory);
        } else if (memory == null) {
            memories.remove(key, asking);
        } else {
            memories.replace(key, asking, memory);
        }
        asking.over.complete(null);
    }

    /** Keeps the memory bounded, whatever ids callers come up with. */
    private void makeRoom() {
        if (memories.size() <= settings.maxRemembered()) {
            return;
        }
        forgetLapsed();
        int surplus = memories.size() - settings.maxRemembered() + settings.maxRemembered() / 10;
        for (var oldest = memories.values().iterator(); surplus > 0 && oldest.hasNext(); ) {
            if (!(oldest.next() instanceof Asking)) {
                oldest.remove();
                surplus--;
            }
        }
    }

    private static long holdsUntil(Memory memory) {
        if (memory instanceof NotFound notFound) {
            return notFound.until;
        }
        return memory instanceof AskAgain again ? again.at : Long.MAX_VALUE;
    }
}
