package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.ipc.v1.Attribute;
import io.tagger.ipc.v1.ResourceResponse;
import io.tagger.naming.NameTable;
import io.tagger.naming.Resource;
import io.tagger.naming.Resources;
import io.tagger.origin.Claim;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Answers which attributes of OpenTelemetry an entity has: {@code /v1/resource}, and the same for gRPC. Runs on the event loop. */
final class ResourceAnswers {
    private final Tagger tagger;
    private final Lookups lookups;
    private final OriginAnswers origins;
    private final Resources resources;
    private final Optional<EntityId> host;

    ResourceAnswers(
            Tagger tagger, Lookups lookups, OriginAnswers origins, Resources resources, Optional<EntityId> host) {
        this.tagger = tagger;
        this.lookups = lookups;
        this.origins = origins;
        this.resources = resources;
        this.host = host;
    }

    /** The attributes of an entity; fails with an {@link HttpError} for an unknown entity. */
    Future<Resource> find(HttpServerRequest request, EntityId entity, Duration wait) {
        return lookups.find(request, entity, wait).compose(tags -> named(request, entity, tags));
    }

    /** The attributes of the caller's own entity; fails as {@link #find} and {@link OriginAnswers#self} do. */
    Future<Resource> self(HttpServerRequest request, Claim claim, Duration wait) {
        return origins.self(request, claim, wait)
                .compose(answer -> named(request, answer.origin().entity(), answer.tags()));
    }

    private Future<Resource> named(HttpServerRequest request, EntityId entity, Optional<EntityTags> tags) {
        if (tags.isEmpty()) {
            return Future.failedFuture(HttpError.unknown(entity));
        }
        Optional<EntityId> further = Resources.further(entity);
        Future<Optional<EntityTags>> facts =
                further.isEmpty() ? Future.succeededFuture(Optional.empty()) : lookups.find(request, further.get());
        return facts.map(found -> resources.name(tags.get(), found, host.flatMap(tagger::entity)));
    }

    /** The resource that a request asks for, as JSON; fails with an {@link HttpError}. */
    Future<JsonObject> json(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "entity", "wait");
        Duration wait = parameters.wait(Lookups.LONGEST_WAIT);
        Future<Resource> answer = parameters.text("entity").equals("self")
                ? self(request, OriginResources.claim(request), wait)
                : find(request, parameters.entity(), wait);
        return answer.map(ResourceAnswers::json).recover(error -> Future.failedFuture(OriginResources.failure(error)));
    }

    private static JsonObject json(Resource resource) {
        JsonObject attributes = new JsonObject();
        resource.attributes()
                .forEach((name, value) ->
                        attributes.put(name, value instanceof List<?> all ? new JsonArray(all) : value));
        return new JsonObject()
                .put("entity", resource.entity().toString())
                .put("conventions", NameTable.CONVENTIONS)
                .put("attributes", attributes)
                .put("complete", resource.complete());
    }

    static ResourceResponse message(Resource resource) {
        ResourceResponse.Builder response = ResourceResponse.newBuilder()
                .setEntity(resource.entity().toString())
                .setConventions(NameTable.CONVENTIONS)
                .setComplete(resource.complete());
        resource.attributes().forEach((name, value) -> {
            Attribute.Builder attribute = response.addAttributesBuilder().setName(name);
            if (value instanceof List<?> all) {
                attribute.setIsArray(true);
                all.forEach(one -> attribute.addValues(one.toString()));
            } else {
                attribute.addValues(value.toString());
            }
        });
        return response.build();
    }
}
