package io.tagger.ipc.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/**
 * The lists of all entities under way: a list holds every entity until the caller has read the answer. Runs on the event
 * loop.
 */
final class Lists {
    private static final long LATER_MILLIS = 50;

    private final Vertx vertx;
    private final Connections connections;
    private final Shares shares;

    Lists(Vertx vertx, Connections connections, int limit) {
        this.vertx = vertx;
        this.connections = connections;
        shares = new Shares(limit);
    }

    /** Begins a list, if there is room. */
    boolean begin(HttpServerRequest request) {
        String peer = connections.peer(request.connection());
        if (!shares.take(peer, 1)) {
            return false;
        }
        connections.whenEnded(request, () -> shares.release(peer, 1));
        return true;
    }

    /** Runs an action when so many bytes may be written to the caller, unless the caller gives the request up. */
    void whenFree(HttpServerRequest request, long bytes, Runnable action) {
        if (connections.mayWrite(request.connection(), bytes)) {
            action.run();
        } else {
            vertx.setTimer(LATER_MILLIS, timer -> {
                if (connections.isUnderWay(request)) {
                    whenFree(request, bytes, action);
                }
            });
        }
    }
}
