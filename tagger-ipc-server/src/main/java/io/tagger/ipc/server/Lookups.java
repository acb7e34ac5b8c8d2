package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up entities without blocking: a settled entity is answered at once, all others when the collectors have
 * answered. A waiting request is answered when the entity is complete, or the time is over, and holds no thread. Runs on
 * the event loop.
 */
final class Lookups {
    private static final Logger LOG = LoggerFactory.getLogger(Lookups.class);

    /** The longest wait of a request. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** The pause between two looks at the awaited entities; a look costs less than a microsecond. */
    private static final long LOOK_MILLIS = 10;

    /** The pause between two questions to the collectors about an awaited entity. */
    private static final long ASK_NANOS = 250_000_000;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Operator operator;
    private final Connections connections;
    private final BoundedLog log = new BoundedLog(LOG);
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean isLooking;

    Lookups(Vertx vertx, Tagger tagger, Connections connections, Operator operator) {
        this.vertx = vertx;
        this.operator = operator;
        this.tagger = tagger;
        this.connections = connections;
    }

    /** A waiting request. */
    private static final class Waiting {
        final HttpServerRequest request;
        final EntityId entity;
        final long end;
        final Promise<Optional<EntityTags>> answer = Promise.promise();
        long asked;
        boolean isAsking;

        Waiting(HttpServerRequest request, EntityId entity, long end) {
            this.request = request;
            this.entity = entity;
            this.end = end;
        }
    }

    /**
     * Looks an entity up.
     *
     * @param request the request of the caller
     * @return the tags, empty for an unknown entity; completes on the event loop
     */
    Future<Optional<EntityTags>> find(HttpServerRequest request, EntityId entity) {
        long begin = System.nanoTime();
        Optional<EntityTags> known = tagger.entity(entity);
        if (isComplete(known)) {
            operator.looked(System.nanoTime() - begin, true);
            return Future.succeededFuture(known);
        }
        return Future.fromCompletionStage(
                        tagger.lookupFor(connections.peer(request.connection()), entity), vertx.getOrCreateContext())
                .onComplete(found -> operator.looked(System.nanoTime() - begin, false));
    }

    /**
     * Looks an entity up, and waits for a complete answer.
     *
     * @param request the request of the caller; the wait ends with the request
     * @param wait the longest wait; zero for none
     * @return as {@link #find(HttpServerRequest, EntityId)}, after the wait
     */
    Future<Optional<EntityTags>> find(HttpServerRequest request, EntityId entity, Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        Future<Optional<EntityTags>> first = find(request, entity);
        return wait.isZero()
                ? first
                : first.compose(
                        found -> isComplete(found) ? Future.succeededFuture(found) : await(request, entity, end));
    }

    private static boolean isComplete(Optional<EntityTags> found) {
        return found.isPresent() && found.get().complete();
    }

    private Future<Optional<EntityTags>> await(HttpServerRequest request, EntityId entity, long end) {
        Waiting one = new Waiting(request, entity, end);
        one.asked = System.nanoTime();
        if (waiting.isEmpty() && !isLooking) {
            vertx.setTimer(LOOK_MILLIS, timer -> look());
        }
        waiting.add(one);
        return one.answer.future();
    }

    private void look() {
        isLooking = true;
        try {
            List<Waiting> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(this::look);
        } finally {
            isLooking = false;
            if (!waiting.isEmpty()) {
                vertx.setTimer(LOOK_MILLIS, timer -> look());
            }
        }
    }

    /** Answers a waiting request, or keeps the request. A request given up by the caller is forgotten. */
    private void look(Waiting one) {
        if (!connections.isUnderWay(one.request)) {
            return;
        }
        long now = System.nanoTime();
        Optional<EntityTags> found = tagger.entity(one.entity);
        if (isComplete(found) || now - one.end >= 0) {
            try {
                one.answer.complete(found);
            } catch (RuntimeException e) {
                log.warn("the answer to a waiting request failed", e); // the caller has just given up, for instance
            }
            return;
        }
        waiting.add(one);
        if (!one.isAsking && now - one.asked > ASK_NANOS) {
            askAgain(one);
        }
    }

    private void askAgain(Waiting one) {
        one.isAsking = true;
        find(one.request, one.entity).onComplete(found -> {
            one.isAsking = false;
            one.asked = System.nanoTime();
        });
    }
}
