package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks up entities without blocking: a settled entity is answered at once, all others when a worker has waited for the
 * collectors.
 */
final class Lookups {
    private final Vertx vertx;
    private final Tagger tagger;
    private final int limit;
    private final AtomicInteger waiting = new AtomicInteger();

    /** The queue of waiting callers is longer than a deadline, and the entity has no tags so far. */
    static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException(int limit) {
            super(limit + " callers wait for collectors already; try again", null, false, false);
        }
    }

    /**
     * Makes the lookups over a tagger.
     *
     * @param limit how many callers may wait at a time
     */
    Lookups(Vertx vertx, Tagger tagger, int limit) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.limit = limit;
    }

    /**
     * Looks an entity up.
     *
     * @return the tags, empty for an unknown entity; fails with {@link TooManyException}
     */
    Future<Optional<EntityTags>> find(EntityId entity) {
        Optional<EntityTags> known = tagger.entity(entity);
        if (known.isPresent() && known.get().complete()) {
            return Future.succeededFuture(known);
        }
        if (waiting.get() >= limit) {
            return known.isPresent() && !known.get().tags(Cardinality.HIGH).isEmpty()
                    ? Future.succeededFuture(known)
                    : Future.failedFuture(new TooManyException(limit));
        }
        waiting.incrementAndGet();
        return vertx.executeBlocking(() -> tagger.lookup(entity), false)
                .onComplete(result -> waiting.decrementAndGet());
    }
}
