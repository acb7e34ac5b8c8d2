package io.tagger.ipc.client;

import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.Collector;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the replica up to date: watches the agent, and reconnects with growing pauses after a loss. Runs on the event
 * loop; any thread may read the state.
 */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** The agent's default time for the memory of "not found". */
    private static final Duration LAPSE = Duration.ofMinutes(5);

    private final AgentConnection agent;
    private final Replica replica;
    private final ClientSettings settings;
    private int failures; // in a row
    private int attempt; // the number of the attempt under way, or of the present watch
    private @Nullable List<String> collectors; // the agent's collectors in the last status
    private long lapsed = System.nanoTime();
    private AgentConnection.@Nullable Stream<WatchEntitiesRequest, WatchEntitiesResponse> watch;
    private volatile boolean isClosed;
    private volatile @Nullable String lossReason;
    private volatile int connects;

    Follower(AgentConnection agent, Replica replica, ClientSettings settings) {
        this.agent = agent;
        this.replica = replica;
        this.settings = settings;
    }

    void start() {
        agent.vertx().runOnContext(nothing -> connect());
        agent.vertx().setPeriodic(settings.check().toMillis(), timer -> check());
    }

    /** The reason for a lost connection; null while connected or during the first attempt. */
    @Nullable
    String lossReason() {
        return lossReason;
    }

    /** The number of successful connections. */
    int connects() {
        return connects;
    }

    void close() {
        isClosed = true;
    }

    private void connect() {
        if (isClosed) {
            return;
        }
        WatchEntitiesRequest question = WatchEntitiesRequest.newBuilder()
                .setCardinality(Cardinality.HIGH)
                .setSources(true)
                .setResumeToken(replica.token())
                .build();
        int mine = ++attempt;
        agent.stream(
                        "WatchEntities",
                        question,
                        WatchEntitiesResponse.getDefaultInstance(),
                        stream -> follow(stream, mine))
                .onFailure(error -> {
                    if (attempt == mine) {
                        disconnected(String.valueOf(error.getMessage()));
                    }
                });
        agent.vertx().setTimer(settings.deadline().toMillis(), late -> {
            if (attempt == mine && watch == null) {
                disconnected("the agent at " + settings.endpoint() + " does not answer");
            }
        });
    }

    private void follow(AgentConnection.Stream<WatchEntitiesRequest, WatchEntitiesResponse> stream, int mine) {
        if (attempt != mine) {
            stream.request().cancel(); // the response came after the attempt was given up
            return;
        }
        watch = stream;
        stream.response().handler(response -> {
            if (watch == stream) {
                if (lossReason != null) {
                    LOG.info("connected to the agent at {} again", settings.endpoint());
                }
                connects += connects == 0 || lossReason != null ? 1 : 0;
                lossReason = null;
                failures = 0;
                replica.apply(response);
            }
        });
        stream.response()
                .exceptionHandler(error -> ended(stream, agent.failure(error).getMessage()));
        stream.response()
                .endHandler(nothing -> ended(
                        stream,
                        AgentException.of(settings.endpoint(), stream.response())
                                .getMessage()));
    }

    private void ended(
            AgentConnection.Stream<WatchEntitiesRequest, WatchEntitiesResponse> stream, @Nullable String reason) {
        if (watch == stream) {
            disconnected(String.valueOf(reason));
        }
    }

    /**
     * A stopped agent, or an agent behind a dead line, is silent, just like an agent without changes. The agent is also
     * silent when a new collector could complete earlier answers: the check notices new collectors, and assumes the
     * case from time to time.
     */
    private void check() {
        AgentConnection.Stream<WatchEntitiesRequest, WatchEntitiesResponse> checked = watch;
        if (checked == null || isClosed) {
            return;
        }
        agent.status(settings.deadline()).whenComplete((status, error) -> {
            if (status != null) {
                noticeCollectors(status.getCollectorsList());
            } else if (watch == checked && !(error instanceof AgentException refused && refused.answered())) {
                disconnected("the agent at " + settings.endpoint() + " does not answer");
                checked.connection().close();
            }
        });
    }

    private void noticeCollectors(List<Collector> reported) {
        List<String> now = reported.stream()
                .map(collector -> collector.getName() + collector.getState() + collector.getSinceMillis())
                .toList();
        boolean haveChanged = collectors != null && !now.equals(collectors);
        if (haveChanged || System.nanoTime() - lapsed > LAPSE.toNanos()) {
            lapsed = System.nanoTime();
            replica.epoch().advance();
        }
        collectors = now;
    }

    private void disconnected(String reason) {
        watch = null;
        attempt++;
        if (isClosed) {
            return;
        }
        if (lossReason == null) {
            LOG.warn("{}; answers come from the replica, and the client tries again", reason);
        }
        lossReason = reason;
        agent.vertx().setTimer(settings.retry().pause(++failures).toMillis(), timer -> connect());
    }
}
