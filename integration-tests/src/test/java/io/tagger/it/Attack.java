package io.tagger.it;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;

/** The attacks of callers on an agent, each until its time is over. Nothing is left on the side of the attacker. */
final class Attack {
    private static final String SERVICE = "/tagger.v1.Tagger/";

    private final Path socket;
    private final int port;
    private final BooleanSupplier isOver;

    /**
     * Makes the attacks.
     *
     * @param socket the socket of the agent
     * @param port the port of the agent
     * @param isOver whether the time is over
     */
    Attack(Path socket, int port, BooleanSupplier isOver) {
        this.socket = socket;
        this.port = port;
        this.isOver = isOver;
    }

    /** An attack, for the list of a test. */
    interface Run {
        void on(Attack attack) throws Exception;
    }

    void longIds() throws Exception {
        for (int i = 0; !isOver.getAsBoolean(); i++) {
            ask("GET /v1/tags?entity=thing://" + "x".repeat(15_000) + i
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
    }

    void unknownIds() throws Exception {
        for (int i = 0; !isOver.getAsBoolean(); i++) {
            ask("GET /v1/tags?entity=thing://" + "x".repeat(490) + i
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        }
    }

    void unreadLists() throws Exception {
        hold(1, 250, "ListEntities");
    }

    void unreadWatches() throws Exception {
        hold(40, 250, "WatchEntities");
    }

    /** Holds 120 watches over gRPC, on two connections. */
    void someWatches() throws Exception {
        hold(2, 60, "WatchEntities");
    }

    /** Opens calls whose answers are never read, and closes the connections at the end. */
    private void hold(int connections, int calls, String method) throws Exception {
        withHttp2(vertx -> {
            List<HttpClient> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                HttpClient client = http2(vertx);
                clients.add(client);
                for (int j = 0; j < calls; j++) {
                    call(client, method).whenComplete((call, error) -> {
                        if (error == null) {
                            call.exceptionHandler(lost -> {});
                            call.response().onSuccess(response -> response.exceptionHandler(lost -> {})
                                    .pause());
                            call.end(message(new byte[0]));
                        }
                    });
                }
            }
            awaitTheEnd();
            clients.forEach(HttpClient::close);
        });
    }

    void inflatingMessages() throws Exception {
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(small)) {
            gzip.write(new byte[60 << 20]);
        }
        Buffer message =
                Buffer.buffer().appendByte((byte) 1).appendInt(small.size()).appendBytes(small.toByteArray());
        withHttp2(vertx -> {
            HttpClient client = http2(vertx);
            while (!isOver.getAsBoolean()) {
                HttpClientRequest call = call(client, "Tag").get(10, TimeUnit.SECONDS);
                call.putHeader("grpc-encoding", "gzip");
                settle(call.end(message)
                        .compose(nothing -> call.response())
                        .toCompletionStage()
                        .toCompletableFuture());
            }
        });
    }

    void watchesWithFurtherRequests() throws Exception {
        while (!isOver.getAsBoolean()) {
            try (SocketChannel channel = connect()) {
                write(channel, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
                channel.read(ByteBuffer.allocate(64));
                write(channel, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10));
            } catch (IOException e) {
                // The agent has closed the connection already.
            }
        }
    }

    void watchesWithNonsense() throws Exception {
        calls("WatchEntities", message(new byte[0]), Buffer.buffer(new byte[] {0, -1, -1, -1, -1, 1}));
    }

    void threeBytesOfAMessage() throws Exception {
        calls("Tag", Buffer.buffer(new byte[] {0, 0, 0}));
    }

    private void calls(String method, Buffer... parts) throws Exception {
        withHttp2(vertx -> {
            while (!isOver.getAsBoolean()) {
                HttpClient client = http2(vertx);
                for (int i = 0; i < 50 && !isOver.getAsBoolean(); i++) {
                    HttpClientRequest call = call(client, method).get(10, TimeUnit.SECONDS);
                    for (Buffer part : parts) {
                        settle(call.write(part).toCompletionStage().toCompletableFuture());
                    }
                }
                client.close();
            }
        });
    }

    void silentConnectionsToThePort() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            while (!isOver.getAsBoolean()) {
                if (silent.size() < 1_100) {
                    silent.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)));
                } else {
                    awaitTheEnd();
                }
            }
        } finally {
            for (SocketChannel channel : silent) {
                channel.close();
            }
        }
    }

    void watchesOfManyConnections() throws Exception {
        List<SocketChannel> watches = new ArrayList<>();
        try {
            for (int i = 0; i < 150; i++) {
                watches.add(connect());
                write(watches.get(i), "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            awaitTheEnd();
        } finally {
            for (SocketChannel channel : watches) {
                channel.close();
            }
        }
    }

    void requestsThatWereLoggedOnce() throws Exception {
        while (!isOver.getAsBoolean()) {
            ask("GET /v1/watch HTTP/1.0\r\n\r\n");
            ask("GET /healthz HTTP/1.1\r\nHost: \r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
            ask("nonsense\r\n\r\n");
        }
    }

    private void awaitTheEnd() {
        while (!isOver.getAsBoolean()) {
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    /** A part of an attack over HTTP/2. */
    private interface Part {
        void with(Vertx vertx) throws Exception;
    }

    private static void withHttp2(Part part) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            part.with(vertx);
        } finally {
            vertx.close(); // without a wait: paused answers would keep it
        }
    }

    private static HttpClient http2(Vertx vertx) {
        return vertx.createHttpClient(
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setHttp2MultiplexingLimit(-1),
                new PoolOptions().setHttp2MaxSize(1).setMaxWaitQueueSize(-1));
    }

    private CompletableFuture<HttpClientRequest> call(HttpClient client, String method) {
        return client.request(new RequestOptions()
                        .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                        .setHost("localhost")
                        .setMethod(HttpMethod.POST)
                        .setURI(SERVICE + method))
                .map(request -> request.putHeader("content-type", "application/grpc")
                        .putHeader("te", "trailers")
                        .setChunked(true))
                .toCompletionStage()
                .toCompletableFuture();
    }

    /** Waits for an outcome, whatever it is. */
    private static void settle(CompletableFuture<?> outcome) throws InterruptedException {
        try {
            outcome.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // The agent has refused.
        }
    }

    private static Buffer message(byte[] bytes) {
        return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    }

    private void ask(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, request);
            ByteBuffer buffer = ByteBuffer.allocate(4_096);
            channel.shutdownOutput();
            while (channel.read(buffer) >= 0) {
                buffer.clear();
            }
        } catch (IOException e) {
            // The agent has closed the connection.
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
