package io.tagger.ipc.client;

import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the replica like the agent: watches, and connects again, with growing pauses, when that has ended. Runs on the event loop; its
 * state may be read by any thread.
 */
final class Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private final AgentConnection agent;
    private final Replica replica;
    private final ClientSettings settings;
    private long pause; // milliseconds
    private AgentConnection.@Nullable Stream<WatchEntitiesRequest, WatchEntitiesResponse> watch;
    private volatile boolean isClosed;
    private volatile @Nullable String lost;
    private volatile int connects;

    Follower(AgentConnection agent, Replica replica, ClientSettings settings) {
        this.agent = agent;
        this.replica = replica;
        this.settings = settings;
        this.pause = settings.retryMin().toMillis();
    }

    void start() {
        agent.vertx().runOnContext(nothing -> connect());
        agent.vertx().setPeriodic(settings.check().toMillis(), timer -> check());
    }

    /** Why the agent is not followed; null if it is, or this is the first attempt. */
    @Nullable
    String lost() {
        return lost;
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
        agent.stream("WatchEntities", question, WatchEntitiesResponse.getDefaultInstance(), this::follow)
                .onFailure(error -> lost(String.valueOf(error.getMessage())));
    }

    private void follow(AgentConnection.Stream<WatchEntitiesRequest, WatchEntitiesResponse> stream) {
        watch = stream;
        stream.response().handler(response -> {
            if (watch == stream) {
                if (lost != null) {
                    LOG.info("connected to the agent at {} again", settings.endpoint());
                }
                connects += connects == 0 || lost != null ? 1 : 0;
                lost = null;
                pause = settings.retryMin().toMillis();
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
            lost(String.valueOf(reason));
        }
    }

    /** An agent that was stopped, or is on the other side of a dead line, says nothing, like one that has nothing to say. */
    private void check() {
        AgentConnection.Stream<WatchEntitiesRequest, WatchEntitiesResponse> checked = watch;
        if (checked == null || isClosed) {
            return;
        }
        long timer = agent.vertx().setTimer(settings.deadline().toMillis(), late -> {
            if (watch == checked) {
                lost("the agent at " + settings.endpoint() + " does not answer");
                checked.connection().close();
            }
        });
        checked.connection().ping(Buffer.buffer(new byte[Long.BYTES])).onSuccess(pong -> agent.vertx()
                .cancelTimer(timer));
        replica.lapse();
    }

    private void lost(String reason) {
        watch = null;
        if (isClosed) {
            return;
        }
        if (lost == null) {
            LOG.warn("{}; answering from what it has told so far, and trying again", reason);
        }
        lost = reason;
        // Half of the pause at least, so that many clients of one agent do not come back at the same moment.
        long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        pause = Math.min(2 * pause, settings.retryMax().toMillis());
        agent.vertx().setTimer(Math.max(1, wait), timer -> connect());
    }
}
