package io.tagger.ipc.server;

import com.google.protobuf.MessageLite;
import com.google.protobuf.MessageOrBuilder;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.GetEntityRequest;
import io.tagger.ipc.v1.GetEntityResponse;
import io.tagger.ipc.v1.ListEntitiesRequest;
import io.tagger.ipc.v1.ListEntitiesResponse;
import io.tagger.ipc.v1.StatusRequest;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.TagResponse;
import io.tagger.ipc.v1.TaggerProto;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.health.HealthService;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import io.vertx.grpc.server.Service;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service of {@code tagger.proto} over a tagger, with gRPC's health and reflection services. Runs on an event loop.
 */
final class GrpcApi implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcApi.class);
    private static final ServiceName SERVICE = ServiceName.create("tagger.v1", "Tagger");
    private static final int CHUNK = 32 * 1024;

    /** The time after the start at which watchers receive {@code synced} without a further wait for collectors. */
    private static final Duration READY = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 20;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Lookups lookups;
    private final Changes changes;
    private final Connections connections;
    private final GrpcServer server;
    private final long started = System.nanoTime();
    private boolean isAwaited; // on the event loop
    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();

    GrpcApi(Vertx vertx, Tagger tagger, Lookups lookups, IpcSettings settings, Connections connections) {
        this.connections = connections;
        this.vertx = vertx;
        this.tagger = tagger;
        this.lookups = lookups;
        this.changes = new Changes(tagger);
        HealthService health = HealthService.create(vertx);
        health.register(SERVICE, () -> Future.succeededFuture(true));
        server = GrpcServer.server(
                        vertx,
                        new GrpcServerOptions()
                                .setMaxMessageSize(settings.limits().request().body()))
                .addService(Service.service(SERVICE, TaggerProto.getDescriptor().findServiceByName(SERVICE.name()))
                        .bind(method("Tag", TagRequest.getDefaultInstance()), handler(this::tag))
                        .bind(method("GetEntity", GetEntityRequest.getDefaultInstance()), handler(this::entity))
                        .bind(method("ListEntities", ListEntitiesRequest.getDefaultInstance()), handler(this::list))
                        .bind(method("WatchEntities", WatchEntitiesRequest.getDefaultInstance()), handler(this::watch))
                        .bind(method("Status", StatusRequest.getDefaultInstance()), handler(this::status))
                        .build())
                .addService(health)
                .addService(ReflectionService.v1());
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

    @Override
    public void handle(HttpServerRequest request) {
        requests.increment();
        connections.began(request);
        server.handle(request);
    }

    private interface Method<Q, A> {
        void answer(Q question, GrpcServerRequest<Q, A> request, GrpcServerResponse<Q, A> response);
    }

    private static <Q extends MessageOrBuilder, A extends MessageLite> ServiceMethod<Q, A> method(
            String name, Q question) {
        return ServiceMethod.server(SERVICE, name, GrpcMessageEncoder.encoder(), GrpcMessageDecoder.decoder(question));
    }

    private <Q, A> Handler<GrpcServerRequest<Q, A>> handler(Method<Q, A> method) {
        return request -> request.handler(question -> {
            request.handler(more -> {}); // one request a call
            try {
                method.answer(question, request, request.response());
            } catch (IllegalArgumentException e) {
                fail(request.response(), GrpcStatus.INVALID_ARGUMENT, e.getMessage());
            } catch (RuntimeException e) {
                failed(request, e);
            }
        });
    }

    private void tag(
            TagRequest question,
            GrpcServerRequest<TagRequest, TagResponse> request,
            GrpcServerResponse<TagRequest, TagResponse> response) {
        io.tagger.api.Cardinality cardinality = cardinality(question.getCardinality());
        lookups.find(EntityId.parse(question.getEntity()))
                .onSuccess(found -> response.end(found.map(tags -> TagResponse.newBuilder()
                                .addAllTags(tags.tags(cardinality))
                                .setComplete(tags.complete())
                                .setKnown(!tags.sources().isEmpty())
                                .build())
                        .orElse(TagResponse.newBuilder().setComplete(true).build())))
                .onFailure(error -> failed(request, error));
    }

    private void entity(
            GetEntityRequest question,
            GrpcServerRequest<GetEntityRequest, GetEntityResponse> request,
            GrpcServerResponse<GetEntityRequest, GetEntityResponse> response) {
        EntityId entity = EntityId.parse(question.getEntity());
        (question.getAsk() ? lookups.find(entity) : Future.succeededFuture(tagger.entity(entity)))
                .onSuccess(found -> found.ifPresentOrElse(
                        tags -> response.end(GetEntityResponse.newBuilder()
                                .setEntity(EntityView.WHOLE.of(tags))
                                .build()),
                        () -> fail(response, GrpcStatus.NOT_FOUND, "no collector knows the entity " + entity)))
                .onFailure(error -> failed(request, error));
    }

    private void list(
            ListEntitiesRequest question,
            GrpcServerRequest<ListEntitiesRequest, ListEntitiesResponse> request,
            GrpcServerResponse<ListEntitiesRequest, ListEntitiesResponse> response) {
        Iterator<EntityTags> rest =
                tagger.entities(filter(question.getPrefixesList())).iterator();
        response.drainHandler(nothing -> write(rest, request.connection(), response));
        write(rest, request.connection(), response);
    }

    /** Writes entities while the connection takes them, and continues after the drain. */
    private void write(
            Iterator<EntityTags> rest,
            HttpConnection connection,
            GrpcServerResponse<ListEntitiesRequest, ListEntitiesResponse> response) {
        while (rest.hasNext() && !response.writeQueueFull()) {
            ListEntitiesResponse.Builder some = ListEntitiesResponse.newBuilder();
            for (int size = 0; rest.hasNext() && size < CHUNK; ) {
                var entity = EntityView.WHOLE.of(rest.next()).build();
                size += entity.getSerializedSize();
                some.addEntities(entity);
            }
            connections.writing(connection, response.write(some.build()));
        }
        if (!rest.hasNext()) {
            response.drainHandler(null);
            response.end();
        }
    }

    private void watch(
            WatchEntitiesRequest question,
            GrpcServerRequest<WatchEntitiesRequest, WatchEntitiesResponse> request,
            GrpcServerResponse<WatchEntitiesRequest, WatchEntitiesResponse> response) {
        GrpcWatch watch = new GrpcWatch(
                changes,
                connections,
                new GrpcWatch.Call(request.connection(), vertx.getOrCreateContext(), response),
                new GrpcWatch.Request(
                        filter(question.getPrefixesList()),
                        new EntityView(cardinality(question.getCardinality()), question.getSources()),
                        question.getResumeToken()));
        request.exceptionHandler(error -> watch.close());
        request.errorHandler(error -> watch.close());
        response.exceptionHandler(error -> watch.close());
        changes.add(watch);
        if (!isAwaited) {
            isAwaited = true;
            awaitReady();
        }
        watch.run();
    }

    private void status(
            StatusRequest question,
            GrpcServerRequest<StatusRequest, StatusResponse> request,
            GrpcServerResponse<StatusRequest, StatusResponse> response) {
        response.end(StatusMessages.of(tagger.status()));
    }

    long requests() {
        return requests.sum();
    }

    long errors() {
        return errors.sum();
    }

    /** Ends all watches. */
    void close() {
        changes.close();
    }

    /** The number of watchers. */
    int watchers() {
        return changes.watchers();
    }

    private static EntityFilter filter(List<String> prefixes) {
        return EntityFilter.prefixes(prefixes.toArray(String[]::new));
    }

    private static io.tagger.api.Cardinality cardinality(Cardinality cardinality) {
        return switch (cardinality) {
            case CARDINALITY_UNSPECIFIED, LOW -> io.tagger.api.Cardinality.LOW;
            case ORCHESTRATOR -> io.tagger.api.Cardinality.ORCHESTRATOR;
            case HIGH -> io.tagger.api.Cardinality.HIGH;
            case UNRECOGNIZED -> throw new IllegalArgumentException("no such cardinality: LOW, ORCHESTRATOR or HIGH");
        };
    }

    private void failed(GrpcServerRequest<?, ?> request, Throwable error) {
        if (error instanceof Lookups.TooManyException) {
            fail(request.response(), GrpcStatus.RESOURCE_EXHAUSTED, error.getMessage());
        } else {
            LOG.warn("the answer to {} failed", request.fullMethodName(), error);
            fail(request.response(), GrpcStatus.INTERNAL, "the agent failed to answer; the agent's log has the reason");
        }
    }

    private void fail(GrpcServerResponse<?, ?> response, GrpcStatus status, String message) {
        if (status != GrpcStatus.NOT_FOUND) { // that there is no such entity is an answer
            errors.increment();
        }
        response.status(status).statusMessage(message).end();
    }
}
