package io.tagger.ipc.server;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections and closes those that do nothing: no request under way for too long, or an answer that nobody reads. Thread-safe.
 *
 * <p>Vert.x has an idle timeout of its own, which would also close a watch during which nothing happens.
 */
final class Connections {
    private static final class State {
        int requests;
        int writes;
        long since = System.nanoTime();
    }

    private final int limit;
    private final long idleNanos;
    private final Map<HttpConnection, State> states = new HashMap<>(); // guarded by this
    private long refused; // guarded by this

    Connections(int limit, Duration idle) {
        this.limit = limit;
        this.idleNanos = idle.toNanos();
    }

    void opened(HttpConnection connection) {
        synchronized (this) {
            if (states.size() < limit) {
                states.put(connection, new State());
                connection.closeHandler(nothing -> closed(connection));
                return;
            }
            refused++;
        }
        connection.close();
    }

    private synchronized void closed(HttpConnection connection) {
        states.remove(connection);
    }

    /** A request has come. */
    synchronized void began(HttpConnection connection) {
        State state = moved(connection);
        if (state != null) {
            state.requests++;
        }
    }

    /** Its answer is written. */
    synchronized void ended(HttpConnection connection) {
        State state = moved(connection);
        if (state != null) {
            state.requests--;
        }
    }

    /** Something was given to the connection to write. */
    synchronized void writing(HttpConnection connection) {
        State state = states.get(connection);
        if (state != null && state.writes++ == 0) {
            state.since = System.nanoTime();
        }
    }

    /** It was written. */
    synchronized void written(HttpConnection connection) {
        State state = moved(connection);
        if (state != null) {
            state.writes--;
        }
    }

    private @Nullable State moved(HttpConnection connection) {
        State state = states.get(connection);
        if (state != null) {
            state.since = System.nanoTime();
        }
        return state;
    }

    /** Closes what does nothing. */
    void sweep() {
        List<HttpConnection> idle;
        synchronized (this) {
            long now = System.nanoTime();
            idle = states.entrySet().stream()
                    .filter(entry -> now - entry.getValue().since > idleNanos)
                    .filter(entry -> entry.getValue().requests == 0 || entry.getValue().writes > 0)
                    .map(Map.Entry::getKey)
                    .toList();
        }
        idle.forEach(Connections::cut);
    }

    /** Closes everything. */
    void close() {
        List<HttpConnection> all;
        synchronized (this) {
            all = List.copyOf(states.keySet());
        }
        all.forEach(Connections::cut);
    }

    /**
     * Closes a connection now. Vert.x's own close waits until everything was flushed, which is never where nobody reads
     * (eclipse-vertx/vert.x#6167), so this goes past its handler to the channel.
     */
    private static void cut(HttpConnection connection) {
        ((ConnectionBase) connection).channelHandlerContext().close();
    }

    synchronized int open() {
        return states.size();
    }

    synchronized long refused() {
        return refused;
    }
}
