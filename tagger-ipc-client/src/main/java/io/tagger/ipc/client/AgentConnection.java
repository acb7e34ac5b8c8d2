package io.tagger.ipc.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.MessageOrBuilder;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.ipc.v1.ListEntitiesRequest;
import io.tagger.ipc.v1.ListEntitiesResponse;
import io.tagger.ipc.v1.OriginResponse;
import io.tagger.ipc.v1.SelfRequest;
import io.tagger.ipc.v1.StatusRequest;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.TagResponse;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A connection to an agent, for a program with a few questions and no need for a {@link ClientTagger} with a replica.
 * All calls share one connection, opened on demand. Thread-safe.
 *
 * <p>All futures fail with an {@link AgentException}. The event loop completes the futures, so do not block there.
 */
public final class AgentConnection implements AutoCloseable {
    private static final ServiceName SERVICE = ServiceName.create("tagger.v1", "Tagger");
    /** Room for one entity with all tags; the protocol sets no limit on the tags of a source. */
    private static final long MESSAGE_BYTES = 64L << 20;

    /** Bytes in flight for one call; with HTTP/2's default of 64 KB the start of a client would be a chain of waits. */
    private static final int WINDOW_BYTES = 1 << 20;

    private static final int CONNECT_MILLIS = 3_000;
    private static final long CLOSE_SECONDS = 2;

    private final Endpoint endpoint;
    private final Vertx vertx;
    private final GrpcClient client;

    private AgentConnection(Endpoint endpoint) {
        this.endpoint = endpoint;
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        client = GrpcClient.client(
                vertx,
                new GrpcClientOptions().setMaxMessageSize(MESSAGE_BYTES).setScheduleDeadlineAutomatically(true),
                options(endpoint));
    }

    /**
     * Makes a connection; the first call opens the connection.
     *
     * @param endpoint where the agent serves
     * @return the connection; the caller closes the connection
     */
    public static AgentConnection to(Endpoint endpoint) {
        return new AgentConnection(endpoint);
    }

    /**
     * The tags of an entity; on a miss the agent asks its collectors.
     *
     * @param entity the entity
     * @param cardinality the level
     * @param deadline how long to wait
     * @return the answer
     */
    public CompletableFuture<TagResponse> tag(EntityId entity, Cardinality cardinality, Duration deadline) {
        return tag(entity, cardinality, Duration.ZERO, deadline);
    }

    /**
     * The tags of an entity, as soon as they are complete.
     *
     * @param entity the entity
     * @param cardinality the level
     * @param wait the longest wait of the agent for complete tags, up to 30 s
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer
     */
    public CompletableFuture<TagResponse> tag(
            EntityId entity, Cardinality cardinality, Duration wait, Duration deadline) {
        TagRequest question = TagRequest.newBuilder()
                .setEntity(entity.toString())
                .setCardinality(level(cardinality))
                .setWaitMillis(wait.toMillis())
                .build();
        return future(call("Tag", question, TagResponse.getDefaultInstance(), deadline));
    }

    /**
     * The entity of this process, with its tags.
     *
     * @param localData what this process knows of its own container, {@code in-<inode>,ci-<container id>}; may be empty
     * @param cardinality the level
     * @param wait the longest wait of the agent for complete tags, up to 30 s
     * @param deadline how long to wait for the agent, longer than the wait
     * @return the answer
     */
    public CompletableFuture<OriginResponse> self(
            String localData, Cardinality cardinality, Duration wait, Duration deadline) {
        SelfRequest question = SelfRequest.newBuilder()
                .setLocalData(localData)
                .setCardinality(level(cardinality))
                .setWaitMillis(wait.toMillis())
                .build();
        return future(call("Self", question, OriginResponse.getDefaultInstance(), deadline));
    }

    /**
     * The state of the agent and of its collectors.
     *
     * @param deadline how long to wait
     * @return the answer
     */
    public CompletableFuture<StatusResponse> status(Duration deadline) {
        return future(
                call("Status", StatusRequest.getDefaultInstance(), StatusResponse.getDefaultInstance(), deadline));
    }

    /**
     * All entities, part by part.
     *
     * @param prefixes the kinds; an empty list means all kinds
     * @param parts takes each part, on the event loop
     * @return completed when all parts have come
     */
    public CompletableFuture<Void> list(List<String> prefixes, Consumer<ListEntitiesResponse> parts) {
        return follow(
                "ListEntities",
                ListEntitiesRequest.newBuilder().addAllPrefixes(prefixes).build(),
                ListEntitiesResponse.getDefaultInstance(),
                parts);
    }

    /**
     * The present entities, and then the changes.
     *
     * @param prefixes the kinds; an empty list means all kinds
     * @param cardinality the level of the tags
     * @param parts takes each part, on the event loop
     * @return fails when the agent is lost
     */
    public CompletableFuture<Void> watch(
            List<String> prefixes, Cardinality cardinality, Consumer<WatchEntitiesResponse> parts) {
        return follow(
                "WatchEntities",
                WatchEntitiesRequest.newBuilder()
                        .addAllPrefixes(prefixes)
                        .setCardinality(level(cardinality))
                        .build(),
                WatchEntitiesResponse.getDefaultInstance(),
                parts);
    }

    private static io.tagger.ipc.v1.Cardinality level(Cardinality cardinality) {
        return switch (cardinality) {
            case LOW -> io.tagger.ipc.v1.Cardinality.LOW;
            case ORCHESTRATOR -> io.tagger.ipc.v1.Cardinality.ORCHESTRATOR;
            case HIGH -> io.tagger.ipc.v1.Cardinality.HIGH;
        };
    }

    private <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> CompletableFuture<Void> follow(
            String method, Q question, A answer, Consumer<A> parts) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        this.<Q, A>stream(method, question, answer, stream -> stream.response()
                        .handler(parts::accept)
                        .exceptionHandler(error -> end.completeExceptionally(failure(error)))
                        .endHandler(nothing -> {
                            if (stream.response().status() == GrpcStatus.OK) {
                                end.complete(null);
                            } else {
                                end.completeExceptionally(AgentException.of(endpoint, stream.response()));
                            }
                        }))
                .onFailure(end::completeExceptionally);
        return end;
    }

    private static <T> CompletableFuture<T> future(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }

    /** The event loops of the callbacks. */
    Vertx vertx() {
        return vertx;
    }

    /** A call with one request and one response; fails with an {@link AgentException}. */
    <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> Future<A> call(
            String method, Q question, A answer, Duration deadline) {
        return this.<Q, A>request(method, answer)
                .compose(request -> request.timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                        .send(question))
                .compose(response -> response.last()
                        .compose(last -> response.status() == GrpcStatus.OK
                                ? Future.succeededFuture(last)
                                : Future.<A>failedFuture(AgentException.of(endpoint, response)))
                        .recover(error -> Future.failedFuture(
                                response.status() == null || response.status() == GrpcStatus.OK
                                        ? error
                                        : AgentException.of(endpoint, response))))
                .recover(error -> Future.failedFuture(failure(error)));
    }

    /**
     * A call with a stream of responses; fails with an {@link AgentException} if the agent is not reached.
     *
     * @param begin sets the handlers of the response, on the event loop: messages before a handler is set are lost
     */
    <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> Future<Stream<Q, A>> stream(
            String method, Q question, A answer, Consumer<Stream<Q, A>> begin) {
        return this.<Q, A>request(method, answer)
                .compose(request -> request.send(question).map(response -> {
                    Stream<Q, A> stream = new Stream<>(request, response);
                    begin.accept(stream);
                    return stream;
                }))
                .recover(error -> Future.failedFuture(failure(error)));
    }

    /** The two ends of a call. */
    record Stream<Q, A>(GrpcClientRequest<Q, A> request, GrpcClientResponse<Q, A> response) {
        HttpConnection connection() {
            return request.connection();
        }
    }

    private <Q extends MessageLite, A extends MessageLite & MessageOrBuilder> Future<GrpcClientRequest<Q, A>> request(
            String method, A answer) {
        ServiceMethod<A, Q> called = ServiceMethod.client(
                SERVICE, method, GrpcMessageEncoder.<Q>encoder(), GrpcMessageDecoder.decoder(answer));
        return client.<Q, A>request(address(endpoint), called).compose(request -> {
            try {
                headers(endpoint).forEach((name, value) -> request.headers().set(name, value));
            } catch (IOException e) {
                return Future.failedFuture(
                        new AgentException(null, "the token for the agent at " + endpoint + " can't be read: " + e, e));
            }
            return Future.succeededFuture(request);
        });
    }

    private static SocketAddress address(Endpoint endpoint) {
        return endpoint instanceof Endpoint.Tcp tcp
                ? SocketAddress.inetSocketAddress(tcp.port(), tcp.host())
                : SocketAddress.domainSocketAddress(
                        ((Endpoint.Unix) endpoint).path().toString());
    }

    private static HttpClientOptions options(Endpoint endpoint) {
        HttpClientOptions options = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(CONNECT_MILLIS)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(WINDOW_BYTES))
                .setHttp2ConnectionWindowSize(2 * WINDOW_BYTES);
        if (endpoint instanceof Endpoint.Tcp tcp && tcp.tls()) {
            options.setSsl(true).setUseAlpn(true);
            tcp.authority()
                    .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        }
        return options;
    }

    /** The headers of a call; the token is read anew for each call, because the file may have changed. */
    private static Map<String, String> headers(Endpoint endpoint) throws IOException {
        return endpoint instanceof Endpoint.Tcp tcp && tcp.token().isPresent()
                ? Map.of(
                        "authorization",
                        "Bearer " + Files.readString(tcp.token().get()).strip())
                : Map.of();
    }

    /** The error in words for an operator: the fault and the remedy. */
    AgentException failure(Throwable error) {
        if (error instanceof AgentException known) {
            return known;
        }
        if (endpoint instanceof Endpoint.Unix unix) {
            if (!Files.exists(unix.path())) {
                return new AgentException(
                        null,
                        "no agent: there is no socket " + endpoint
                                + "; start an agent with 'tagger run', or name another agent (TAGGER_CLIENT_AGENT,"
                                + " tagger.client.agent, or --agent on the command line)",
                        error);
            }
            if (Files.isRegularFile(unix.path()) || Files.isDirectory(unix.path())) {
                return new AgentException(null, "no agent: " + endpoint + " is no socket", error);
            }
            if (!Files.isWritable(unix.path())) {
                return new AgentException(
                        null,
                        "this user may not connect to the agent's socket " + endpoint
                                + ": check the group and mode of the socket",
                        error);
            }
        }
        return new AgentException(null, "no agent answers at " + endpoint + ": " + reason(error), error);
    }

    /** The reason of an error, including a hidden cause such as an expired certificate. */
    private static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        return root == error
                ? reason
                : reason + " (" + root.getClass().getSimpleName() + ": " + root.getMessage() + ")";
    }

    /** Closes the connection; calls under way fail. */
    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The threads are daemons and have no work left.
        }
    }
}
