package io.tagger.datadog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.config.ConfigLayers;
import io.tagger.datadog.wire.EventType;
import io.tagger.datadog.wire.FetchEntityRequest;
import io.tagger.datadog.wire.FetchEntityResponse;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoRequest.LocalData;
import io.tagger.datadog.wire.GenerateContainerIDFromOriginInfoResponse;
import io.tagger.datadog.wire.HostnameReply;
import io.tagger.datadog.wire.HostnameRequest;
import io.tagger.datadog.wire.StreamTagsEvent;
import io.tagger.datadog.wire.StreamTagsRequest;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.tagger.origin.Origins;
import io.tagger.runtime.LocalTagger;
import io.vertx.grpc.common.GrpcStatus;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server over its real port, with a caller that verifies the certificate. */
class DatadogServerTest {
    private static final EntityId WEB = EntityId.container("web");
    private static final EntityId POD = EntityId.pod("pod-1");
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    static Path folder; // one certificate for all tests: keytool takes a second

    private final Feed feed = new Feed();
    private LocalTagger tagger;
    private DatadogServer server;
    private Client client;

    private void start(DatadogSettings.Times times) throws Exception {
        start("", times);
    }

    private void start(String configuration, DatadogSettings.Times times) throws Exception {
        tagger = LocalTagger.builder()
                .collector(() -> feed)
                .config(ConfigLayers.empty().text(configuration).build())
                .build();
        start(tagger, times);
    }

    private void start(LocalTagger tagger, DatadogSettings.Times times) throws Exception {
        Origins origins = new Origins(
                new Origins.Folders(Path.of("/proc"), Path.of("/sys/fs/cgroup")),
                Runnable::run,
                unknown -> Optional.empty());
        server = DatadogServer.start(
                tagger,
                origins,
                new DatadogSettings(
                        "127.0.0.1",
                        0,
                        folder.resolve("auth_token"),
                        folder.resolve("ipc_cert.pem"),
                        "test-host",
                        times));
        client = client(Files.readString(folder.resolve("auth_token")));
    }

    private Client client(String token) {
        return new Client(server.port(), folder.resolve("ipc_cert.pem"), token);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        tagger.close();
    }

    private static StreamTagsRequest kinds(String... kinds) {
        return StreamTagsRequest.newBuilder()
                .setCardinalityValue(2)
                .addAllPrefixes(List.of(kinds))
                .setStreamingID("trace_agent:1")
                .build();
    }

    private static String name(StreamTagsEvent event) {
        assertThat(event.hasEntity()).isTrue();
        assertThat(event.getEntity().hasId()).isTrue();
        return event.getEntity().getId().getPrefix() + "://"
                + event.getEntity().getId().getUid();
    }

    private static List<String> names(List<StreamTagsEvent> events) {
        return events.stream().map(DatadogServerTest::name).toList();
    }

    // The stream.

    @Test
    void stream_hasTheMachine_thenContainersAndPods_thenTheRest_andChanges() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.send(
                Feed.info(EntityId.host("test-host")).low("a", "1").build(),
                Feed.info(EntityId.GLOBAL).low("rack", "7").build(),
                Feed.info(WEB)
                        .low("team", "core")
                        .standard("env", "prod")
                        .orchestrator("pod_name", "web-1")
                        .high("container_id", "web")
                        .build(),
                Feed.info(POD).low("team", "core").incomplete().build());
        feed.synced();

        Client.Stream stream = client.stream(kinds("container_id", "kubernetes_pod_uid", "host", "internal"));
        await().untilAsserted(() -> assertThat(names(stream.events())).hasSizeGreaterThanOrEqualTo(4));

        assertThat(names(stream.events()).get(0)).isEqualTo("internal://global-entity-id");
        assertThat(names(stream.events()).subList(1, 3))
                .containsExactlyInAnyOrder("container_id://web", "kubernetes_pod_uid://pod-1");
        assertThat(names(stream.events()).get(3)).startsWith("host://");
        StreamTagsEvent web = stream.events().stream()
                .filter(event -> name(event).equals("container_id://web"))
                .findFirst()
                .orElseThrow();
        assertThat(web.getType()).isEqualTo(EventType.ADDED);
        assertThat(web.getEntity().getLowCardinalityTagsList()).containsExactly("env:prod", "team:core");
        assertThat(web.getEntity().getOrchestratorCardinalityTagsList()).containsExactly("pod_name:web-1");
        assertThat(web.getEntity().getHighCardinalityTagsList()).containsExactly("container_id:web");
        assertThat(web.getEntity().getStandardTagsList()).containsExactly("env:prod");
        assertThat(web.getEntity().getIsComplete()).isTrue();
        assertThat(stream.events().get(0).getEntity().getLowCardinalityTagsList())
                .containsExactly("rack:7");

        feed.send(Feed.info(WEB).low("team", "moved").build());
        await().until(() -> stream.events().size() >= 5);
        assertThat(stream.events().get(4).getType()).isEqualTo(EventType.MODIFIED);
        assertThat(stream.events().get(4).getEntity().getLowCardinalityTagsList())
                .containsExactly("team:moved");
        feed.send(TagInfo.deletion("feed", WEB));
        tagger.prune();
        await().until(() -> stream.events().size() >= 6);
        assertThat(stream.events().get(5).getType()).isEqualTo(EventType.DELETED);
        assertThat(name(stream.events().get(5))).isEqualTo("container_id://web");
    }

    @Test
    void stream_ofAnEmptyTagger_hasTheMachineAllTheSame() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.synced();

        Client.Stream stream = client.stream(kinds("internal", "container_id"));

        await().until(() -> stream.events().size() == 1);
        assertThat(name(stream.events().get(0))).isEqualTo("internal://global-entity-id");
    }

    @Test
    void stream_hasOnlyKindsThatTheClientKnows() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.send(
                Feed.info(EntityId.of("book", "1")).low("a", "1").build(),
                Feed.info(WEB).low("a", "1").build(),
                Feed.info(POD).low("a", "1").build());
        feed.synced();

        Client.Stream some = client.stream(kinds("container_id"));
        Client.Stream unnamed = client.stream(kinds());
        await().until(() -> !some.responses.isEmpty() && !unnamed.responses.isEmpty());
        feed.send(Feed.info(EntityId.of("book", "2")).low("a", "1").build());
        feed.send(Feed.info(EntityId.container("last")).low("a", "1").build());
        await().until(() -> names(some.events()).contains("container_id://last")
                && names(unnamed.events()).contains("container_id://last"));

        assertThat(names(some.events())).containsExactly("container_id://web", "container_id://last");
        assertThat(names(unnamed.events()))
                .contains("kubernetes_pod_uid://pod-1", "internal://global-entity-id")
                .noneMatch(name -> name.startsWith("book"));
    }

    @Test
    void responses_haveAtMost2MiB_andTheFirstIsFull() throws Exception {
        start("tagger.collect.max-entities = 20000", DatadogSettings.Times.DEFAULT);
        sendMuch();

        Client.Stream stream = client.stream(kinds("container_id", "internal"));
        await().atMost(Duration.ofMinutes(1)).until(() -> stream.events().size() == 4001);

        assertThat(stream.responses)
                .hasSizeGreaterThan(2)
                .allSatisfy(response -> assertThat(response.getSerializedSize()).isLessThanOrEqualTo(2 * 1024 * 1024));
        assertThat(stream.responses.get(0).getSerializedSize()).isGreaterThan(2 * 1024 * 1024 - 2000);
        assertThat(Set.copyOf(names(stream.events()))).hasSize(4001);
    }

    @Test
    void headers_comeAtOnce_andEventsAfterTheSync() throws Exception {
        start(new DatadogSettings.Times(LONG, LONG, LONG, LONG));
        feed.send(Feed.info(WEB).low("a", "1").build());

        Client.Stream stream = client.stream(kinds("container_id", "internal"));
        await().until(() -> stream.hasHeaders);
        feed.send(Feed.info(POD).low("a", "1").build());
        assertThat(stream.responses).isEmpty();

        feed.send(Feed.info(WEB).low("a", "2").build());
        feed.synced();
        await().until(() -> !stream.responses.isEmpty());
        assertThat(stream.events()).hasSize(2);
        assertThat(stream.events().get(1).getType()).isEqualTo(EventType.ADDED);
        assertThat(stream.events().get(1).getEntity().getLowCardinalityTagsList())
                .containsExactly("a:2");
    }

    @Test
    void events_comeWithoutASync_whenTheTimeOfTheCollectorsIsOver() throws Exception {
        start(new DatadogSettings.Times(Duration.ofMillis(100), LONG, LONG, LONG));
        feed.send(Feed.info(WEB).low("a", "1").build());

        Client.Stream stream = client.stream(kinds("container_id"));

        await().until(() -> names(stream.events()).contains("container_id://web"));
        assertThat(tagger.status().ready()).isFalse();
    }

    @Test
    void quietStream_getsEmptyResponses() throws Exception {
        start(new DatadogSettings.Times(LONG, Duration.ofMillis(100), LONG, LONG));
        feed.synced();

        Client.Stream stream = client.stream(kinds("internal"));

        await().until(() -> stream.responses.stream()
                        .filter(response -> response.equals(StreamTagsResponse.getDefaultInstance()))
                        .count()
                >= 3);
        await().until(() -> stream.events().size() == 1);
        assertThat(stream.isOver).isFalse();
    }

    private void sendMuch() throws Exception {
        List<TagInfo> infos = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            infos.add(Feed.info(EntityId.container("c" + i))
                    .low("filler", "x".repeat(1500))
                    .build());
        }
        feed.send(infos);
        feed.synced();
    }

    @Test
    void streamOfAClientThatDoesNotRead_ends() throws Exception {
        start(
                "tagger.collect.max-entities = 20000",
                new DatadogSettings.Times(LONG, LONG, Duration.ofMillis(300), LONG));
        sendMuch();

        Client.Stream stuck = client.stuck(kinds("container_id"));

        await().until(() -> stuck.hasHeaders);
        await().until(() -> tagger.status().size().subscriptions() == 0);
        await().until(() -> stuck.isOver);
    }

    @Test
    void roomOfStreamsThatDoNotRead_isFreeAfterTheirEnd() throws Exception {
        start(
                "tagger.collect.max-entities = 20000",
                new DatadogSettings.Times(LONG, LONG, Duration.ofMillis(300), LONG));
        sendMuch();
        for (int i = 0; i < 6; i++) { // more full responses than there is room for
            Client.Stream stuck = client.stuck(kinds("container_id"));
            await().until(() -> stuck.isOver);
        }

        try (Client other = client(Files.readString(folder.resolve("auth_token")))) {
            Client.Stream reading = other.stream(kinds("internal"));
            await().until(() -> reading.events().size() == 1);
        }
    }

    @Test
    void clientThatDoesNotRead_holdsUpNoOther() throws Exception {
        start("tagger.collect.max-entities = 20000", new DatadogSettings.Times(LONG, LONG, LONG, LONG));
        sendMuch();
        Client.Stream stuck = client.stuck(kinds("container_id"));
        await().until(() -> stuck.hasHeaders);

        try (Client other = client(Files.readString(folder.resolve("auth_token")))) {
            Client.Stream reading = other.stream(kinds("kubernetes_pod_uid", "internal"));
            await().until(() -> reading.events().size() == 1);
            feed.send(Feed.info(POD).low("a", "1").build());
            await().until(() -> names(reading.events()).contains("kubernetes_pod_uid://pod-1"));
        }
        assertThat(stuck.isOver).isFalse();
    }

    @Test
    void endOfAClient_endsItsSubscription() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.synced();
        Client.Stream stream = client.stream(kinds("internal"));
        await().until(() -> !stream.responses.isEmpty());
        assertThat(tagger.status().size().subscriptions()).isEqualTo(1);

        client.close();

        await().until(() -> tagger.status().size().subscriptions() == 0);
    }

    @Test
    void endOfACall_endsItsSubscription_andTheConnectionGoesOn() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.synced();
        for (int i = 0; i < 70; i++) { // more than the server has room for
            Client.Stream stream = client.stream(kinds("internal"));
            await().until(() -> !stream.responses.isEmpty());
            client.cancel();
        }

        await().until(() -> tagger.status().size().subscriptions() == 0);
        Client.Stream stream = client.stream(kinds("internal"));
        await().until(() -> !stream.responses.isEmpty());
    }

    @Test
    void streamsOverTheBound_areRefused_andTheOthersGoOn() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.synced();
        for (int i = 0; i < 64; i++) {
            Client.Stream stream = client.stream(kinds("container_id"));
            await().until(() -> stream.hasHeaders);
        }

        assertThat(client.call(
                                "AgentSecure",
                                "TaggerStreamEntities",
                                kinds("container_id"),
                                StreamTagsResponse.getDefaultInstance())
                        .status())
                .isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
    }

    @Test
    void completeness_waitsForACollectorThatStarts() throws Exception {
        CompletableFuture<Void> detect = new CompletableFuture<>();
        tagger = LocalTagger.builder()
                .collector(() -> feed)
                .collector(() -> new Starting(detect))
                .build();
        start(tagger, new DatadogSettings.Times(Duration.ofMillis(1), LONG, LONG, LONG));
        feed.send(Feed.info(WEB).low("a", "1").build());
        feed.synced();

        Client.Stream stream = client.stream(kinds("container_id"));
        await().until(() -> stream.events().size() == 1);

        assertThat(stream.events().get(0).getEntity().getIsComplete()).isFalse();
        detect.complete(null);
    }

    @Test
    void endOfTheServer_endsStreams() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.synced();
        Client.Stream stream = client.stream(kinds("internal"));
        await().until(() -> !stream.responses.isEmpty());

        server.close();

        await().until(() -> stream.isOver);
    }

    @Test
    void cardinalityOfALaterVersion_isRefused() throws Exception {
        start(DatadogSettings.Times.DEFAULT);

        var answer = client.call(
                "AgentSecure",
                "TaggerStreamEntities",
                StreamTagsRequest.newBuilder().setCardinalityValue(3).build(),
                StreamTagsResponse.getDefaultInstance());

        assertThat(answer.status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }

    // Questions.

    private Client.Answer<FetchEntityResponse> fetch(FetchEntityRequest.Builder question) throws Exception {
        return client.call(
                "AgentSecure", "TaggerFetchEntity", question.build(), FetchEntityResponse.getDefaultInstance());
    }

    private static FetchEntityRequest.Builder entity(String kind, String id, int level) {
        return FetchEntityRequest.newBuilder()
                .setId(io.tagger.datadog.wire.EntityId.newBuilder()
                        .setPrefix(kind)
                        .setUid(id))
                .setCardinalityValue(level);
    }

    @Test
    void fetch_hasTheTagsOfALevel_andUnknownIsNoError() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.send(Feed.info(WEB)
                .low("a", "1")
                .orchestrator("b", "2")
                .high("c", "3")
                .build());
        feed.synced();

        assertThat(fetch(entity("container_id", "web", 0)).value().getTagsList())
                .containsExactly("a:1");
        assertThat(fetch(entity("container_id", "web", 1)).value().getTagsList())
                .containsExactly("a:1", "b:2");
        assertThat(fetch(entity("container_id", "web", 2)).value().getTagsList())
                .containsExactly("a:1", "b:2", "c:3");
        for (FetchEntityRequest.Builder unknown : List.of(
                entity("container_id", "nonexistent", 2), entity("No Kind", "x", 2), entity("container_id", "", 2))) {
            var answer = fetch(unknown);
            assertThat(answer.status()).isEqualTo(GrpcStatus.OK);
            assertThat(answer.value().getTagsList()).isEmpty();
            assertThat(answer.value().getId()).isEqualTo(unknown.getId());
        }
        assertThat(fetch(entity("container_id", "hangs", 2)).status())
                .as("before the caller's deadline of 2 s")
                .isEqualTo(GrpcStatus.OK);
        assertThat(fetch(FetchEntityRequest.newBuilder()).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        assertThat(fetch(entity("container_id", "web", 3)).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
    }

    private Client.Answer<GenerateContainerIDFromOriginInfoResponse> origin(LocalData.Builder local) throws Exception {
        return client.call(
                "AgentSecure",
                "TaggerGenerateContainerIDFromOriginInfo",
                GenerateContainerIDFromOriginInfoRequest.newBuilder()
                        .setLocalData(local)
                        .build(),
                GenerateContainerIDFromOriginInfoResponse.getDefaultInstance());
    }

    @Test
    void origin_isTheGivenContainer_orAnError() throws Exception {
        start(DatadogSettings.Times.DEFAULT);

        assertThat(origin(LocalData.newBuilder().setContainerID("web")).value().getContainerID())
                .isEqualTo("web");
        assertThat(origin(LocalData.newBuilder().setProcessID(0).setContainerID(""))
                        .status())
                .isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        assertThat(origin(LocalData.newBuilder().setProcessID(-1)).status()).isEqualTo(GrpcStatus.NOT_FOUND);
        assertThat(origin(LocalData.newBuilder().setInode(1)).status()).isEqualTo(GrpcStatus.NOT_FOUND);
    }

    // Trust.

    private static Client.Answer<HostnameReply> hostName(Client caller) throws Exception {
        return caller.call(
                "Agent", "GetHostname", HostnameRequest.getDefaultInstance(), HostnameReply.getDefaultInstance());
    }

    @Test
    void hostName_needsNoToken_andAllElseDoes() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        for (String token : new String[] {null, "0".repeat(64)}) {
            try (Client stranger = client(token)) {
                assertThat(hostName(stranger).value().getHostname()).isEqualTo("test-host");
                for (String method : List.of(
                        "TaggerStreamEntities",
                        "TaggerFetchEntity",
                        "TaggerGenerateContainerIDFromOriginInfo",
                        "WorkloadmetaStreamEntities")) {
                    assertThat(stranger.call(
                                            "AgentSecure",
                                            method,
                                            HostnameRequest.getDefaultInstance(),
                                            HostnameReply.getDefaultInstance())
                                    .status())
                            .isEqualTo(GrpcStatus.UNAUTHENTICATED);
                }
            }
        }
        assertThat(client.call(
                                "AgentSecure",
                                "WorkloadmetaStreamEntities",
                                HostnameRequest.getDefaultInstance(),
                                HostnameReply.getDefaultInstance())
                        .status())
                .isEqualTo(GrpcStatus.UNIMPLEMENTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /agent/tagger-list HTTP/1.1\r\n"})
    void connectionWithoutAToken_isClosed(String begin) throws Exception {
        start(new DatadogSettings.Times(LONG, LONG, LONG, Duration.ofMillis(200)));

        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            in.readAllBytes(); // returns when the server has closed the connection
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void connectionWithTlsButWithoutAToken_isClosed_andOneWithTheTokenStays() throws Exception {
        start(new DatadogSettings.Times(LONG, Duration.ofMillis(90), LONG, Duration.ofMillis(500)));
        feed.synced();
        try (Client stranger = client(null);
                Socket socket = trusting().createSocket("127.0.0.1", server.port())) {
            assertThat(hostName(stranger).status()).isEqualTo(GrpcStatus.OK);
            ((SSLSocket) socket).startHandshake();

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        Client.Stream stream = client.stream(kinds("internal"));
        await().until(() -> stream.responses.size() > 20); // twice the time of admission
        assertThat(stream.isOver).isFalse();
    }

    private static SSLSocketFactory trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        try (InputStream pem = Files.newInputStream(folder.resolve("ipc_cert.pem"))) {
            trusted.setCertificateEntry(
                    "ipc", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    @Test
    void connectionsOverTheBound_areClosed_andTheOthersGoOn() throws Exception {
        start(new DatadogSettings.Times(LONG, LONG, LONG, LONG));
        feed.synced();
        Client.Stream stream = client.stream(kinds("internal", "container_id"));
        await().until(() -> !stream.responses.isEmpty());
        List<Socket> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                crowd.add(new Socket("127.0.0.1", server.port()));
            }
            assertThat(crowd.get(0).getInputStream().read())
                    .as("the oldest stranger gives way")
                    .isEqualTo(-1);
            try (Client late = client(Files.readString(folder.resolve("auth_token")))) {
                assertThat(hostName(late).status()).isEqualTo(GrpcStatus.OK);
            }
            feed.send(Feed.info(WEB).low("a", "1").build());
            await().until(() -> names(stream.events()).contains("container_id://web"));
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    @Test
    void occupiedPort_isNamed_withTheWayOut() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        DatadogSettings same = new DatadogSettings(
                "127.0.0.1",
                server.port(),
                folder.resolve("auth_token"),
                folder.resolve("ipc_cert.pem"),
                "",
                DatadogSettings.Times.DEFAULT);

        assertThatThrownBy(() -> DatadogServer.start(tagger, null, same))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the port 127.0.0.1:" + server.port())
                .hasMessageContaining("DD_CMD_PORT");
    }

    // The list.

    private String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-s",
                "-w",
                " %{http_code}",
                "--cacert",
                folder.resolve("ipc_cert.pem").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void list_isTheOneOfTaggerList() throws Exception {
        start(DatadogSettings.Times.DEFAULT);
        feed.send(Feed.info(WEB).low("a", "1").high("c", "3").build());
        String address = "https://localhost:" + server.port() + "/agent/tagger-list";
        String bearer = "Authorization: Bearer " + Files.readString(folder.resolve("auth_token"));

        assertThat(curl("-H", bearer, address))
                .contains("{\"Entities\":{")
                .contains("\"container_id://web\":{\"tags\":{\"feed\":[\"a:1\",\"c:3\"]}}")
                .endsWith(" 200");
        assertThat(curl(address)).contains("auth_token").endsWith(" 401");
        assertThat(curl("-H", bearer, address + "2")).endsWith(" 404");
        assertThat(curl("-H", bearer, "-X", "POST", address)).endsWith(" 405");
        assertThat(List.of(curl("-H", bearer, "--http1.1", address), curl("-H", bearer, "--http2", address)).stream()
                        .map(answer -> answer.substring(answer.length() - 4))
                        .collect(Collectors.toSet()))
                .containsExactly(" 200");
    }
}
