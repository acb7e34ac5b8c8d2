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
 * A tagger that asks an agent. It keeps a replica of what the agent knows, and answers from that in this process: a hit costs what it costs
 * in the agent. A miss goes to the agent, once for all who wait for it.
 *
 * <p>Without the agent it goes on answering from the replica; {@link #status} says so, as an issue. It connects again by itself, is told only
 * what it missed, and takes in an agent that was started anew without forgetting in between what it knew.
 *
 * <p>The replica follows the agent within some milliseconds. A miss returns the agent's answer at once; {@link #cached} and handles have it
 * when the replica has.
 *
 * <p>Thread-safe.
 */
public final class ClientTagger extends StoreTagger {
    static final String MODE = "client";

    /** Answers that are kept because they are not all there is to know; the oldest go first. */
    private static final long MAX_ANSWERS = 100_000;

    /** Questions beside the callers that may be under way; the agent takes 256 calls of a connection. */
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

    /** What the agent has answered; nothing if it could not be asked. */
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
     * Begins to follow an agent, in the background. That there is none yet is no error.
     *
     * @param settings which agent
     * @return the tagger, which the caller closes
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
     * How the agent's collectors are, how many entities are here, and whether the agent is followed. Asks the agent, for {@link
     * ClientSettings#deadline} at most; without it the collectors are as they last were.
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
                            lost + "; answers are from what it had told before, and it is tried again"));
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
     * Whether the agent is followed, and everything that it knew has been told. Asks nobody.
     *
     * @return false as well while the agent is lost
     */
    public boolean synced() {
        return replica.isSynced() && follower.lossReason() == null;
    }

    /**
     * How often the agent has been connected to.
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
        misses.increment();
        int epoch = replica.epoch().number();
        if (isClosed || follower.lossReason() != null) {
            return known;
        }
        if (known != null && known.wasSettled()) {
            // It was all there is to know. Whether it still is, is found out beside the caller.
            refresh(entity, known, epoch);
            return known;
        }
        Answer answer = await(answers.get(entity, (id, executor) -> ask(id)));
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

    /** The agent pushes what it learns on the way. When all entities are due at once, it is asked about some at a time. */
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
        Map<Source, TagInfo> said = messages.said(id, entity);
        return new Answer(said.isEmpty() ? null : Snapshot.of(id, said), entity.getComplete());
    }

    private <T> @Nullable T await(CompletableFuture<T> future) {
        try {
            return future.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            timeouts.increment();
        } catch (ExecutionException e) {
            return null; // the follower notices the same, and says it
        }
        return null;
    }
}
