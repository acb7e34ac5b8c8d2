package io.tagger.datadog;

import com.google.protobuf.Message;
import io.tagger.datadog.wire.StreamTagsEvent;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
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
    private final Vertx vertx = Vertx.vertx();

    private final GrpcClient grpc;
    private final SocketAddress address;
    private final @Nullable String token;
    private volatile GrpcClientRequest<?, ?> last;

    private final HttpClient http;

    Client(int port, Path certificate, @Nullable String token) {
        this.token = token;
        address = SocketAddress.inetSocketAddress(port, "localhost");
        HttpClientOptions options = new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString()));
        grpc = GrpcClient.client(
                vertx,
                new GrpcClientOptions().setMaxMessageSize(4 * 1024 * 1024), // as Go's
                options);
        http = vertx.createHttpClient(options);
    }

    /**
     * Begins a stream without ever reading: the bytes fill the window of HTTP/2, and no more. A paused stream of the gRPC client
     * would take some messages all the same.
     */
    Stream stuck(StreamTagsRequest question) {
        Stream stream = new Stream();
        byte[] message = question.toByteArray();
        http.request(new RequestOptions()
                        .setServer(address)
                        .setHost("localhost")
                        .setPort(address.port())
                        .setMethod(HttpMethod.POST)
                        .setURI("/datadog.api.v1.AgentSecure/TaggerStreamEntities")
                        .putHeader("content-type", "application/grpc")
                        .putHeader("te", "trailers")
                        .putHeader("authorization", "Bearer " + token))
                .compose(request -> {
                    request.end(Buffer.buffer()
                            .appendByte((byte) 0)
                            .appendInt(message.length)
                            .appendBytes(message));
                    return request.response();
                })
                .onSuccess(response -> {
                    response.pause();
                    response.exceptionHandler(error -> stream.isOver = true);
                    stream.hasHeaders = true;
                });
        return stream;
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

        List<StreamTagsEvent> events() {
            return responses.stream()
                    .flatMap(response -> response.getEventsList().stream())
                    .toList();
        }
    }

    Stream stream(StreamTagsRequest question) {
        Stream stream = new Stream();
        response("AgentSecure", "TaggerStreamEntities", question, StreamTagsResponse.getDefaultInstance())
                .onSuccess(response -> {
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
