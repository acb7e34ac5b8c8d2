package io.tagger.datadog;

import com.google.protobuf.Message;
import io.tagger.datadog.wire.StreamTagsEvent;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
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
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A caller over TLS, which trusts the certificate of the file alone. */
final class Client implements AutoCloseable {
    /** One event loop: a stream is paused before its first message then. */
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

    private final GrpcClient grpc;
    private final SocketAddress address;
    private final @Nullable String token;
    private volatile GrpcClientRequest<?, ?> last;

    Client(int port, Path certificate, @Nullable String token) {
        this.token = token;
        address = SocketAddress.inetSocketAddress(port, "localhost");
        grpc = GrpcClient.client(
                vertx,
                new GrpcClientOptions().setMaxMessageSize(4 * 1024 * 1024), // as Go's
                new HttpClientOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString())));
    }

    /** The end of a call. */
    record Answer<A>(
            GrpcStatus status, String message, @Nullable A value) {}

    <Q extends Message, A extends Message> Answer<A> call(String service, String name, Q question, A kind)
            throws Exception {
        return this.<Q, A>response(service, name, question, kind)
                .compose(response -> response.last()
                        .otherwiseEmpty() // an error is in the status
                        .map(value ->
                                new Answer<A>(response.status(), String.valueOf(response.statusMessage()), value)))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    private <Q extends Message, A extends Message> Future<GrpcClientResponse<Q, A>> response(
            String service, String name, Q question, A kind) {
        ServiceMethod<A, Q> method = ServiceMethod.client(
                ServiceName.create("datadog.api.v1", service),
                name,
                GrpcMessageEncoder.encoder(),
                GrpcMessageDecoder.decoder(kind));
        return grpc.request(address, method).compose(request -> {
            if (token != null) {
                request.headers().set("authorization", "Bearer " + token);
            }
            last = request;
            request.end(question);
            return request.response();
        });
    }

    /** Ends the last call, and not the connection. */
    void cancel() {
        last.cancel();
    }

    /** A stream under way. */
    static final class Stream {
        final List<StreamTagsResponse> responses = new CopyOnWriteArrayList<>();
        volatile boolean hasHeaders;
        volatile boolean isOver;
        volatile @Nullable GrpcClientResponse<StreamTagsRequest, StreamTagsResponse> response;

        List<StreamTagsEvent> events() {
            return responses.stream()
                    .flatMap(response -> response.getEventsList().stream())
                    .toList();
        }
    }

    Stream stream(StreamTagsRequest question, boolean isReading) {
        Stream stream = new Stream();
        response("AgentSecure", "TaggerStreamEntities", question, StreamTagsResponse.getDefaultInstance())
                .onSuccess(response -> {
                    stream.response = response;
                    if (!isReading) {
                        response.pause();
                    }
                    response.handler(stream.responses::add);
                    response.exceptionHandler(error -> stream.isOver = true);
                    response.endHandler(nothing -> stream.isOver = true);
                    stream.hasHeaders = true;
                })
                .onFailure(error -> stream.isOver = true);
        return stream;
    }

    @Override
    public void close() {
        vertx.close();
    }
}
