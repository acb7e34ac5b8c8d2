package io.tagger.client;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Issue;
import io.tagger.api.TaggerStatus;
import io.tagger.client.store.IncompleteTags;
import io.tagger.client.store.Reported;
import io.tagger.client.store.Snapshot;
import io.tagger.client.store.StoreStatistics;
import io.tagger.client.store.StoreTagger;
import io.tagger.client.store.TagStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A tagger that asks an agent. The client keeps a replica of the agent's entities and answers hits from the replica, at
 * the cost of a hit in the agent. A miss goes to the agent, once for all waiting callers.
 *
 * <p>Without the agent the client answers from the replica, and {@link #status} reports an issue. The client reconnects
 * alone, receives only the missed changes, and keeps the known tags while a restarted agent sends its entities.
 *
 * <p>The replica follows the agent within milliseconds. A miss returns the agent's answer at once; {@link #cached} and
 * handles see the answer when the replica has received it.
 *
 * <p>Thread-safe.
 */
public final class ClientTagger extends StoreTagger {
    static final String MODE = "client";

    /** The number of kept incomplete answers; the oldest answers are dropped first. */
    private static final int MAX_ANSWERS = 100_000;

    /** The number of parallel refreshes in the background; the agent accepts 100 calls of a connection. */
    private static final int REFRESHING = 32;

    /** The longest wait of a question, by the protocol. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** The pause before a question to an agent that was lost, or that has refused to answer. */
    private static final long PAUSE_NANOS = 50_000_000;

    private static final TaggerStatus NO_STATUS = new TaggerStatus(
            new TaggerStatus.Identity(MODE, List.of()),
            false,
            new TaggerStatus.Size(0, 0),
            List.of(),
            List.of(),
            new TaggerStatus.Counters(0, 0, 0, 0, 0, 0));

    private final ClientSettings settings;
    private final AgentConnection agent;
    private final SourceReports reports;
    private final Replica replica;
    private final Follower follower;
    private final TagStore store;
    private final RecentAnswers<Answer> answers;
    private final AtomicInteger refreshing = new AtomicInteger();
    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private volatile TaggerStatus lastStatus = NO_STATUS;
    private volatile String self = ""; // the entity of this process, in the agent's last answer
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean isClosed;

    /** The agent's answer; empty if the agent was not reached. */
    private record Answer(@Nullable Snapshot snapshot, boolean complete) {
        static final Answer NONE = new Answer(null, false);
        static final Answer UNKNOWN = new Answer(null, true);
    }

    private ClientTagger(ClientSettings settings, SourceReports reports, Replica replica) {
        super(replica.store(), replica.epoch());
        this.settings = settings;
        this.reports = reports;
        this.replica = replica;
        agent = AgentConnection.to(settings.endpoint());
        answers = new RecentAnswers<>(MAX_ANSWERS, settings.askAgain());
        replica.onChange(answers::forget);
        store = replica.store();
        follower = new Follower(agent, replica, settings);
        follower.start();
    }

    /**
     * Begins to follow an agent, in the background. A missing agent is no error.
     *
     * @param settings the agent and the time limits
     * @return the tagger; the caller closes the tagger
     */
    public static ClientTagger connect(ClientSettings settings) {
        SourceReports reports = new SourceReports();
        return new ClientTagger(settings, reports, new Replica(reports));
    }

    @Override
    protected Optional<EntityTags> answer(EntityId entity, @Nullable Snapshot known) {
        if (known != null) {
            return Optional.of(known.wasSettled() ? known : new IncompleteTags(entity, known));
        }
        CompletableFuture<Answer> last = answers.find(entity);
        Answer answer = last == null ? Answer.NONE : last.getNow(Answer.NONE);
        if (answer.snapshot != null) {
            return Optional.of(answer.snapshot);
        }
        return answer.complete ? Optional.empty() : Optional.of(new IncompleteTags(entity, null));
    }

    /**
     * The state of the agent's collectors, the number of entities in the replica, and the connection. Asks the agent,
     * for {@link ClientSettings#deadline} at most; without an answer the status contains the last known collectors.
     */
    @Override
    public TaggerStatus status() {
        if (!isClosed && follower.lossReason() == null) {
            TaggerStatus now = await(agent.status(settings.deadline()));
            lastStatus = now == null ? lastStatus : now;
        }
        String lost = follower.lossReason();
        List<Issue> issues = new ArrayList<>(lastStatus.issues());
        if (lost != null) {
            issues.add(
                    0,
                    new Issue(
                            Issue.Severity.ERROR,
                            "agent",
                            lost + "; answers come from the replica, and the client tries again"));
        }
        StoreStatistics statistics = store.statistics();
        return new TaggerStatus(
                new TaggerStatus.Identity(MODE, lastStatus.lineage()),
                lost == null && replica.isSynced() && lastStatus.ready(),
                new TaggerStatus.Size(store.size(), statistics.subscriptions()),
                lastStatus.collectors(),
                issues,
                new TaggerStatus.Counters(misses.sum(), timeouts.sum(), statistics.updates(), 0, 0, 0));
    }

    /**
     * The entity of this process, by the agent: the kernel tells the agent who asks. Without the agent the last answer
     * holds.
     */
    @Override
    public Optional<EntityTags> self() {
        if (!isClosed && follower.lossReason() == null) {
            OriginAnswer now = await(agent.self(Cardinality.LOW, Duration.ZERO, settings.deadline()));
            self = now == null ? self : now.self().entity();
        }
        return self.isEmpty()
                ? Optional.empty()
                : Optional.of(EntityId.parse(self))
                        .map(entity -> lookup(entity).orElseGet(() -> new IncompleteTags(entity, null)));
    }

    /** Lets the agent wait: the agent answers as soon as its collectors have reported the entity. */
    @Override
    public Optional<EntityTags> awaitComplete(EntityId entity, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(limit), Long.MAX_VALUE / 2);
        Optional<EntityTags> found = lookup(entity);
        long left = end - System.nanoTime();
        while (left > 0 && found.filter(EntityTags::complete).isEmpty()) {
            Answer answer = Answer.NONE;
            if (!isClosed && follower.lossReason() == null) {
                Duration wait = Duration.ofNanos(Math.min(left, LONGEST_WAIT.toNanos()));
                answer = awaited(agent.entity(entity, wait, wait.plus(settings.deadline()))
                        .thenApply(report -> answer(entity, report)));
            }
            found = answer.snapshot == null
                    ? entity(entity)
                    : Optional.of(answer.complete ? answer.snapshot : new IncompleteTags(entity, answer.snapshot));
            left = end - System.nanoTime();
            if (isClosed) {
                return found;
            }
            if (answer == Answer.NONE && left > 0) {
                closed.await(Math.min(PAUSE_NANOS, left), TimeUnit.NANOSECONDS);
            }
        }
        return found;
    }

    private Answer awaited(CompletableFuture<Answer> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            return Answer.NONE;
        }
    }

    /**
     * Whether the client follows the agent and the replica is complete. Does not ask the agent.
     *
     * @return false as well while the agent is lost
     */
    public boolean synced() {
        return replica.isSynced() && follower.lossReason() == null;
    }

    /**
     * The number of successful connections to the agent.
     *
     * @return the count
     */
    public int connects() {
        return follower.connects();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isClosed = true;
        }
        closed.countDown();
        follower.close();
        agent.close();
        super.close();
    }

    @Override
    protected @Nullable Snapshot miss(EntityId entity, @Nullable Snapshot known) {
        int epoch = replica.epoch().number();
        CompletableFuture<Answer> asked = begin(entity, known, epoch);
        return asked == null ? known : present(entity, await(asked), epoch);
    }

    @Override
    protected CompletableFuture<Optional<Snapshot>> missFor(String caller, EntityId entity, @Nullable Snapshot known) {
        int epoch = replica.epoch().number();
        CompletableFuture<Answer> asked = begin(entity, known, epoch);
        return asked == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(known))
                : asked.handle((answer, error) -> Optional.ofNullable(present(entity, answer, epoch)));
    }

    /** The question about an entity; null if the known tags are the answer. */
    private @Nullable CompletableFuture<Answer> begin(EntityId entity, @Nullable Snapshot known, int epoch) {
        misses.increment();
        if (isClosed || follower.lossReason() != null) {
            return null;
        }
        if (known != null && known.wasSettled()) {
            // The answer was complete. Whether it still is, is checked in the background.
            refresh(entity, known, epoch);
            return null;
        }
        return answers.find(entity, this::ask);
    }

    private @Nullable Snapshot present(EntityId entity, @Nullable Answer answer, int epoch) {
        Snapshot present = store.find(entity);
        if (answer == null || answer.snapshot == null) {
            return present;
        }
        if (present == null || !present.tags(Cardinality.HIGH).equals(answer.snapshot.tags(Cardinality.HIGH))) {
            return answer.snapshot; // the replica is some milliseconds behind
        }
        if (answer.complete) {
            present.settle(epoch);
        }
        return present;
    }

    /**
     * The agent pushes the tags learned on the way. When all entities are due at once, only a bounded number is asked
     * about at a time.
     */
    private void refresh(EntityId entity, Snapshot known, int epoch) {
        if (refreshing.incrementAndGet() > REFRESHING) {
            refreshing.decrementAndGet();
            return;
        }
        known.settle(epoch);
        ask(entity).whenComplete((answer, error) -> refreshing.decrementAndGet());
    }

    private CompletableFuture<Answer> ask(EntityId entity) {
        return agent.entity(entity, Duration.ZERO, settings.deadline())
                .thenApply(report -> answer(entity, report))
                .exceptionally(error -> {
                    Throwable reason = error instanceof CompletionException ? error.getCause() : error;
                    return reason instanceof AgentException refused && refused.unknownEntity()
                            ? Answer.UNKNOWN
                            : Answer.NONE;
                });
    }

    private Answer answer(EntityId id, EntityReport report) {
        List<Reported> found = reports.of(report);
        Snapshot snapshot = found.isEmpty() ? null : Snapshot.of(id, found);
        if (snapshot != null && report.complete()) {
            snapshot.settle(replica.epoch().number());
        }
        return new Answer(snapshot, report.complete());
    }

    private <T> @Nullable T await(CompletableFuture<T> future) {
        try {
            return future.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            timeouts.increment();
        } catch (ExecutionException e) {
            return null; // the follower notices and reports the same failure
        }
        return null;
    }
}
