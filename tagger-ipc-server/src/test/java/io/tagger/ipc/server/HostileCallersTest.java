package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.v1.TagRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.tagger.testkit.FakeTagger;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.reflection.v1.ServerReflectionRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that mean harm, or have gone wrong: nobody else is refused meanwhile, and nothing is left of them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileCallersTest {
    private static final Duration SOON = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String WATCH = "/tagger.v1.Tagger/WatchEntities";
    private static final String TAG = "/tagger.v1.Tagger/Tag";
    private static final String HEALTH = "/grpc.health.v1.Health/Check";
    private static final String REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

    private final FakeTagger tagger = new FakeTagger();
    private final Vertx vertx = Vertx.vertx();

    @TempDir
    Path directory;

    private Path socket;
    private Curl curl;
    private IpcServer server;
    private HttpClient http2;

    @BeforeEach
    void start() {
        socket = directory.resolve("tagger.sock");
        curl = new Curl(socket);
        http2 = client(5);
        serve(Limits.of(32, LONG), Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
        vertx.close().await();
    }

    private HttpClient client(int connections) {
        return vertx.createHttpClient(
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false)
                        .setHttp2MultiplexingLimit(-1),
                new PoolOptions().setHttp2MaxSize(connections));
    }

    private void serve(IpcSettings.Limits limits, Optional<TcpSettings> tcp) {
        if (server != null) {
            server.close();
        }
        server = IpcServer.start(tagger, new IpcSettings(socket, "0660", limits, tcp), statistics -> "");
    }

    private void serveATokenOverTcp(IpcSettings.Limits limits) throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "secret-secret-secret-secret-secret");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        serve(limits, Optional.of(new TcpSettings("127.0.0.1", 0, Optional.empty(), Optional.of(token), true)));
    }

    private void entities(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            tagger.set(TagInfo.builder("test", EntityId.process(i))
                    .low("v", "x".repeat(bytes))
                    .build());
        }
    }

    private static Buffer message(byte[] bytes) {
        return Buffer.buffer().appendByte((byte) 0).appendInt(bytes.length).appendBytes(bytes);
    }

    /** A gRPC call whose bytes the test writes. */
    private HttpClientRequest call(HttpClient client, String path, String... headers) {
        HttpClientRequest request = get(client.request(new RequestOptions()
                .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                .setHost("localhost")
                .setMethod(HttpMethod.POST)
                .setURI(path)));
        request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        for (int i = 0; i < headers.length; i += 2) {
            request.putHeader(headers[i], headers[i + 1]);
        }
        request.setChunked(true);
        return request;
    }

    private static <T> T get(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static String status(HttpClientResponse response) {
        String early = response.getHeader("grpc-status");
        if (early == null) {
            get(response.end());
        }
        return early == null ? response.getTrailer("grpc-status") : early;
    }

    private void awaitNothingIsLeft() {
        await().until(() -> server.statistics().watchers() == 0);
        await().until(() -> server.statistics().connections() == 0);
        await().until(() -> server.statistics().held().unread() == 0);
    }

    private void assertHealthyCallersAreServed() throws Exception {
        assertThat(curl.get("/healthz").status()).isEqualTo(200);
        assertThat(curl.get("/v1/tags?entity=process://1").status()).isIn(200, 404);
    }

    // Connections that would stay for ever.

    @Test
    void watch_withFurtherRequestsBehindIt_isOver() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (SocketChannel channel = connect()) {
                write(channel, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
                int expected = i + 1;
                await().until(() -> server.statistics().requests() == expected);
                write(channel, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10));
            }
        }

        awaitNothingIsLeft();
    }

    @Test
    void watchOverGrpc_withANonsenseFrameBehindIt_isOver() {
        List<HttpClientRequest> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            HttpClientRequest call = call(http2, WATCH);
            call.write(message(new byte[0]));
            calls.add(call);
        }
        await().until(() -> server.statistics().watchers() > 10);
        calls.forEach(call ->
                call.write(Buffer.buffer(new byte[] {0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1})));

        await().until(() -> server.statistics().watchers() == 0);
        assertThat(server.statistics().codes().values()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {TAG, WATCH, HEALTH, REFLECTION})
    void call_thatSentThreeBytesOfItsMessage_isEnded(String path) {
        serve(Limits.of(32, SOON), Optional.empty());
        HttpClientRequest call = call(http2, path);
        call.write(Buffer.buffer(new byte[] {0, 0, 0}));
        await().until(() -> server.statistics().requests() == 1);

        awaitNothingIsLeft();
    }

    @Test
    void quietWatch_getsASignOfLife_andAnotherPeersEndIsNoticed() throws Exception {
        serve(Limits.of(32, LONG, Duration.ofMillis(100)), Optional.empty());
        Process watch = curl.follow("/v1/watch");
        try (var lines = watch.inputReader()) {
            assertThat(Stream.of(lines.readLine(), lines.readLine(), lines.readLine()))
                    .containsExactly("{\"type\":\"synced\"}", "{\"type\":\"alive\"}", "{\"type\":\"alive\"}");
        } finally {
            watch.destroy();
        }
        List<Buffer> messages = new CopyOnWriteArrayList<>();
        HttpClientRequest call = call(http2, WATCH);
        call.write(message(new byte[0]));
        call.response().onSuccess(response -> response.handler(messages::add));
        await().until(() -> messages.size() >= 4);
        Buffer last = messages.get(messages.size() - 1);
        WatchEntitiesResponse alive = WatchEntitiesResponse.parseFrom(last.getBytes(5, last.length()));
        assertThat(alive.getEventsList()).isEmpty();
        assertThat(alive.getResumeToken().size()).isEqualTo(16);
        call.reset(8);

        await().until(() -> server.statistics().watchers() == 0);
    }

    // Bounds.

    @Test
    void silentConnectionsToThePort_areClosed_andTheSocketServesMeanwhile() throws Exception {
        serveATokenOverTcp(Limits.of(8, SOON));
        List<SocketChannel> silent = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            silent.add(SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port())));
        }
        await().until(() -> server.statistics().refused() == 28); // the port has 4, an address may hold half
        assertHealthyCallersAreServed();
        for (SocketChannel channel : silent) {
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            channel.close();
        }

        awaitNothingIsLeft();
    }

    @Test
    void requestWithoutTheToken_isCounted_andDoesNotKeepTheConnectionOpen() throws Exception {
        serveATokenOverTcp(Limits.of(8, SOON));
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", server.port()))) {
            write(channel, "GET /v1/tags?entity=host://x HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(readAll(channel)).startsWith("HTTP/1.1 401");
        }

        assertThat(server.statistics().codes()).containsEntry("401", 1L);
    }

    @Test
    void unreadLists_areBounded_andOthersAreServed() throws Exception {
        entities(2_000, 1_000);
        List<Future<HttpClientResponse>> answers = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            HttpClientRequest call = call(http2, "/tagger.v1.Tagger/ListEntities");
            answers.add(call.response().onSuccess(HttpClientResponse::pause));
            call.end(message(new byte[0]));
        }
        await().until(() -> server.statistics().requests() == 60);
        await().until(() -> server.statistics().codes().getOrDefault("RESOURCE_EXHAUSTED", 0L) == 52);
        assertThat(server.statistics().held().unread()).isLessThan(16 << 20);
        assertHealthyCallersAreServed();
        http2.close();

        awaitNothingIsLeft();
        assertThat(curl.get("/v1/entities").status()).isEqualTo(200);
    }

    /** A list that fits one part, without a window: its bytes count, although the request is over. */
    @Test
    void unreadListsOfOnePart_areBounded() throws Exception {
        IpcSettings.Shared usual = IpcSettings.Limits.defaults().shared();
        int bound = 1 << 20;
        serve(
                Limits.of(new IpcSettings.Shared(usual.requests(), usual.watches(), usual.lists(), bound)),
                Optional.empty());
        entities(4, 30_000);
        HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setInitialSettings(new Http2Settings().setInitialWindowSize(0)));
        for (int i = 0; i < 90; i++) {
            get(client.request(new RequestOptions()
                            .setServer(SocketAddress.domainSocketAddress(socket.toString()))
                            .setHost("localhost")
                            .setURI("/v1/entities")))
                    .send();
        }
        await().until(() -> server.statistics().requests() == 90);

        assertThat(server.statistics().held().unread()).isBetween(120_000L, (long) bound);
        assertHealthyCallersAreServed();
        client.close();
        awaitNothingIsLeft();
    }

    /** A watch takes an entity of any size, if there is room for its bytes. */
    @Test
    void unreadWatchesOfALargeEntity_areBounded() throws Exception {
        IpcSettings.Shared usual = IpcSettings.Limits.defaults().shared();
        int bound = 2 << 20;
        serve(
                Limits.of(new IpcSettings.Shared(usual.requests(), usual.watches(), usual.lists(), bound)),
                Optional.empty());
        entities(1, 400_000);
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            HttpClient client = client(1);
            clients.add(client);
            HttpClientRequest call = call(client, WATCH);
            call.response().onSuccess(HttpClientResponse::pause);
            call.write(message(new byte[0]));
        }
        await().until(() -> server.statistics().watchers() == 12);

        assertThat(server.statistics().held().unread()).isLessThanOrEqualTo(bound);
        clients.forEach(HttpClient::close);
        awaitNothingIsLeft();
        Process watch = curl.follow("/v1/watch");
        try (var lines = watch.inputReader()) {
            assertThat(lines.readLine()).hasSizeGreaterThan(400_000);
        } finally {
            watch.destroy();
        }
    }

    /** A wait whose caller gives up ends alone. */
    @Test
    void waitThatIsGivenUp_endsNoOtherWait() throws Exception {
        TagRequest question = TagRequest.newBuilder()
                .setEntity("container_id://never")
                .setWaitMillis(20_000)
                .build();
        for (int i = 0; i < 5; i++) {
            HttpClientRequest call = call(http2, TAG);
            call.end(message(question.toByteArray()));
            int requests = i + 1;
            await().until(() -> server.statistics().requests() == requests);
            call.reset(8);
        }
        TagRequest other = TagRequest.newBuilder(question).setWaitMillis(300).build();
        HttpClientRequest call = call(http2, TAG);
        String status = get(call.end(message(other.toByteArray()))
                .compose(nothing -> call.response())
                .compose(response -> response.end().map(end -> response.getTrailer("grpc-status"))));

        assertThat(status).isEqualTo("0");
        assertThat(curl.get("/v1/tags?entity=container_id://never&wait=200ms").status())
                .isEqualTo(404);
        http2.close();
        awaitNothingIsLeft();
    }

    /** Names of services and symbols that nobody has: nothing of them stays, and long ones are refused. */
    @Test
    void standardServices_rememberNothing() throws Exception {
        HttpClientRequest watch = call(http2, "/grpc.health.v1.Health/Watch");
        assertThat(status(get(watch.end(message(new byte[0])).compose(nothing -> watch.response()))))
                .isEqualTo("12");
        HttpClientRequest call = call(http2, REFLECTION);
        List<Buffer> answers = new CopyOnWriteArrayList<>();
        call.response().onSuccess(response -> response.handler(answers::add));
        ServerReflectionRequest longest = ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("x".repeat(60_000))
                .build();
        for (int i = 0; i < 20; i++) {
            call.write(message(longest.toByteArray()));
        }
        call.end();

        await().until(() -> server.statistics().codes().getOrDefault("OK", 0L) == 1);
        assertThat(answers.stream().mapToInt(Buffer::length).sum()).isLessThan(20 * 200);
    }

    @Test
    void methodThatIsNotThere_isNamedShortly() throws Exception {
        HttpClientRequest call = call(http2, "/tagger.v1.Tagger/" + "x".repeat(10_000));
        HttpClientResponse response = get(call.end(message(new byte[0])).compose(nothing -> call.response()));

        assertThat(response.getHeader("grpc-message"))
                .contains("/tagger.v1.Tagger/Tag")
                .hasSizeLessThan(1_000);
        assertThat(status(response)).isEqualTo("12");
    }

    @Test
    void unreadWatches_areBounded_andOthersAreServed() throws Exception {
        entities(2_000, 1_000);
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            HttpClient client = client(1);
            clients.add(client);
            for (int j = 0; j < 80; j++) {
                HttpClientRequest call = call(client, WATCH);
                call.response().onSuccess(HttpClientResponse::pause);
                call.write(message(new byte[0]));
            }
        }
        await().until(() -> server.statistics().requests() == 400);
        await().until(() -> server.statistics().watchers() == 5 + 128); // of 256, one user may hold half
        assertThat(server.statistics().held().unread()).isLessThan(17 << 20);
        assertHealthyCallersAreServed();
        Process watch = curl.follow("/v1/watch");
        try (var lines = watch.inputReader()) {
            assertThat(lines.readLine()).contains("added");
        } finally {
            watch.destroy();
        }
        clients.forEach(HttpClient::close);

        awaitNothingIsLeft();
    }

    @Test
    void callsUnderWay_areBounded_andAnotherConnectionIsServed() throws Exception {
        IpcSettings.Shared usual = IpcSettings.Limits.defaults().shared();
        serve(Limits.of(new IpcSettings.Shared(10, usual.watches(), usual.lists(), usual.unread())), Optional.empty());
        HttpClient client = client(1);
        for (int i = 0; i < 30; i++) {
            call(client, TAG).write(Buffer.buffer(new byte[] {0}));
        }
        await().until(() -> server.statistics().codes().getOrDefault("RESOURCE_EXHAUSTED", 0L) == 24);

        assertHealthyCallersAreServed();
    }

    @Test
    void compressedMessage_isRefused_beforeItIsInflated() throws Exception {
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(small)) {
            gzip.write(new byte[60 << 20]);
        }
        HttpClientRequest call = call(http2, TAG, "grpc-encoding", "gzip");
        Buffer message =
                Buffer.buffer().appendByte((byte) 1).appendInt(small.size()).appendBytes(small.toByteArray());
        HttpClientResponse response = get(call.end(message).compose(nothing -> call.response()));

        assertThat(response.getHeader("grpc-accept-encoding")).isEqualTo("identity");
        assertThat(status(response)).isEqualTo("12");
    }

    @Test
    void idThatIsTooLong_isRefusedWithTheLimit() throws Exception {
        String entity = "container_id://" + "x".repeat(15_000);
        Curl.Answer answer = curl.get("/v1/tags?entity=" + entity);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorMessage()).contains("it has more than 512 bytes");
        Buffer message = Buffer.buffer()
                .appendByte((byte) 0)
                .appendInt(entity.length() + 3)
                .appendByte((byte) 0x0a)
                .appendByte((byte) (entity.length() & 0x7f | 0x80))
                .appendByte((byte) (entity.length() >> 7))
                .appendString(entity);
        HttpClientRequest call = call(http2, TAG);
        HttpClientResponse response = get(call.end(message).compose(nothing -> call.response()));

        assertThat(status(response)).isEqualTo("3");
    }

    // Odd requests.

    @ParameterizedTest
    @ValueSource(strings = {"/v1/watch", "/v1/entities"})
    void answerInParts_overHttp10_isRefused(String path) throws Exception {
        assertThat(ask("GET " + path + " HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 505");
        assertThat(ask("GET /healthz HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200");
    }

    @Test
    void upgradeWithAnEmptyHost_isAnsweredOrClosed() throws Exception {
        ask("GET /healthz HTTP/1.1\r\nHost: \r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");

        assertHealthyCallersAreServed();
        assertThat(server.statistics().codes()).doesNotContainKey("500");
    }

    @Test
    void malformedMessages_areInvalidArguments() {
        for (byte[] bytes :
                List.of(new byte[] {(byte) 0xff}, new byte[] {0x0a, 0x7f, 1}, new byte[] {0x0b, 0x0b, 0x0b})) {
            HttpClientRequest call = call(http2, TAG);
            HttpClientResponse response = get(call.end(message(bytes)).compose(nothing -> call.response()));
            assertThat(status(response)).isEqualTo("3");
        }
    }

    // The socket's files.

    @Test
    void socketAndLock_haveTheirModesFromTheBeginning_andNothingElseIsLeft() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("tagger.sock", "tagger.sock.lock");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tagger.sock.lock"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
        server.close();
        Files.setPosixFilePermissions(
                directory.resolve("tagger.sock.lock"), PosixFilePermissions.fromString("rw-r--r--"));
        serve(Limits.of(32, LONG), Optional.empty());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("tagger.sock.lock"))))
                .isEqualTo("rw-------");
    }

    @Test
    void fifo_isRefused_andStays() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        for (Path path : List.of(fifo, Path.of("/dev/null"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> IpcServer.start(
                            tagger,
                            new IpcSettings(path, "0660", Limits.of(32, LONG), Optional.empty()),
                            statistics -> ""))
                    .withMessageContaining("exists and is no socket");
            assertThat(Files.exists(path)).isTrue();
        }
    }

    private String ask(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, request);
            channel.shutdownOutput();
            return readAll(channel);
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(4_096);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
