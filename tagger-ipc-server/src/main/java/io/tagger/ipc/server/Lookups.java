package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.Optional;

/**
 * Looks up entities without blocking: a settled entity is answered at once, all others when the collectors have
 * answered.
 */
final class Lookups {
    private final Vertx vertx;
    private final Tagger tagger;
    private final Connections connections;

    Lookups(Vertx vertx, Tagger tagger, Connections connections) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.connections = connections;
    }

    /**
     * Looks an entity up, on the event loop.
     *
     * @param caller the connection of the caller
     * @return the tags, empty for an unknown entity; completes on the event loop
     */
    Future<Optional<EntityTags>> find(HttpConnection caller, EntityId entity) {
        Optional<EntityTags> known = tagger.entity(entity);
        if (known.isPresent() && known.get().complete()) {
            return Future.succeededFuture(known);
        }
        Context context = vertx.getOrCreateContext();
        Promise<Optional<EntityTags>> found = Promise.promise();
        tagger.lookupFor(connections.peer(caller), entity)
                .whenComplete((tags, error) -> context.runOnContext(nothing -> {
                    if (error == null) {
                        found.complete(tags);
                    } else {
                        found.fail(error);
                    }
                }));
        return found.future();
    }
}
