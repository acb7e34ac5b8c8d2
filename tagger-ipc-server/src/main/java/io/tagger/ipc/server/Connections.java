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
 * Counts connections and closes those that do nothing: no request under way for too long, or an answer that nobody reads. Thread-safe.
 *
 * <p>Vert.x has an idle timeout of its own, which would also close a watch during which nothing happens.
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
     * The transport to give to Vert.x. It shows every connection as soon as it is accepted: where HTTP/1 and HTTP/2 share a socket, Vert.x
     * itself knows of none that has not sent anything yet.
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

    /** Sees what a listening socket accepts. */
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

    /** A request has come. It is over when its answer was written, or when its caller has given it up. */
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

    /** An answer was written or given up; to be called by who has put other handlers in the place of those above. */
    synchronized void ended(HttpConnection connection, HttpServerResponse answer) {
        State state = moved(connection);
        if (state != null) {
            state.answers.remove(answer);
        }
    }

    /**
     * Something was given to the connection to write.
     *
     * @param write completed when it was written, or never will be
     * @return the same
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

    /** Closes what does nothing. */
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

    /** Closes everything. */
    void close() {
        List<Channel> all;
        synchronized (this) {
            all = List.copyOf(states.keySet());
        }
        all.forEach(Connections::cut);
    }

    /**
     * Closes a connection now. Vert.x's own close waits until everything was flushed, which is never where nobody reads
     * (eclipse-vertx/vert.x#6167), so this begins before its handlers.
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
