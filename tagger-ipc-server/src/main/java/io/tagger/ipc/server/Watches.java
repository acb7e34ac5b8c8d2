package io.tagger.ipc.server;

import io.tagger.api.Tagger;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The watches under way, over HTTP and gRPC. Runs on the event loop, except {@link #count}. */
final class Watches {
    /** The time after the start at which watchers receive {@code synced} without a further wait for collectors. */
    private static final Duration READY = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 20;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Connections connections;
    private final Changes changes;
    private final long started = System.nanoTime();
    private final List<Watch> open = new CopyOnWriteArrayList<>();
    private boolean isAwaited;

    Watches(Vertx vertx, Tagger tagger, Connections connections) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.connections = connections;
        changes = new Changes(tagger);
    }

    Context context() {
        return vertx.getOrCreateContext();
    }

    Changes changes() {
        return changes;
    }

    /**
     * Begins a watch.
     *
     * @return false if too many watches are under way
     */
    boolean open(Watch watch) {
        if (!connections.watches(watch.connection())) {
            return false;
        }
        open.add(watch);
        watch.whenClosed(() -> {
            open.remove(watch);
            changes.remove(watch);
            connections.watched(watch.connection());
        });
        changes.add(watch);
        if (!isAwaited) {
            isAwaited = true;
            awaitReady();
        }
        watch.run();
        return true;
    }

    /**
     * Checks the readiness from the first watch on. A collector that never syncs must not keep all watchers waiting.
     */
    private void awaitReady() {
        if (tagger.status().ready() || System.nanoTime() - started > READY.toNanos()) {
            changes.ready();
        } else {
            vertx.setTimer(LOOK_MILLIS, timer -> awaitReady());
        }
    }

    /** Writes signs of life to quiet watches. */
    void beat(Duration silence) {
        open.forEach(watch -> watch.beat(silence.toNanos()));
    }

    int count() {
        return open.size();
    }

    /** Ends the subscription at the tagger. */
    void close() {
        changes.close();
    }
}
