package io.tagger.datadog;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.datadog.wire.Api;
import io.tagger.datadog.wire.FetchEntityRequest;
import io.tagger.datadog.wire.FetchEntityResponse;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoResponse;
import io.tagger.datadog.wire.HostnameReply;
import io.tagger.datadog.wire.HostnameRequest;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.tagger.datadog.wire.TagCardinality;
import io.tagger.origin.OriginException;
import io.tagger.origin.Origins;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the calls of Datadog processes. Runs on the event loop. */
final class DatadogApi implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(DatadogApi.class);
    private static final ServiceDescriptor OPEN = Api.getDescriptor().findServiceByName("Agent");
    private static final ServiceDescriptor SECURE = Api.getDescriptor().findServiceByName("AgentSecure");
    private static final String LIST = "/agent/tagger-list";
    /** The longest wait of a fetch: the Agent Data Plane takes no answer within 2 s for the end of the connection. */
    private static final long FETCH_MILLIS = 1_000;

    /** Bytes of a message of a caller. */
    private static final int BODY = 65_536;

    private final Vertx vertx;
    private final Tagger tagger;
    private final Origins origins;
    private final String hostName;
    private final Admission admission;
    private final Streams streams;
    private final GrpcServer server;
    private final Set<String> open = new HashSet<>(); // the paths without a token
    private final Set<String> methods = new HashSet<>();
    private boolean isListing;

    /** Makes the services. */
    DatadogApi(Vertx vertx, Tagger tagger, Origins origins, String hostName, Admission admission, Streams streams) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.origins = origins;
        this.hostName = hostName;
        this.admission = admission;
        this.streams = streams;
        server = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(BODY));
        open.add("/" + OPEN.getFullName() + "/GetHostname");
        unary(OPEN, "GetHostname", HostnameRequest.parser(), this::hostName);
        unary(SECURE, "TaggerFetchEntity", FetchEntityRequest.parser(), this::fetch);
        unary(
                SECURE,
                "TaggerGenerateContainerIDFromOriginInfo",
                GenerateContainerIDFromOriginInfoRequest.parser(),
                this::container);
        server.callHandler(
                this.<StreamTagsResponse>method(SECURE, "TaggerStreamEntities"),
                request -> message(request, message -> stream(request, message)));
    }

    /**
     * The rule for callers.
     *
     * @param token the token
     * @param onAdmission receives the connection of each call with the token
     */
    record Admission(AuthToken token, Consumer<HttpConnection> onAdmission) {
        boolean admits(HttpServerRequest request) {
            boolean isAdmitted = token.isIn(request.getHeader(HttpHeaders.AUTHORIZATION));
            if (isAdmitted) {
                onAdmission.accept(request.connection());
            }
            return isAdmitted;
        }
    }

    @Override
    public void handle(HttpServerRequest request) {
        boolean isGrpc =
                String.valueOf(request.getHeader(HttpHeaders.CONTENT_TYPE)).startsWith("application/grpc");
        boolean isAdmitted = admission.admits(request);
        if (!isGrpc) {
            http(request, isAdmitted);
        } else if (!isAdmitted && !open.contains(request.path())) {
            refuse(request, GrpcStatus.UNAUTHENTICATED, "the token of the file auth_token is needed");
        } else if (!methods.contains(request.path())) {
            refuse(
                    request,
                    GrpcStatus.UNIMPLEMENTED,
                    "the tagger answers in place of a core agent, and has no method " + request.path());
        } else if (!"identity"
                .equals(Optional.ofNullable(request.getHeader("grpc-encoding")).orElse("identity"))) {
            refuse(request, GrpcStatus.UNIMPLEMENTED, "compressed messages are not read: send them as they are");
        } else {
            server.handle(request);
        }
    }

    private static void refuse(HttpServerRequest request, GrpcStatus status, String message) {
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
                .putHeader("grpc-status", String.valueOf(status.code))
                .putHeader("grpc-message", message)
                .end();
    }

    private void http(HttpServerRequest request, boolean isAdmitted) {
        if (!isAdmitted) {
            refuse(request, 401, "the token of the file auth_token is needed, as 'Authorization: Bearer TOKEN'");
        } else if (!request.path().equals(LIST)) {
            refuse(request, 404, "the tagger answers in place of a core agent, and has " + LIST + " alone");
        } else if (request.method() != HttpMethod.GET) {
            refuse(request, 405, "GET " + LIST);
        } else {
            list(request);
        }
    }

    /** One list at a time: a list of 10,000 entities has 10 MB. */
    private void list(HttpServerRequest request) {
        if (isListing) {
            refuse(request, 503, "another list is under way; try again");
            return;
        }
        isListing = true;
        long end = vertx.setTimer(
                streams.longestSend().toMillis(), late -> request.connection().close());
        vertx.executeBlocking(() -> TaggerList.json(tagger), false)
                .compose(list -> request.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(list))
                .onComplete(taken -> {
                    isListing = false;
                    vertx.cancelTimer(end);
                })
                .onFailure(error -> {
                    if (!request.response().headWritten()) {
                        LOG.warn("the list of entities for Datadog failed", error);
                        refuse(request, 500, "the agent failed to answer; the agent's log has the reason");
                    }
                });
    }

    private static void refuse(HttpServerRequest request, int status, String message) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(message + "\n");
    }

    private <A extends MessageLite> ServiceMethod<Buffer, A> method(ServiceDescriptor service, String name) {
        methods.add("/" + service.getFullName() + "/" + name);
        return ServiceMethod.server(
                ServiceName.create(service.getFile().getPackage(), service.getName()),
                name,
                GrpcMessageEncoder.encoder(),
                GrpcMessageDecoder.IDENTITY);
    }

    private <Q, A extends MessageLite> void unary(
            ServiceDescriptor service, String name, Parser<Q> parser, Function<Q, Future<A>> answer) {
        server.callHandler(
                this.<A>method(service, name),
                request -> message(
                        request, message -> reply(request, answer.apply(parser.parseFrom(message.getBytes())))));
    }

    /** The work for the message of a call; may throw for a message without sense. */
    private interface Work {
        void take(Buffer message) throws InvalidProtocolBufferException;
    }

    /** Waits for the message of a call, and for the caller's end. */
    private static <A> void message(GrpcServerRequest<Buffer, A> request, Work work) {
        AtomicBoolean isRefused = new AtomicBoolean(); // perhaps for a second message, after a good one
        request.invalidMessageHandler(error -> {
            if (isRefused.compareAndSet(false, true)) {
                fail(request, GrpcStatus.RESOURCE_EXHAUSTED, "a message here has no more than " + BODY + " bytes");
            }
        });
        request.handler(message -> {
            request.handler(more -> {}); // one request a call
            request.endHandler(nothing -> {
                if (isRefused.get()) {
                    return;
                }
                try {
                    work.take(message);
                } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
                    fail(request, GrpcStatus.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
                }
            });
        });
    }

    private static void fail(GrpcServerRequest<?, ?> request, GrpcStatus status, String message) {
        request.response().status(status).statusMessage(message).end();
    }

    private static <A> void reply(GrpcServerRequest<Buffer, A> request, Future<A> answer) {
        answer.onSuccess(found -> request.response().end(found)).onFailure(thrown -> {
            Throwable error =
                    thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            String message = String.valueOf(error.getMessage());
            if (error instanceof IllegalArgumentException) {
                fail(request, GrpcStatus.INVALID_ARGUMENT, message);
            } else if (error instanceof OriginException) {
                fail(request, GrpcStatus.NOT_FOUND, message);
            } else {
                LOG.warn("the answer to a Datadog process failed", error);
                fail(request, GrpcStatus.INTERNAL, "the agent failed to answer; the agent's log has the reason");
            }
        });
    }

    private void stream(GrpcServerRequest<Buffer, StreamTagsResponse> request, Buffer message)
            throws InvalidProtocolBufferException {
        StreamTagsRequest question = StreamTagsRequest.parseFrom(message.getBytes());
        level(question.getCardinality());
        if (!streams.begin(request, question)) {
            fail(request, GrpcStatus.RESOURCE_EXHAUSTED, "too many streams are under way; try again");
        }
    }

    private Future<HostnameReply> hostName(HostnameRequest question) {
        return hostName.isEmpty()
                ? Future.failedFuture(
                        new OriginException("the tagger has no name of this machine: set tagger.hostname"))
                : Future.succeededFuture(
                        HostnameReply.newBuilder().setHostname(hostName).build());
    }

    /** An unknown entity has no tags: some clients take an error for the end of the connection. */
    private Future<FetchEntityResponse> fetch(FetchEntityRequest question) {
        if (!question.hasId()) {
            throw new IllegalArgumentException("the question has no id of an entity");
        }
        Cardinality level = level(question.getCardinality());
        FetchEntityResponse.Builder answer =
                FetchEntityResponse.newBuilder().setId(question.getId()).setCardinality(question.getCardinality());
        EntityId entity;
        try {
            entity = EntityId.of(question.getId().getPrefix(), question.getId().getUid());
        } catch (IllegalArgumentException e) {
            return Future.succeededFuture(answer.build()); // no entity of this tagger
        }
        Optional<EntityTags> known = tagger.entity(entity).filter(EntityTags::complete);
        return (known.isPresent()
                        ? Future.succeededFuture(known)
                        : Future.any(lookup(entity), late(entity))
                                .map(first -> first.<Optional<EntityTags>>resultAt(first.succeeded(0) ? 0 : 1)))
                .map(found -> {
                    found.ifPresent(tags -> answer.addAllTags(tags.tags(level)));
                    return answer.build();
                });
    }

    private Future<Optional<EntityTags>> lookup(EntityId entity) {
        return Future.fromCompletionStage(tagger.lookupFor("Datadog", entity), vertx.getOrCreateContext());
    }

    /** The tags known so far, for a caller that can wait no longer. */
    private Future<Optional<EntityTags>> late(EntityId entity) {
        return vertx.timer(FETCH_MILLIS, TimeUnit.MILLISECONDS).map(nothing -> tagger.entity(entity));
    }

    private static Cardinality level(TagCardinality cardinality) {
        return switch (cardinality) {
            case LOW -> Cardinality.LOW;
            case ORCHESTRATOR -> Cardinality.ORCHESTRATOR;
            case HIGH -> Cardinality.HIGH;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException("there is no such cardinality: 0 is low, 1 orchestrator, 2 high");
        };
    }

    private Future<GenerateContainerIDFromOriginInfoResponse> container(
            GenerateContainerIDFromOriginInfoRequest question) {
        return Future.fromCompletionStage(new ContainerQuestion(question, origins).answer(), vertx.getOrCreateContext())
                .map(id -> GenerateContainerIDFromOriginInfoResponse.newBuilder()
                        .setContainerID(id)
                        .build());
    }
}
