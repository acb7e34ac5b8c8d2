package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Tagger;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Explains the tags of entities: looks an entity up first, as any lookup, and then asks for the origins. Runs on the event loop. */
final class Explanations {
    /** Each explanation makes the collectors read their sources. */
    private static final int MOST = 8;

    private static final int LONGEST_NAME = 1_000;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Lookups lookups;
    private int underWay;

    Explanations(Vertx vertx, Tagger tagger, Lookups lookups) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.lookups = lookups;
    }

    /**
     * Explains.
     *
     * @param name the tag in question; empty for none
     * @return the explanation; fails with an {@link HttpError} if too many are under way
     */
    Future<Explanation> explain(HttpServerRequest request, EntityId entity, String name, Duration wait) {
        if (name.length() > LONGEST_NAME) {
            return Future.failedFuture(HttpError.badRequest(
                    "the name of a tag has " + name.length() + " characters, and may have " + LONGEST_NAME));
        }
        if (underWay >= MOST) {
            return Future.failedFuture(HttpError.busy("too many explanations are under way"));
        }
        underWay++;
        return lookups.find(request, entity, wait)
                .compose(found -> Future.fromCompletionStage(tagger.explain(entity, name), vertx.getOrCreateContext()))
                .onComplete(over -> underWay--);
    }
}
