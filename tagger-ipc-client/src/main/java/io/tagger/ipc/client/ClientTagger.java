package io.tagger.ipc.client;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.api.TaggerStatus;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.GetEntityRequest;
import io.tagger.ipc.v1.GetEntityResponse;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.store.IncompleteTags;
import io.tagger.store.Snapshot;
import io.tagger.store.Source;
import io.tagger.store.StoreStatistics;
import io.tagger.store.StoreTagger;
import io.tagger.store.TagStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
    private static final long MAX_ANSWERS = 100_000;

    /** The number of parallel refreshes in the background; the agent accepts 100 calls of a connection. */
    private static final int REFRESHING = 32;

    private final ClientSettings settings;
    private final AgentConnection agent;
    private final Messages messages;
    private final Replica replica;
    private final Follower follower;
    private final TagStore store;
    private final AsyncCache<EntityId, Answer> answers;
    private final AtomicInteger refreshing = new AtomicInteger();
    private final LongAdder misses = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private volatile StatusResponse lastStatus = StatusResponse.getDefaultInstance();
    private volatile boolean isClosed;

    /** The agent's answer; empty if the agent was not reached. */
    private record Answer(@Nullable Snapshot snapshot, boolean complete) {
        static final Answer NONE = new Answer(null, false);
        static final Answer UNKNOWN = new Answer(null, true);
    }

    private ClientTagger(ClientSettings settings, Messages messages, Replica replica) {
        super(replica.store(), replica.epoch());
        this.settings = settings;
        this.messages = messages;
        this.replica = replica;
        agent = AgentConnection.to(settings.endpoint());
        answers = Caffeine.newBuilder()
                .maximumSize(MAX_ANSWERS)
                .expireAfterWrite(settings.askAgain())
                .executor(Runnable::run)
                .buildAsync();
        replica.onChange(entity -> answers.synchronous().invalidate(entity));
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
        Messages messages = new Messages();
        return new ClientTagger(settings, messages, new Replica(messages));
    }

    @Override
    protected Optional<EntityTags> answer(EntityId entity, @Nullable Snapshot known) {
        if (known != null) {
            return Optional.of(known.wasSettled() ? known : new IncompleteTags(entity, known));
        }
        CompletableFuture<Answer> last = answers.getIfPresent(entity);
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
            StatusResponse now = await(agent.status(settings.deadline()));
            lastStatus = now == null ? lastStatus : now;
        }
        String lost = follower.lossReason();
        List<Issue> issues = new ArrayList<>(Messages.issues(lastStatus.getIssuesList()));
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
                new TaggerStatus.Identity(MODE, lastStatus.getLineageList()),
                lost == null && replica.isSynced() && lastStatus.getReady(),
                new TaggerStatus.Size(store.size(), statistics.subscriptions()),
                Messages.collectors(lastStatus.getCollectorsList()),
                issues,
                new TaggerStatus.Counters(misses.sum(), timeouts.sum(), statistics.updates(), 0, 0, 0));
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
        return answers.get(entity, (id, executor) -> ask(id));
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
        GetEntityRequest question = GetEntityRequest.newBuilder()
                .setEntity(entity.toString())
                .setAsk(true)
                .build();
        return agent.call("GetEntity", question, GetEntityResponse.getDefaultInstance(), settings.deadline())
                .map(response -> answer(entity, response.getEntity()))
                .otherwise(error -> error instanceof AgentException refused && refused.unknownEntity()
                        ? Answer.UNKNOWN
                        : Answer.NONE)
                .toCompletionStage()
                .toCompletableFuture();
    }

    private Answer answer(EntityId id, Entity entity) {
        Map<Source, TagInfo> reports = messages.reports(id, entity);
        Snapshot snapshot = reports.isEmpty() ? null : Snapshot.of(id, reports);
        if (snapshot != null && entity.getComplete()) {
            snapshot.settle(replica.epoch().number());
        }
        return new Answer(snapshot, entity.getComplete());
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
