package io.tagger.ipc.server;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.ExplainRequest;
import io.tagger.ipc.v1.ExplainResponse;
import io.tagger.ipc.v1.GetEntityRequest;
import io.tagger.ipc.v1.GetEntityResponse;
import io.tagger.ipc.v1.ListEntitiesRequest;
import io.tagger.ipc.v1.ListEntitiesResponse;
import io.tagger.ipc.v1.OriginResponse;
import io.tagger.ipc.v1.ResolveOriginRequest;
import io.tagger.ipc.v1.ResourceRequest;
import io.tagger.ipc.v1.ResourceResponse;
import io.tagger.ipc.v1.SelfRequest;
import io.tagger.ipc.v1.StatusRequest;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.TagResponse;
import io.tagger.ipc.v1.TaggerProto;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.tagger.origin.Claim;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.health.v1.HealthCheckRequest;
import io.vertx.grpc.health.v1.HealthCheckResponse;
import io.vertx.grpc.health.v1.HealthProto;
import io.vertx.grpc.reflection.v1.ServerReflectionProto;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import io.vertx.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The service of {@code tagger.proto} over a tagger, with gRPC's health and reflection services. Runs on an event loop.
 */
final class GrpcApi implements Handler<HttpServerRequest> {
    private static final ServiceDescriptor TAGGER = TaggerProto.getDescriptor().findServiceByName("Tagger");
    private static final ServiceDescriptor HEALTH = HealthProto.getDescriptor().findServiceByName("Health");
    private static final ServiceDescriptor REFLECTION =
            ServerReflectionProto.getDescriptor().findServiceByName("ServerReflection");
    private static final int CHUNK = 12 * 1024; // with the last entity usually below Connections.SMALL

    private final Tagger tagger;
    private final Lookups lookups;
    private final Watches watches;
    private final Lists lists;
    private final OriginAnswers origins;
    private final ResourceAnswers resources;
    private final OperatorResources operator;
    private final IpcSettings.Times times;
    private final int body;
    private final Connections connections;
    private final GrpcAnswers answers;
    private final GrpcServer server;
    private final GrpcMethods methods = new GrpcMethods();
    private final Reflection reflection = new Reflection(List.of(TAGGER, HEALTH, REFLECTION));
    private @Nullable HttpServerRequest arriving; // on the event loop; during the handling of a request alone
    private final LongAdder requests = new LongAdder();

    GrpcApi(Vertx vertx, Tagger tagger, IpcSettings settings, Connections connections, HttpApi.Shared shared) {
        this.connections = connections;
        answers = new GrpcAnswers(connections);
        this.tagger = tagger;
        lookups = shared.lookups();
        watches = shared.watches();
        lists = shared.lists();
        origins = shared.origins();
        resources = shared.resources();
        operator = shared.operator();
        times = settings.limits().times();
        body = settings.limits().request().body();
        server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(body))
                .addService(GrpcMethods.service(TAGGER)
                        .bind(methods.of(TAGGER, "Tag"), handler(TagRequest.parser(), this::tag))
                        .bind(methods.of(TAGGER, "GetEntity"), handler(GetEntityRequest.parser(), this::entity))
                        .bind(methods.of(TAGGER, "ListEntities"), stream(ListEntitiesRequest.parser(), this::list))
                        .bind(methods.of(TAGGER, "WatchEntities"), stream(WatchEntitiesRequest.parser(), this::watch))
                        .bind(methods.of(TAGGER, "Status"), handler(StatusRequest.parser(), this::status))
                        .bind(methods.of(TAGGER, "Self"), handler(SelfRequest.parser(), this::self))
                        .bind(methods.of(TAGGER, "Resource"), handler(ResourceRequest.parser(), this::resource))
                        .bind(methods.of(TAGGER, "Explain"), handler(ExplainRequest.parser(), this::explain))
                        .bind(methods.of(TAGGER, "ResolveOrigin"), handler(ResolveOriginRequest.parser(), this::origin))
                        .build())
                .addService(GrpcMethods.service(HEALTH)
                        .bind(methods.of(HEALTH, "Check"), handler(HealthCheckRequest.parser(), this::check))
                        .build())
                .addService(GrpcMethods.service(REFLECTION)
                        .bind(methods.of(REFLECTION, "ServerReflectionInfo"), this::reflect)
                        .build());
    }

    @Override
    public void handle(HttpServerRequest request) {
        requests.increment();
        if (!connections.began(request, times.request())) {
            answers.refuse(request, GrpcStatus.RESOURCE_EXHAUSTED, "too many calls are under way; try again");
        } else if (!methods.isThere(request.path())) {
            answers.refuse(request, GrpcStatus.UNIMPLEMENTED, "there is no such method here; there are " + methods);
        } else if (isCompressed(request)) {
            answers.refuse(
                    request, GrpcStatus.UNIMPLEMENTED, "compressed messages are not read: send them as they are");
        } else {
            arriving = request;
            server.handle(request);
        }
    }

    /** The limit of a message holds before inflation only. */
    private static boolean isCompressed(HttpServerRequest request) {
        String encoding = request.getHeader(GrpcHeaderNames.GRPC_ENCODING);
        return encoding != null && !encoding.equals("identity");
    }

    /** A method of the service, for one message of the caller. */
    private interface Method<Q, A> {
        void answer(Q question, GrpcCall<A> call);
    }

    private <Q, A> Handler<GrpcServerRequest<Buffer, A>> handler(Parser<Q> parser, Method<Q, A> method) {
        return request -> {
            GrpcCall<A> call = begin(request);
            // Not before the caller's end: some callers reset a call with an earlier answer, and many resets end a
            // connection.
            request.handler(message -> request.handler(more -> {}) // one request a call
                    .endHandler(nothing -> answer(call, parser, method, message)));
        };
    }

    /** A method with many answers, whose end comes after the caller's in any case. */
    private <Q, A> Handler<GrpcServerRequest<Buffer, A>> stream(Parser<Q> parser, Method<Q, A> method) {
        return request -> {
            GrpcCall<A> call = begin(request);
            request.handler(message -> {
                request.handler(more -> {}); // as above
                answer(call, parser, method, message);
            });
        };
    }

    private <Q, A> void answer(GrpcCall<A> call, Parser<Q> parser, Method<Q, A> method, Buffer message) {
        connections.whole(call.http());
        try {
            method.answer(parser.parseFrom(message.getBytes()), call);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            answers.fail(call, GrpcStatus.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            answers.failed(call, e);
        } catch (OutOfMemoryError e) {
            OutOfMemory.escalate(e);
            throw e;
        }
    }

    private <A> GrpcCall<A> begin(GrpcServerRequest<Buffer, A> request) {
        GrpcCall<A> call = new GrpcCall<>(Objects.requireNonNull(arriving), request.response());
        request.invalidMessageHandler(error -> invalid(call));
        request.exceptionHandler(
                error -> connections.ended(call.connection(), call.http().response()));
        return call;
    }

    /** Ends a call after a message over the limit; further bytes of the call would mean nothing. */
    private void invalid(GrpcCall<?> call) {
        if (call.http().response().headWritten()) {
            Connections.reset(call.http());
        } else {
            answers.fail(call, GrpcStatus.RESOURCE_EXHAUSTED, "a message here has no more than " + body + " bytes");
        }
    }

    private void tag(TagRequest question, GrpcCall<TagResponse> call) {
        io.tagger.api.Cardinality cardinality = EntityView.level(question.getCardinality());
        EntityId entity = EntityId.parse(question.getEntity());
        answers.reply(
                call,
                lookups.find(call.http(), entity, OriginMessages.patience(question.getWaitMillis()))
                        .map(found -> tags(found, cardinality)));
    }

    /** The tags of an entity; an unknown entity has no tags, and is complete. */
    private static TagResponse tags(Optional<EntityTags> found, io.tagger.api.Cardinality cardinality) {
        return found.map(tags -> TagResponse.newBuilder()
                        .addAllTags(tags.tags(cardinality))
                        .setComplete(tags.complete())
                        .setKnown(!tags.sources().isEmpty()))
                .orElseGet(() -> TagResponse.newBuilder().setComplete(true))
                .build();
    }

    private void entity(GetEntityRequest question, GrpcCall<GetEntityResponse> call) {
        EntityId entity = EntityId.parse(question.getEntity());
        (question.getAsk() ? lookups.find(call.http(), entity) : Future.succeededFuture(tagger.entity(entity)))
                .onSuccess(found -> found.ifPresentOrElse(
                        tags -> answers.end(
                                call,
                                GetEntityResponse.newBuilder()
                                        .setEntity(EntityView.WHOLE.of(tags))
                                        .build()),
                        () -> answers.fail(call, GrpcStatus.NOT_FOUND, "no collector knows the entity " + entity)))
                .onFailure(error -> answers.failed(call, error));
    }

    private void list(ListEntitiesRequest question, GrpcCall<ListEntitiesResponse> call) {
        EntityFilter filter = filter(question.getPrefixesList());
        if (!lists.begin(call.http())) {
            answers.fail(call, GrpcStatus.RESOURCE_EXHAUSTED, "too many lists are under way; try again");
            return;
        }
        Iterator<EntityTags> rest = tagger.entities(filter).iterator();
        write(rest, call);
    }

    /** Writes a part of a list, and the next part when the connection has taken the last. */
    private void write(Iterator<EntityTags> rest, GrpcCall<ListEntitiesResponse> call) {
        if (!rest.hasNext()) {
            call.response().end();
            return;
        }
        ListEntitiesResponse.Builder some = ListEntitiesResponse.newBuilder();
        int size = 0;
        while (rest.hasNext() && size < CHUNK) {
            var entity = EntityView.WHOLE.of(rest.next()).build();
            size += entity.getSerializedSize();
            some.addEntities(entity);
        }
        ListEntitiesResponse part = some.build();
        int bytes = size;
        lists.whenFree(call.http(), bytes, () -> connections
                .writing(call.connection(), bytes, call.response().write(part))
                .onSuccess(nothing -> write(rest, call)));
    }

    private void watch(WatchEntitiesRequest question, GrpcCall<WatchEntitiesResponse> call) {
        GrpcWatch watch = new GrpcWatch(
                watches.changes(),
                connections,
                new GrpcWatch.Call(call.connection(), watches.context(), call.response()),
                new GrpcWatch.Request(
                        filter(question.getPrefixesList()),
                        new EntityView(EntityView.level(question.getCardinality()), question.getSources()),
                        question.getResumeToken()));
        if (!watches.open(watch)) {
            answers.fail(call, GrpcStatus.RESOURCE_EXHAUSTED, "too many watches are under way; try again");
            return;
        }
        connections.whenEnded(call.http(), watch::close);
        call.response()
                .exceptionHandler(error ->
                        connections.ended(call.connection(), call.http().response()));
    }

    private void self(SelfRequest question, GrpcCall<OriginResponse> call) {
        Claim claim = Claim.of(question.getLocalData(), question.getExternalData());
        EntityView view = view(question.getCardinality());
        answers.reply(
                call,
                origins.self(call.http(), claim, OriginMessages.patience(question.getWaitMillis()))
                        .map(found -> OriginMessages.of(found, view)));
    }

    private void origin(ResolveOriginRequest question, GrpcCall<OriginResponse> call) {
        EntityView view = view(question.getCardinality());
        Duration wait = OriginMessages.patience(question.getWaitMillis());
        answers.reply(
                call,
                origins.of(call.http(), OriginMessages.question(question), wait)
                        .map(found -> OriginMessages.of(found, view)));
    }

    private void resource(ResourceRequest question, GrpcCall<ResourceResponse> call) {
        Duration wait = OriginMessages.patience(question.getWaitMillis());
        answers.reply(
                call,
                (question.getEntity().isEmpty()
                                ? resources.self(
                                        call.http(),
                                        Claim.of(question.getLocalData(), question.getExternalData()),
                                        wait)
                                : resources.find(call.http(), EntityId.parse(question.getEntity()), wait))
                        .map(ResourceAnswers::message));
    }

    private void explain(ExplainRequest question, GrpcCall<ExplainResponse> call) {
        EntityId entity = EntityId.parse(question.getEntity());
        answers.reply(
                call, operator.explain(call.http(), entity, question.getName()).map(ExplanationMessages::of));
    }

    private static EntityView view(Cardinality cardinality) {
        return new EntityView(EntityView.level(cardinality), false);
    }

    private void status(StatusRequest question, GrpcCall<StatusResponse> call) {
        answers.end(call, StatusMessages.of(tagger.status()));
    }

    /** Health's method Watch is left out: a client takes the refusal for health, and asks no more. */
    private void check(HealthCheckRequest question, GrpcCall<HealthCheckResponse> call) {
        String service = question.getService();
        if (service.isEmpty() || service.equals(TAGGER.getFullName())) {
            answers.end(
                    call,
                    HealthCheckResponse.newBuilder()
                            .setStatus(HealthCheckResponse.ServingStatus.SERVING)
                            .build());
        } else {
            answers.fail(call, GrpcStatus.NOT_FOUND, "there is no such service here");
        }
    }

    /** Answers questions one by one: the next question is read when the caller has taken the last answer. */
    private void reflect(GrpcServerRequest<Buffer, ServerReflectionResponse> request) {
        GrpcCall<ServerReflectionResponse> call = begin(request);
        request.endHandler(nothing -> call.response().end());
        request.handler(message -> {
            connections.whole(call.http());
            ServerReflectionResponse answer;
            try {
                answer = reflection.answer(ServerReflectionRequest.parseFrom(message.getBytes()));
            } catch (InvalidProtocolBufferException e) {
                answers.fail(call, GrpcStatus.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
                return;
            }
            int bytes = answer.getSerializedSize();
            if (!connections.mayWrite(call.connection(), bytes)) {
                Connections.reset(call.http());
                return;
            }
            request.pause();
            connections
                    .writing(call.connection(), bytes, call.response().write(answer))
                    .onSuccess(nothing -> {
                        connections.awaits(call.http());
                        request.resume();
                    });
        });
    }

    long requests() {
        return requests.sum();
    }

    long errors() {
        return answers.errors();
    }

    private static EntityFilter filter(List<String> prefixes) {
        return EntityFilter.prefixes(prefixes.toArray(String[]::new));
    }
}
