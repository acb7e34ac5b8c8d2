package io.tagger.ipc.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.tagger.origin.Origin;
import io.tagger.origin.Peer;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The open connections, and the bounds of the callers' holdings: connections, requests and watches under way, unread
 * bytes. Closes connections without a request for too long, or with an unread answer. Thread-safe.
 *
 * <p>A peer is the user of a connection to the Unix socket, or the address of a connection to the port. The first
 * request, the first watch and the first small answer of a connection need no share of the common bounds: a caller is
 * not refused because further callers, perhaps of one user, hold all shares.
 *
 * <p>The idle timeout of Vert.x would also close a quiet watch.
 */
final class Connections {
    /** The size up to which an answer to a connection without unread bytes is always written. */
    static final int SMALL = 16 * 1024;

    private static final long CANCEL = 8; // RFC 9113, section 7

    /** A connection. All fields are guarded by the connections. */
    private static final class State {
        final String peer;
        final Peer process;

        @Nullable
        Origin origin; // of the peer's process, once asked for

        final Shares slots;
        final Map<HttpServerResponse, Call> calls = new HashMap<>(); // under way
        final long accepted = System.nanoTime();
        long since = accepted;
        boolean hasAsked; // a complete request, with the token where one is needed
        int watches;
        int writes;
        long unread;

        State(ObservedTransport.Caller caller, Shares slots) {
            peer = caller.name();
            process = caller.process();
            this.slots = slots;
        }
    }

    /** A request under way. */
    private static final class Call {
        final HttpServerRequest request;
        final boolean hasShare;
        final long patience; // nanoseconds
        long since = System.nanoTime();
        boolean isWhole;
        Runnable onEnd = () -> {};

        Call(HttpServerRequest request, boolean hasShare, long patience) {
            this.request = request;
            this.hasShare = hasShare;
            this.patience = patience;
        }
    }

    private final IpcSettings.Limits limits;
    private final RequestCounts counts;
    private final Map<Channel, State> states = new HashMap<>(); // guarded by this
    private final Shares sockets; // guarded by this; connections to the Unix socket
    private final Shares ports; // guarded by this; connections to the port
    private final Shares requests; // guarded by this
    private final Shares watches; // guarded by this
    private final Shares unread; // guarded by this; bytes
    private long refused; // guarded by this

    Connections(IpcSettings.Limits limits, RequestCounts counts) {
        this.limits = limits;
        this.counts = counts;
        sockets = new Shares(limits.connections());
        ports = new Shares(Math.max(1, limits.connections() / 2));
        requests = new Shares(limits.shared().requests());
        watches = new Shares(limits.shared().watches());
        unread = new Shares(limits.shared().unread());
    }

    /** Whether a watch is under way on a connection with one request at a time. */
    synchronized boolean isWatchOverHttp1(Channel channel) {
        State state = states.get(channel);
        return state != null
                && state.watches > 0
                && state.calls.values().stream().allMatch(call -> call.request.version() != HttpVersion.HTTP_2);
    }

    /** Takes a new connection, if the peer has room. */
    synchronized boolean accept(Channel channel, ObservedTransport.Caller caller, boolean isUnixSocket) {
        Shares slots = isUnixSocket ? sockets : ports;
        if (!slots.take(caller.name(), 1)) {
            refused++;
            return false;
        }
        states.put(channel, new State(caller, slots));
        return true;
    }

    /** Forgets a closed connection, with all its holdings. */
    synchronized void closed(Channel channel) {
        State state = states.remove(channel);
        if (state == null) {
            return;
        }
        state.slots.release(state.peer, 1);
        state.calls.values().forEach(call -> over(state, call));
        unread.release(state.peer, state.unread);
        for (; state.watches > 1; state.watches--) {
            watches.release(state.peer, 1);
        }
    }

    private void over(State state, Call call) {
        if (call.hasShare) {
            requests.release(state.peer, 1);
        }
        counts.ended(call.request);
        call.onEnd.run();
    }

    /** Sets the action at the end of a request under way; the action is short. */
    synchronized void whenEnded(HttpServerRequest request, Runnable action) {
        Call call = call(request);
        if (call == null) {
            action.run();
        } else {
            call.onEnd = action;
        }
    }

    private static Channel channel(HttpConnection connection) {
        return ((ConnectionBase) connection).channelHandlerContext().channel();
    }

    private @Nullable State state(HttpConnection connection) {
        return states.get(channel(connection));
    }

    /** A request under way; null for none. */
    private @Nullable Call call(HttpServerRequest request) {
        State state = state(request.connection());
        return state == null ? null : state.calls.get(request.response());
    }

    /** The caller of a connection: a user or an address. */
    synchronized String peer(HttpConnection connection) {
        State state = state(connection);
        return state == null ? "a closed connection" : state.peer;
    }

    /** Whether a connection is one of the Unix socket. */
    synchronized boolean isOfSocket(HttpConnection connection) {
        State state = state(connection);
        return state != null && state.slots == sockets;
    }

    /** The process at the other end of a connection. */
    synchronized Peer process(HttpConnection connection) {
        State state = state(connection);
        return state == null ? new Peer.Unknown("the connection is closed") : state.process;
    }

    /** The remembered origin of a connection's process; empty before {@link #remember}. */
    synchronized Optional<Origin> origin(HttpConnection connection) {
        State state = state(connection);
        return state == null ? Optional.empty() : Optional.ofNullable(state.origin);
    }

    /** Remembers the origin of a connection's process, for the life of the connection. */
    synchronized void remember(HttpConnection connection, Origin origin) {
        State state = state(connection);
        if (state != null) {
            state.origin = origin;
        }
    }

    /**
     * Records a request. The request ends when the answer was handed to the connection as a whole, or when the caller has
     * given up; {@link #writing} records the bytes on their way.
     *
     * @param patience the time within which the whole request must be there
     * @return false if too many requests are under way; the request is not recorded then
     */
    boolean began(HttpServerRequest request, Duration patience) {
        HttpServerResponse answer = request.response();
        synchronized (this) {
            State state = moved(request.connection());
            if (state != null) {
                boolean needsShare = !state.calls.isEmpty();
                if (needsShare && !requests.take(state.peer, 1)) {
                    counts.count(IpcServer.isGrpc(request) ? GrpcStatus.RESOURCE_EXHAUSTED.name() : "503");
                    return false;
                }
                state.calls.put(answer, new Call(request, needsShare, patience.toNanos()));
            }
        }
        answer.endHandler(nothing -> ended(request.connection(), answer));
        answer.closeHandler(nothing -> ended(request.connection(), answer));
        answer.exceptionHandler(error -> ended(request.connection(), answer));
        return true;
    }

    /** Records that a request is there as a whole, with the token where one is needed. */
    synchronized void whole(HttpServerRequest request) {
        State state = state(request.connection());
        Call call = state == null ? null : state.calls.get(request.response());
        if (state != null && call != null) {
            call.isWhole = true;
            state.hasAsked = true;
        }
    }

    /** Counts a request answered without a record. */
    void count(String code) {
        counts.count(code);
    }

    /** Whether a request has no complete answer yet. */
    synchronized boolean isUnderWay(HttpServerRequest request) {
        return call(request) != null;
    }

    /** Records that a request waits for a further message of the caller. */
    synchronized void awaits(HttpServerRequest request) {
        Call call = call(request);
        if (call != null) {
            call.isWhole = false;
            call.since = System.nanoTime();
        }
    }

    /** Records the end of an answer; called by code with other handlers in place of the handlers above. */
    synchronized void ended(HttpConnection connection, HttpServerResponse answer) {
        State state = moved(connection);
        Call call = state == null ? null : state.calls.remove(answer);
        if (state != null && call != null) {
            over(state, call);
        }
    }

    /** Records a watch; false if there are too many. */
    synchronized boolean watches(HttpConnection connection) {
        State state = state(connection);
        if (state == null || state.watches > 0 && !watches.take(state.peer, 1)) {
            return false;
        }
        state.watches++;
        return true;
    }

    /** Records the end of a watch. */
    synchronized void watched(HttpConnection connection) {
        State state = state(connection);
        if (state != null && --state.watches > 0) {
            watches.release(state.peer, 1);
        }
    }

    /** Whether so many bytes may be written to a connection now: its peer reads, or there is room for unread bytes. */
    synchronized boolean mayWrite(HttpConnection connection, long bytes) {
        State state = state(connection);
        return state == null || state.unread == 0 && bytes <= SMALL || unread.has(state.peer, bytes);
    }

    /**
     * Records a write to the connection.
     *
     * @param bytes the number of bytes
     * @param write completes at the end of the write, or with its failure
     * @return the same future
     */
    <T> Future<T> writing(HttpConnection connection, long bytes, Future<T> write) {
        Channel channel = channel(connection);
        synchronized (this) {
            State state = states.get(channel);
            if (state == null) {
                return write;
            }
            if (state.writes++ == 0) {
                state.since = System.nanoTime();
            }
            state.unread += bytes;
            unread.add(state.peer, bytes);
        }
        return write.onComplete(result -> written(channel, bytes));
    }

    private synchronized void written(Channel channel, long bytes) {
        State state = states.get(channel);
        if (state != null) {
            state.since = System.nanoTime();
            state.writes--;
            state.unread -= bytes;
            unread.release(state.peer, bytes);
        }
    }

    private @Nullable State moved(HttpConnection connection) {
        State state = state(connection);
        if (state != null) {
            state.since = System.nanoTime();
        }
        return state;
    }

    /** Closes idle connections, and connections and calls whose request does not come. */
    void sweep() {
        List<Channel> idle = new ArrayList<>();
        List<HttpServerRequest> late = new ArrayList<>();
        synchronized (this) {
            long now = System.nanoTime();
            long idleNanos = limits.times().idle().toNanos();
            long requestNanos = limits.times().request().toNanos();
            states.forEach((channel, state) -> {
                boolean isIdle = now - state.since > idleNanos && (state.calls.isEmpty() || state.writes > 0);
                boolean isMute = !state.hasAsked && now - state.accepted > requestNanos;
                if (isIdle || isMute) {
                    idle.add(channel);
                    return;
                }
                for (Call call : state.calls.values()) {
                    if (!call.isWhole && now - call.since > call.patience) {
                        late.add(call.request);
                    }
                }
            });
        }
        idle.forEach(Connections::cut);
        late.forEach(Connections::reset);
    }

    /** Ends a call now, and the connection with it where a connection has one call. */
    static void reset(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(CANCEL);
        } else {
            cut(channel(request.connection()));
        }
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
        if (!channel.isRegistered()) {
            return; // accepted a moment ago; the end of the event loop closes the connection
        }
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

    /** The bytes written and not yet taken by the callers. */
    synchronized long unread() {
        return unread.used();
    }
}
