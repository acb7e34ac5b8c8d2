package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks up entities without blocking: a settled entity is answered at once, all others when the collectors have
 * answered. A waiting request is answered when the entity is complete, or the time is over, and holds no thread. Runs on
 * the event loop.
 */
final class Lookups {
    /** The longest wait of a request. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** The pause between two looks at the awaited entities; a look costs less than a microsecond. */
    private static final long LOOK_MILLIS = 10;

    /** The pause between two questions to the collectors about an awaited entity. */
    private static final long ASK_NANOS = 250_000_000;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Connections connections;
    private final List<Waiting> waiting = new ArrayList<>();

    Lookups(Vertx vertx, Tagger tagger, Connections connections) {
        this.vertx = vertx;
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
        Optional<EntityTags> known = tagger.entity(entity);
        if (isComplete(known)) {
            return Future.succeededFuture(known);
        }
        Context context = vertx.getOrCreateContext();
        Promise<Optional<EntityTags>> found = Promise.promise();
        tagger.lookupFor(connections.peer(request.connection()), entity)
                .whenComplete((tags, error) -> context.runOnContext(nothing -> {
                    if (error == null) {
                        found.complete(tags);
                    } else {
                        found.fail(error);
                    }
                }));
        return found.future();
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
        waiting.add(one);
        if (waiting.size() == 1) {
            vertx.setTimer(LOOK_MILLIS, timer -> look());
        }
        return one.answer.future();
    }

    private void look() {
        long now = System.nanoTime();
        List<Waiting> over = new ArrayList<>();
        waiting.removeIf(one -> {
            boolean isOver =
                    isComplete(tagger.entity(one.entity)) || now - one.end >= 0 || !connections.isUnderWay(one.request);
            if (isOver) {
                over.add(one);
            } else if (!one.isAsking && now - one.asked > ASK_NANOS) {
                askAgain(one);
            }
            return isOver;
        });
        over.forEach(one -> one.answer.complete(tagger.entity(one.entity)));
        if (!waiting.isEmpty()) {
            vertx.setTimer(LOOK_MILLIS, timer -> look());
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
