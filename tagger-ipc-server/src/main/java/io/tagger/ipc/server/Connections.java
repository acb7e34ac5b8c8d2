package io.tagger.ipc.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.transport.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections and closes idle ones: connections without a request for too long, or with an unread answer.
 * Thread-safe.
 *
 * <p>The idle timeout of Vert.x would also close a quiet watch.
 */
final class Connections {
    private static final class State {
        final Set<HttpServerResponse> answers = new HashSet<>(); // under way
        int writes;
        long since = System.nanoTime();
    }

    private final int limit;
    private final long idleNanos;
    private final Map<Channel, State> states = new HashMap<>(); // guarded by this
    private long refused; // guarded by this

    Connections(int limit, Duration idle) {
        this.limit = limit;
        this.idleNanos = idle.toNanos();
    }

    /**
     * The transport for Vert.x. The transport shows every connection as soon as accepted: where HTTP/1 and HTTP/2 share
     * a socket, Vert.x does not show a connection before its first byte.
     */
    Transport transport() {
        io.vertx.core.spi.transport.Transport counting = new NioTransport() {
            @Override
            public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
                super.configure(options, domainSocket, bootstrap);
                bootstrap.handler(new Acceptance());
            }
        };
        return new Transport() {
            @Override
            public String name() {
                return Transport.NIO.name();
            }

            @Override
            public boolean available() {
                return true;
            }

            @Override
            public @Nullable Throwable unavailabilityCause() {
                return null;
            }

            @Override
            public io.vertx.core.spi.transport.Transport implementation() {
                return counting;
            }
        };
    }

    /** Observes the connections accepted by a listening socket. */
    private final class Acceptance extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            Channel channel = (Channel) accepted;
            if (accept(channel)) {
                channel.closeFuture().addListener(closed -> closed(channel));
                context.fireChannelRead(accepted);
            } else {
                channel.unsafe().closeForcibly();
            }
        }
    }

    private synchronized boolean accept(Channel channel) {
        if (states.size() >= limit) {
            refused++;
            return false;
        }
        states.put(channel, new State());
        return true;
    }

    private synchronized void closed(Channel channel) {
        states.remove(channel);
    }

    private static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channelHandlerContext().channel();
    }

    /** Records a request. The request ends when the answer was written, or when the caller has given up. */
    void began(HttpServerRequest request) {
        HttpServerResponse answer = request.response();
        synchronized (this) {
            State state = moved(request.connection());
            if (state != null) {
                state.answers.add(answer);
            }
        }
        answer.endHandler(nothing -> ended(request.connection(), answer));
        answer.closeHandler(nothing -> ended(request.connection(), answer));
        answer.exceptionHandler(error -> ended(request.connection(), answer));
    }

    /** Records the end of an answer; called by code with other handlers in place of the handlers above. */
    synchronized void ended(HttpConnection connection, HttpServerResponse answer) {
        State state = moved(connection);
        if (state != null) {
            state.answers.remove(answer);
        }
    }

    /**
     * Records a write to the connection.
     *
     * @param write completes when the bytes were written, or never will be
     * @return the same future
     */
    <T> Future<T> writing(HttpConnection connection, Future<T> write) {
        synchronized (this) {
            State state = states.get(channel(connection));
            if (state != null && state.writes++ == 0) {
                state.since = System.nanoTime();
            }
        }
        return write.onComplete(result -> written(connection));
    }

    private synchronized void written(HttpConnection connection) {
        State state = moved(connection);
        if (state != null) {
            state.writes--;
        }
    }

    private @Nullable State moved(HttpConnection connection) {
        State state = states.get(channel(connection));
        if (state != null) {
            state.since = System.nanoTime();
        }
        return state;
    }

    /** Closes idle connections. */
    void sweep() {
        List<Channel> idle;
        synchronized (this) {
            long now = System.nanoTime();
            idle = states.entrySet().stream()
                    .filter(entry -> now - entry.getValue().since > idleNanos)
                    .filter(entry -> entry.getValue().answers.isEmpty() || entry.getValue().writes > 0)
                    .map(Map.Entry::getKey)
                    .toList();
        }
        idle.forEach(Connections::cut);
    }

    /** Closes all connections. */
    void close() {
        List<Channel> all;
        synchronized (this) {
            all = List.copyOf(states.keySet());
        }
        all.forEach(Connections::cut);
    }

    /**
     * Closes a connection now. Vert.x's own close waits for the flush, which never ends without a reader
     * (eclipse-vertx/vert.x#6167), so the close begins before the handlers of Vert.x.
     */
    private static void cut(Channel channel) {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }

    synchronized int open() {
        return states.size();
    }

    synchronized long refused() {
        return refused;
    }
}
