package io.tagger.ipc.client;

import io.tagger.api.collector.Backoff;
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
 * Keeps the replica like the agent: watches, and connects again, with growing pauses, when that has ended. Runs on the event loop; its
 * state may be read by any thread.
 */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    /** An agent remembers for so long, unless it is configured otherwise, that a collector does not know an entity. */
    private static final Duration LAPSE = Duration.ofMinutes(5);

    private final AgentConnection agent;
    private final Replica replica;
    private final ClientSettings settings;
    private final Backoff backoff;
    private int failures; // in a row
    private int attempt; // which one is under way, or has led to the watch
    private @Nullable List<String> collectors; // as the agent had them last
    private long lapsed = System.nanoTime();
    private AgentConnection.@Nullable Stream<WatchEntitiesRequest, WatchEntitiesResponse> watch;
    private volatile boolean isClosed;
    private volatile @Nullable String lossReason;
    private volatile int connects;

    Follower(AgentConnection agent, Replica replica, ClientSettings settings) {
        this.agent = agent;
        this.replica = replica;
        this.settings = settings;
        this.backoff = new Backoff(settings.retryMin(), settings.retryMax());
    }

    void start() {
        agent.vertx().runOnContext(nothing -> connect());
        agent.vertx().setPeriodic(settings.check().toMillis(), timer -> check());
    }

    /** Why the agent is not followed; null if it is, or this is the first attempt. */
    @Nullable
    String lossReason() {
        return lossReason;
    }

    /** How often it has been connected to. */
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
            stream.request().cancel(); // it came when nobody waited for it any more
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
     * An agent that was stopped, or is on the other side of a dead line, says nothing, like one that has nothing to say. And it does not say
     * when there is somebody new to ask about what was all there is to know: that is seen from its collectors, and assumed from time to time.
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

    private void noticeCollectors(List<Collector> told) {
        List<String> now = told.stream()
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
            LOG.warn("{}; answering from what it has told so far, and trying again", reason);
        }
        lossReason = reason;
        agent.vertx().setTimer(backoff.pause(++failures).toMillis(), timer -> connect());
    }
}
