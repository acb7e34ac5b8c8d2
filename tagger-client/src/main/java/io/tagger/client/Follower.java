package io.tagger.client;

import io.tagger.api.CollectorStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the replica up to date: watches the agent, and reconnects with growing pauses after a loss. Runs on the client's
 * thread; any thread may read the state.
 */
final class Follower {
    /** The agent's default time for the memory of "not found". */
    private static final Duration LAPSE = Duration.ofMinutes(5);

    private static final Duration POOL = Duration.ofSeconds(10);
    private static final int POOLED_AT_ONCE = 500;

    private final AgentConnection agent;
    private final Replica replica;
    private final ClientSettings settings;
    private int failures; // in a row
    private @Nullable List<String> collectors; // the agent's collectors in the last status
    private @Nullable Object socket; // the identity of the socket's file at the time of the connection
    private long lapsed = System.nanoTime();
    private AgentConnection.@Nullable Watch watch; // of the attempt under way, or the present watch
    private boolean isConnected;
    private volatile boolean isClosed;
    private volatile @Nullable String lossReason;
    private volatile int connects;

    Follower(AgentConnection agent, Replica replica, ClientSettings settings) {
        this.agent = agent;
        this.replica = replica;
        this.settings = settings;
    }

    void start() {
        agent.loop().execute(() -> {
            connect();
            agent.loop().every(settings.check(), this::check);
            agent.loop().every(POOL, this::pool);
        });
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
        replica.connecting();
        Attempt attempt = new Attempt();
        socket = socketFile();
        AgentConnection.Watch begun = agent.watchSources(List.of(), replica.token(), attempt, attempt::lost);
        attempt.watch = begun;
        watch = begun;
        isConnected = false;
        agent.loop().after(settings.deadline(), () -> {
            if (watch == begun && !isConnected) {
                disconnected("the agent at " + settings.endpoint() + " does not answer");
            }
        });
    }

    /** The identity of the socket's file; null for a port, or without such a file. */
    private @Nullable Object socketFile() {
        try {
            return settings.endpoint() instanceof Endpoint.Unix unix
                    ? Files.readAttributes(unix.path(), BasicFileAttributes.class)
                            .fileKey()
                    : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Passes the events of one connection to the replica; the first event proves the connection. */
    private final class Attempt implements WatchEvents {
        private AgentConnection.@Nullable Watch watch;

        void lost(AgentException reason) {
            if (Follower.this.watch == watch) {
                disconnected(String.valueOf(reason.getMessage()));
            }
        }

        private void connected() {
            if (isConnected) {
                return;
            }
            isConnected = true;
            if (lossReason != null) {
                Log.info("connected to the agent at {0} again", settings.endpoint());
            }
            connects += 1;
            lossReason = null;
            failures = 0;
        }

        @Override
        public void set(EntityReport report, boolean isNew) {
            connected();
            replica.set(report, isNew);
        }

        @Override
        public void deleted(String entity) {
            connected();
            replica.deleted(entity);
        }

        @Override
        public void synced() {
            connected();
            replica.synced();
        }

        @Override
        public void startOver() {
            connected();
            replica.startOver();
        }

        @Override
        public void token(String token) {
            connected();
            replica.token(token);
        }
    }

    /**
     * A stopped agent, or an agent behind a dead line, is silent, just like an agent without changes. The agent is also
     * silent when a new collector could complete earlier answers: the check notices new collectors, and assumes the
     * case from time to time.
     */
    private void check() {
        AgentConnection.Watch checked = watch;
        if (checked == null || isClosed || !isConnected) {
            return;
        }
        Object file = socketFile();
        if (file != null && !file.equals(socket)) {
            disconnected("the socket " + settings.endpoint() + " was replaced");
            return;
        }
        agent.status(settings.deadline()).whenComplete((status, error) -> {
            if (status != null) {
                noticeCollectors(status.collectors());
            } else if (watch == checked && !(error instanceof AgentException refused && refused.answered())) {
                disconnected("the agent at " + settings.endpoint() + " does not answer");
            }
        });
    }

    /** Shares equal tags of changed entities, some entities at a time, so that calls and events come in between. */
    private void pool() {
        if (!isClosed && replica.store().pool(POOLED_AT_ONCE)) {
            agent.loop().execute(this::pool);
        }
    }

    private void noticeCollectors(List<CollectorStatus> reported) {
        List<String> now = reported.stream()
                .map(collector -> collector.name() + collector.state() + collector.since())
                .toList();
        boolean haveChanged = collectors != null && !now.equals(collectors);
        if (haveChanged || System.nanoTime() - lapsed > LAPSE.toNanos()) {
            lapsed = System.nanoTime();
            replica.epoch().advance();
        }
        collectors = now;
    }

    private void disconnected(String reason) {
        AgentConnection.Watch ended = watch;
        watch = null;
        isConnected = false;
        if (ended != null) {
            ended.close();
        }
        agent.closeIdle();
        if (isClosed) {
            return;
        }
        if (lossReason == null) {
            Log.warn("{0}; answers come from the replica, and the client tries again", reason);
        }
        lossReason = reason;
        agent.loop().after(spread(settings.retry().pause(++failures)), this::connect);
    }

    /** Up to twice the pause, at random: a thousand clients of an agent return at different moments. */
    private static Duration spread(Duration pause) {
        return pause.plusMillis(ThreadLocalRandom.current().nextLong(pause.toMillis() + 1));
    }
}
