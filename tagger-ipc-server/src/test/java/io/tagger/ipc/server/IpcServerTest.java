package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.testkit.FakeTagger;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP interface over the real socket, with curl and with bytes that no client would send. */
class IpcServerTest {
    private static final EntityId C1 = EntityId.container("c1");

    private final FakeTagger tagger = new FakeTagger();

    @TempDir
    Path directory;

    private Path socket;
    private Curl curl;
    private IpcServer server;

    @BeforeEach
    void start() {
        socket = directory.resolve("run/tagger.sock");
        curl = new Curl(socket);
        server = IpcServer.start(tagger, settings(socket), statistics -> "a_metric 1\n");
        tagger.set(TagInfo.builder("test", C1)
                .low("image_name", "nginx")
                .standard("env", "prod")
                .orchestrator("pod_name", "p")
                .high("container_id", "c1")
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static IpcSettings settings(Path socket) {
        return new IpcSettings(socket, "0660", Limits.of(32, Duration.ofSeconds(60)), Optional.empty());
    }

    private void restart(IpcSettings settings) {
        server.close();
        server = IpcServer.start(tagger, settings, statistics -> "");
    }

    // Answers.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "low          | low          | env:prod image_name:nginx",
                "orch         | orchestrator | env:prod image_name:nginx pod_name:p",
                "HIGH         | high         | env:prod image_name:nginx pod_name:p container_id:c1"
            })
    void tags_ofAnEntity(String asked, String level, String tags) throws Exception {
        Curl.Answer answer = curl.get("/v1/tags?entity=container_id://c1&cardinality=" + asked);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json())
                .isEqualTo(new JsonObject()
                        .put("entity", "container_id://c1")
                        .put("cardinality", level)
                        .put("tags", new JsonArray(List.of(tags.split(" "))))
                        .put("complete", true));
    }

    @Test
    void entity_hasItsLevelsAndSources() throws Exception {
        assertThat(curl.get("/v1/entity?entity=container_id://c1").json()).isEqualTo(new JsonObject("""
                        {"entity":"container_id://c1","low":["env:prod","image_name:nginx"],"orchestrator":["pod_name:p"],
                        "high":["container_id:c1"],"standard":["env:prod"],"complete":true,
                        "sources":[{"name":"test","priority":"node_runtime","complete":true,"all":true}]}"""));
        assertThat(curl.get("/v1/entity?entity=container_id://none").errorCode())
                .isEqualTo("unknown_entity");
        assertThat(curl.get("/v1/entity").status()).isEqualTo(400);
    }

    @Test
    void entities_asLines_areAnEntityEach() throws Exception {
        tagger.set(TagInfo.builder("test", EntityId.pod("p")).low("a", "b").build());

        String[] lines =
                curl.get("/v1/entities?sources=true&prefix=container_id").body().split("\n");

        assertThat(lines).hasSize(1);
        assertThat(new JsonObject(lines[0]))
                .isEqualTo(curl.get("/v1/entity?entity=container_id://c1").json());
        assertThat(curl.get("/v1/entities?sources=true").body().split("\n")).hasSize(2);
    }

    @Test
    void watch_withSources_resumesFromItsToken_andStartsOverWithAnother() throws Exception {
        List<JsonObject> first = watched("/v1/watch?sources=true&cardinality=high", "token");
        assertThat(first).extracting(line -> line.getString("type")).containsExactly("added", "synced", "token");
        assertThat(first.get(0)).isEqualTo(entityLine());
        String token = first.get(2).getString("token");

        tagger.set(TagInfo.builder("test", EntityId.pod("p")).low("a", "b").build());

        List<JsonObject> later = watched("/v1/watch?sources=true&cardinality=high&resume=" + token, "token");
        assertThat(later).extracting(line -> line.getString("entity")).startsWith("kubernetes_pod_uid://p");
        List<JsonObject> other = watched("/v1/watch?sources=true&resume=00ff", "token");
        assertThat(other.get(0).getString("type")).isEqualTo("start_over");
        assertThat(other).extracting(line -> line.getString("type")).contains("added", "synced");
    }

    private JsonObject entityLine() throws Exception {
        JsonObject line = new JsonObject().put("type", "added");
        return line.mergeIn(curl.get("/v1/entity?entity=container_id://c1").json());
    }

    @Test
    void watch_inTheCompactForm_sendsWhatIsSharedOnce() throws Exception {
        tagger.set(TagInfo.builder("test", EntityId.container("c2"))
                .low("image_name", "nginx")
                .standard("env", "prod")
                .build());

        List<JsonObject> lines = watched("/v1/watch?sources=compact&cardinality=high", "token");

        assertThat(lines.get(0).getJsonArray("sources").getJsonObject(0)).isEqualTo(new JsonObject("""
                        {"source":{"number":0,"name":"test","priority":"node_runtime","complete":true},
                        "low":{"number":1,"tags":["env:prod","image_name:nginx"],"standard":["env:prod"]},
                        "orchestrator":["pod_name:p"],"high":["container_id:c1"]}"""));
        assertThat(lines.get(1).getJsonArray("sources").getJsonObject(0))
                .isEqualTo(new JsonObject("{\"source\":0,\"low\":1}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sources=some", "resume=00", "lists=once"})
    void watch_withOddParameters_isRefused(String query) throws Exception {
        assertThat(curl.get("/v1/watch?" + query).status()).isEqualTo(400);
    }

    /** The lines of a watch, up to a line of a type. */
    private List<JsonObject> watched(String path, String last) throws Exception {
        Process process = curl.follow(path);
        List<JsonObject> lines = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(new JsonObject(line));
                if (lines.get(lines.size() - 1).getString("type").equals(last)) {
                    break;
                }
            }
        } finally {
            process.destroy();
        }
        return lines;
    }

    @Test
    void tags_withoutCardinality_areLow_andTheEntityMayBeEncoded() throws Exception {
        assertThat(curl.get("/v1/tags?entity=container_id%3A%2F%2Fc1").json().getString("cardinality"))
                .isEqualTo("low");
    }

    @Test
    void tags_oddValues_surviveAsJson() throws Exception {
        tagger.set(TagInfo.builder("test", C1)
                .low("nl", "a\nb\t\"quoted\" \u00e9\u4e16\ud83d\ude00")
                .build());

        assertThat(curl.get("/v1/tags?entity=container_id://c1")
                        .json()
                        .getJsonArray("tags")
                        .getString(0))
                .isEqualTo("nl:a\nb\t\"quoted\" \u00e9\u4e16\ud83d\ude00");
    }

    @Test
    void tags_incomplete_saysSo() throws Exception {
        tagger.set(TagInfo.builder("test", C1).low("a", "1").incomplete().build());

        assertThat(curl.get("/v1/tags?entity=container_id://c1").json().getBoolean("complete"))
                .isFalse();
    }

    @Test
    void tags_unknown_is404() throws Exception {
        Curl.Answer answer = curl.get("/v1/tags?entity=container_id://nobody");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.errorCode()).isEqualTo("unknown_entity");
        assertThat(answer.errorMessage()).contains("container_id://nobody");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/tags                                          | 'entity' is missing",
                "/v1/tags?entity=no-entity                         | 'no-entity' is no entity id",
                "/v1/tags?entity=                                  | is no entity id",
                "/v1/tags?entity=container_id://c1&cardinality=mid | low, orchestrator (or orch) or high",
                "/v1/tags?entity=container_id://c1&cardinalty=high | no parameter 'cardinalty'",
                "/v1/entities?prefix=No-Prefix                     | 'No-Prefix' is no prefix",
                "/v1/watch?cardinality=x                           | is no cardinality",
                "/v1/collectors?x=y                                | no parameter 'x'"
            },
            quoteCharacter = '\0')
    void malformed_is400WithWhatIsWrong(String path, String message) throws Exception {
        Curl.Answer answer = curl.get(path);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorCode()).isEqualTo("bad_request");
        assertThat(answer.errorMessage()).contains(message);
    }

    @Test
    void elsewhere_is404WithWhatThereIs_andOtherMethodsAre405() throws Exception {
        assertThat(curl.get("/v2/tags").status()).isEqualTo(404);
        assertThat(curl.get("/v2/tags").errorMessage()).contains("/v1/tags", "/metrics");
        assertThat(curl.get("/v1/tags?entity=container_id://c1", "-X", "DELETE").status())
                .isEqualTo(405);
    }

    @Test
    void entities_bySource_filteredByKind() throws Exception {
        tagger.set(TagInfo.builder("other", EntityId.pod("p1")).low("a", "1").build());
        JsonObject expected =
                new JsonObject("{\"entities\":{\"kubernetes_pod_uid://p1\":{\"tags\":{\"other\":[\"a:1\"]}}}}");

        assertThat(curl.get("/v1/entities?prefix=kubernetes_pod_uid").json()).isEqualTo(expected);
        assertThat(curl.get("/v1/entities").json().getJsonObject("entities").fieldNames())
                .containsExactly("container_id://c1", "kubernetes_pod_uid://p1");
        assertThat(curl.get("/v1/entities?prefix=kubernetes_pod_uid&prefix=container_id")
                        .json()
                        .getJsonObject("entities"))
                .hasSize(2);
        assertThat(curl.get("/v1/entities?prefix=nobody").json()).isEqualTo(new JsonObject("{\"entities\":{}}"));
    }

    @Test
    void entities_many_areAllThere() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            tagger.set(TagInfo.builder("test", EntityId.process(i))
                    .low("i", "" + i)
                    .build());
        }
        JsonObject entities = curl.get("/v1/entities?prefix=process").json().getJsonObject("entities");

        assertThat(entities).hasSize(5_000);
        assertThat(entities.getJsonObject("process://4711")
                        .getJsonObject("tags")
                        .getJsonArray("test"))
                .containsExactly("i:4711");
    }

    @Test
    void watch_existingSyncedThenChanges() throws Exception {
        Process watch = curl.follow("/v1/watch?prefix=container_id&cardinality=high");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(new JsonObject(lines.readLine()))
                    .isEqualTo(
                            new JsonObject(
                                    "{\"type\":\"added\",\"entity\":\"container_id://c1\",\"tags\":[\"env:prod\",\"image_name:nginx\",\"pod_name:p\",\"container_id:c1\"]}"));
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"synced\"}");
            tagger.set(TagInfo.builder("test", EntityId.pod("ignored"))
                    .low("a", "1")
                    .build());
            tagger.set(TagInfo.builder("test", C1).low("a", "2").build());
            assertThat(lines.readLine())
                    .isEqualTo("{\"type\":\"modified\",\"entity\":\"container_id://c1\",\"tags\":[\"a:2\"]}");
            tagger.set(TagInfo.deletion("test", C1));
            assertThat(lines.readLine()).isEqualTo("{\"type\":\"deleted\",\"entity\":\"container_id://c1\"}");
        } finally {
            watch.destroy();
        }
        await().until(() -> server.statistics().watchers() == 0);
    }

    @Test
    void collectorsHealthReadinessAndMetrics() throws Exception {
        JsonObject collectors = curl.get("/v1/collectors").json();
        assertThat(collectors.getString("mode")).isEqualTo("fake");
        assertThat(collectors.getBoolean("ready")).isTrue();
        assertThat(collectors.getJsonArray("collectors")).isEmpty();
        assertThat(curl.get("/healthz").status()).isEqualTo(200);
        assertThat(curl.get("/readyz").status()).isEqualTo(200);
        assertThat(curl.get("/metrics").body()).isEqualTo("a_metric 1\n");
    }

    // Limits, and invalid requests.

    @Test
    void requestLine_overTheLimit_is414() throws Exception {
        Curl.Answer answer = curl.get("/v1/tags?entity=container_id://" + "x".repeat(20_000));

        assertThat(answer.status()).isEqualTo(414);
        assertThat(answer.errorMessage()).contains("16384");
    }

    @Test
    void headers_overTheLimit_are431() throws Exception {
        assertThat(curl.get("/healthz", "-H", "X-Large: " + "x".repeat(20_000)).status())
                .isEqualTo(431);
    }

    @Test
    void body_overTheLimit_is413() throws Exception {
        Path file = Files.writeString(directory.resolve("body"), "x".repeat(100_000));

        assertThat(curl.get("/v1/tags", "-X", "GET", "--data-binary", "@" + file)
                        .status())
                .isEqualTo(413);
        assertThat(curl.get("/v1/tags", "-X", "GET", "-H", "Transfer-Encoding: chunked", "--data-binary", "x")
                        .status())
                .isEqualTo(413);
        assertThat(curl.get("/healthz").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "\0\0\0\0\u00ff\u00fe",
                "GET\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand then no frame of HTTP/2",
                "GET /healthz HTTP/9.9\r\n\r\n"
            })
    void garbage_isAnsweredOrClosed_andNobodyElseSuffers(String bytes) throws Exception {
        try (SocketChannel raw = connect()) {
            raw.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
            raw.shutdownOutput();
            String answer = readAll(raw);
            if (bytes.startsWith("PRI * HTTP/2.0")) {
                assertThat(answer.charAt(3))
                        .as("a frame with settings, as HTTP/2 begins")
                        .isEqualTo('\4');
            } else {
                assertThat(answer.isEmpty() || answer.startsWith("HTTP/"))
                        .as(answer)
                        .isTrue();
            }
            assertThat(answer).doesNotContain("200 OK");
        }
        assertThat(curl.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void connection_thatSendsNothing_isClosed_andAQuietWatchIsNot() throws Exception {
        restart(new IpcSettings(socket, "0660", Limits.of(32, Duration.ofMillis(300)), Optional.empty()));
        Process watch = curl.follow("/v1/watch");
        try (SocketChannel silent = connect();
                SocketChannel halfRequest = connect();
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
            halfRequest.write(ByteBuffer.wrap("GET /v1/tags HTTP/1.1\r\nHos".getBytes(StandardCharsets.US_ASCII)));
            assertThat(readAll(silent)).isEmpty();
            readAll(halfRequest);
            while (!lines.readLine().contains("synced")) {
                // The initial state.
            }
            tagger.set(TagInfo.builder("test", C1).low("a", "late").build());
            assertThat(lines.readLine()).contains("a:late");
        } finally {
            watch.destroy();
        }
    }

    @Test
    void watcher_thatNeverReads_isClosed_andHoldsUpNobody() throws Exception {
        restart(new IpcSettings(socket, "0660", Limits.of(32, Duration.ofSeconds(1)), Optional.empty()));
        String large = "x".repeat(10_000);
        try (SocketChannel stuck = connect()) {
            stuck.write(
                    ByteBuffer.wrap("GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            await().until(() -> server.statistics().watchers() == 1);
            for (int i = 0; i < 1_000; i++) {
                tagger.set(TagInfo.builder("test", EntityId.process(i))
                        .low("v", large)
                        .build());
            }
            assertThat(curl.get("/v1/tags?entity=process://999").status()).isEqualTo(200);
            await().until(() -> server.statistics().watchers() == 0);
        }
    }

    @Test
    void client_thatAsksAndNeverReads_isClosed_andHoldsUpNobody() throws Exception {
        restart(new IpcSettings(socket, "0660", Limits.of(32, Duration.ofSeconds(1)), Optional.empty()));
        for (int i = 0; i < 2_000; i++) {
            tagger.set(TagInfo.builder("test", EntityId.process(i))
                    .low("v", "x".repeat(2_000))
                    .build());
        }
        try (SocketChannel stuck = connect()) {
            stuck.write(ByteBuffer.wrap(
                    "GET /v1/entities HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            await().until(() -> server.statistics().connections() == 1);
            assertThat(curl.get("/v1/tags?entity=process://999").status()).isEqualTo(200);
            await().until(() -> server.statistics().connections() == 0);
        }
    }

    @Test
    void misses_waitWithoutAThread_andHitsAreAnsweredMeanwhile() throws Exception {
        server.close();
        CompletableFuture<Optional<EntityTags>> late = new CompletableFuture<>();
        Set<String> callers = ConcurrentHashMap.newKeySet();
        Tagger slow = (Tagger) Proxy.newProxyInstance(
                Tagger.class.getClassLoader(), new Class<?>[] {Tagger.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("lookupFor") && arguments[1].equals(EntityId.process(7))) {
                        callers.add((String) arguments[0]);
                        return late;
                    }
                    return method.invoke(tagger, arguments);
                });
        server = IpcServer.start(slow, settings(socket), statistics -> "");
        int threads = Thread.activeCount();
        List<Process> waiting = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            waiting.add(curl.follow("/v1/tags?entity=process://7"));
        }
        await().until(() -> server.statistics().requests() == 12);

        assertThat(curl.get("/v1/tags?entity=container_id://c1").status()).isEqualTo(200);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
        assertThat(callers).singleElement().asString().startsWith("user ");
        late.complete(Optional.empty());
        for (Process process : waiting) {
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void connections_overTheLimit_areClosed_andCounted() throws Exception {
        restart(new IpcSettings(
                socket, "0660", Limits.of(4, Duration.ofSeconds(60)) /* one user may hold half */, Optional.empty()));
        List<SocketChannel> open = new ArrayList<>();
        try {
            open.add(connect());
            open.add(connect());
            await().until(() -> server.statistics().connections() == 2);
            try (SocketChannel third = connect()) {
                assertThat(readAll(third)).isEmpty();
            }
            assertThat(server.statistics().refused()).isEqualTo(1);
        } finally {
            for (SocketChannel channel : open) {
                channel.close();
            }
        }
        await().until(() -> curl.get("/healthz").status() == 200);
    }

    // The socket.

    @Test
    void socket_hasItsPermissions_andGoesWithTheServer() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
        server.close();
        assertThat(socket).doesNotExist();
        server.close();
    }

    @Test
    void socket_thatIsServed_isRefusedToASecondServer() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> IpcServer.start(tagger, settings(socket), statistics -> ""))
                .withMessageContaining("another agent serves " + socket);
        assertThat(curl.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void socket_thatIsStale_isReplaced() throws Exception {
        server.close();
        try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        server = IpcServer.start(tagger, settings(socket), statistics -> "");

        assertThat(curl.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void socket_ofAnotherProgram_isLeftAlone() throws Exception {
        server.close();
        try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatIllegalStateException()
                    .isThrownBy(() -> IpcServer.start(tagger, settings(socket), statistics -> ""))
                    .withMessageContaining("another program serves " + socket);
            assertThat(socket).exists();
        }
    }

    @Test
    void socket_pathTooLongPlainFileOrNotWritable_isRefusedWithTheReason() throws Exception {
        Path tooLong = directory.resolve("x".repeat(120));
        assertThatIllegalStateException()
                .isThrownBy(() -> IpcServer.start(tagger, settings(tooLong), statistics -> ""))
                .withMessageContaining("bytes")
                .withMessageContaining("107");
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertThatIllegalStateException()
                .isThrownBy(() -> IpcServer.start(tagger, settings(file), statistics -> ""))
                .withMessageContaining("is no socket");
        assertThat(file).hasContent("precious");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> IpcServer.start(tagger, settings(file.resolve("below/a/file.sock")), statistics -> ""))
                .withMessageContaining("can't be made");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> IpcServer.start(tagger, settings(Path.of("/proc/tagger/tagger.sock")), statistics -> ""))
                .withMessageContaining("can't be made");
    }

    @ParameterizedTest
    @ValueSource(strings = {"660x", "888", "", "rw-rw----", "07777"})
    void socketMode_thatIsNotOctal_isRefused(String mode) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IpcSettings(
                        directory.resolve("s"), mode, Limits.of(32, Duration.ofSeconds(60)), Optional.empty()))
                .withMessageContaining("tagger.ipc.socket-mode");
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private static String readAll(SocketChannel channel) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(4_096);
        while (channel.read(buffer) >= 0) {
            text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
            buffer.clear();
        }
        return text.toString();
    }
}
