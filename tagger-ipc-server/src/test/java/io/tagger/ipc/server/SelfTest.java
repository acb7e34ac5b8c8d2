package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.epoll.Epoll;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.server.IpcSettings.OriginSettings;
import io.tagger.origin.Origins;
import io.tagger.testkit.FakeTagger;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /v1/self}, {@code /v1/origin} and waits, over the real socket; the kernel's folders are copies. */
class SelfTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final String OTHER = "9d8c7b6a".repeat(8);
    private static final String POD = "2b5a7c9e-1f3d-4a6b-8c0e-9d2f4a6b8c0e";
    private static final EntityId CONTAINER = EntityId.container(ID);
    private static final long OWN = ProcessHandle.current().pid();

    private final FakeTagger tagger = new FakeTagger();

    @TempDir
    Path directory;

    private Path processes;
    private Path cgroups;
    private Path socket;
    private Curl curl;
    private IpcServer server;

    @BeforeEach
    void start() throws IOException {
        processes = Files.createDirectory(directory.resolve("proc"));
        cgroups = Files.createDirectory(directory.resolve("cgroup"));
        socket = directory.resolve("tagger.sock");
        curl = new Curl(socket);
        server = IpcServer.start(
                tagger,
                new IpcSettings(
                        socket,
                        "0660",
                        Limits.of(32, Duration.ofSeconds(60)),
                        new IpcSettings.Ports(Optional.empty(), Optional.empty()),
                        new OriginSettings(new Origins.Folders(processes, cgroups), "node-7"),
                        IpcSettings.ResourceSettings.DEFAULT),
                statistics -> "");
        tagger.set(TagInfo.builder("test", CONTAINER)
                .low("image_name", "web")
                .standard("env", "prod")
                .high("container_id", ID)
                .build());
        tagger.set(TagInfo.builder("test", EntityId.pod(POD))
                .low("kube_namespace", "shop")
                .build());
        tagger.set(TagInfo.builder("test", EntityId.host("node-7"))
                .low("os", "linux")
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Puts a process into a cgroup. */
    private void process(long pid, String cgroup) throws IOException {
        Path process = Files.createDirectories(processes.resolve(Long.toString(pid)));
        Files.writeString(process.resolve("stat"), pid + " (x) S " + "1 ".repeat(18) + "55 0\n");
        Files.writeString(process.resolve("cgroup"), cgroup);
    }

    /** The answer to this JVM, whose process the kernel names. */
    private JsonObject self(String query, String... headers) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return ask(channel, query, headers);
        }
    }

    private static JsonObject ask(SocketChannel channel, String query, String... headers) throws IOException {
        channel.write(ByteBuffer.wrap(("GET /v1/self" + query + " HTTP/1.1\r\nHost: x\r\n"
                        + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
        StringBuilder answer = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        while (!answer.toString().matches("(?s).*\r\n\r\n\\{.*\\}")) {
            assertThat(channel.read(buffer.clear())).as(answer.toString()).isPositive();
            answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
        return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    }

    @Test
    void nativeTransport_isThere() {
        Epoll.ensureAvailability();
    }

    @Test
    void container_ofTheCaller_withItsPod() throws Exception {
        process(OWN, "0::/kubepods/pod" + POD + "/" + ID + "\n");

        assertThat(self("?cardinality=high"))
                .isEqualTo(new JsonObject("""
                        {"entity": "container_id://ID", "how": "peer pid", "cardinality": "high",
                         "tags": ["env:prod", "image_name:web", "container_id:ID"], "standard": ["env:prod"],
                         "complete": true,
                         "around": {"entity": "kubernetes_pod_uid://POD", "tags": ["kube_namespace:shop"], "complete": true}}
                        """.replace("ID", ID).replace("POD", POD)));
    }

    @Test
    void resource_hasTheNamesOfOpenTelemetry() throws Exception {
        tagger.set(TagInfo.builder("test", EntityId.resource(CONTAINER))
                .low("k8s.node.name", "n1")
                .build());
        JsonObject expected = new JsonObject("""
                {"entity": "container_id://ID", "conventions": "1.44.0", "complete": true, "attributes": {
                 "container.id": "ID", "container.image.name": "web", "deployment.environment.name": "prod",
                 "k8s.node.name": "n1"}}
                """.replace("ID", ID));

        assertThat(curl.get("/v1/resource?entity=" + CONTAINER).json()).isEqualTo(expected);
        assertThat(curl.get("/v1/resource?entity=self", "-H", "Tagger-Local-Data: ci-" + ID)
                        .json())
                .isEqualTo(expected);
        assertThat(curl.get("/v1/resource?entity=host://node-7").json().getJsonObject("attributes"))
                .isEqualTo(new JsonObject("{\"os.type\": \"linux\"}"));
    }

    @ParameterizedTest
    @CsvSource({
        "entity=container_id://none, 404, unknown_entity",
        "entity=self, 404, unknown_origin",
        "entity=nothing, 400, bad_request",
        "wait=1s, 400, bad_request",
        "entity=self&cardinality=low, 400, bad_request",
        "entity=self&wait=31s, 400, bad_request"
    })
    void resource_ofNobody_orOfAnInvalidQuestion(String query, int status, String code) throws Exception {
        Curl.Answer answer = curl.get("/v1/resource?" + query);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().getJsonObject("error").getString("code")).isEqualTo(code);
    }

    @Test
    void processOutsideOfContainers_hasTheMachineAround() throws Exception {
        process(OWN, "0::/system.slice/web.service\n");

        JsonObject answer = self("");
        assertThat(answer.getString("entity")).isEqualTo("process://" + OWN);
        assertThat(answer.getJsonObject("around"))
                .isEqualTo(new JsonObject(
                        "{\"entity\": \"host://node-7\", \"tags\": [\"os:linux\"], \"complete\": true}"));
    }

    @Test
    void secondQuestionOfAConnection_isAnsweredFromMemory_andAnotherProcessIsNot() throws Exception {
        process(OWN, "0::/docker/" + ID + "\n");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(ask(channel, "").getString("entity")).isEqualTo(CONTAINER.toString());
            Files.delete(processes.resolve(OWN + "/cgroup"));
            assertThat(ask(channel, "").getString("entity")).isEqualTo(CONTAINER.toString());
        }
        process(OWN, "0::/docker/" + OTHER + "\n");
        Files.writeString(processes.resolve(OWN + "/stat"), OWN + " (x) S " + "1 ".repeat(18) + "77 0\n");

        assertThat(self("").getString("entity")).isEqualTo("container_id://" + OTHER);
    }

    @Test
    void forgedHeader_losesToTheKernel_andIsCounted() throws Exception {
        process(OWN, "0::/docker/" + ID + "\n");

        assertThat(self("", "Tagger-Local-Data: ci-" + OTHER).getString("entity"))
                .isEqualTo(CONTAINER.toString());
        assertThat(server.statistics().conflicts()).isEqualTo(1);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ask(channel, "");
            ask(channel, "", "Tagger-Local-Data: ci-" + OTHER);
        }
        assertThat(server.statistics().conflicts()).isEqualTo(2);
    }

    /** A caller that the agent can't see, such as curl here, with the inode of its cgroup directory. */
    @Test
    void inode_ofACallerThatTheAgentCantSee() throws Exception {
        Files.createFile(cgroups.resolve("cgroup.controllers"));
        Path own = Files.createDirectories(cgroups.resolve("system.slice/docker-" + ID + ".scope"));
        Object inode = Files.getAttribute(own, "unix:ino");

        JsonObject answer =
                curl.get("/v1/self", "-H", "Tagger-Local-Data: in-" + inode).json();
        assertThat(answer.getString("entity")).isEqualTo(CONTAINER.toString());
        assertThat(answer.getString("how")).isEqualTo("cgroup inode");
        assertThat(curl.get("/v1/origin?inode=" + inode).json().getString("entity"))
                .isEqualTo(CONTAINER.toString());
    }

    @Test
    void podAndName_findTheContainer_unlessThereAreTwo() throws Exception {
        tagger.set(TagInfo.builder("test", EntityId.pod("u1"))
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "p")
                .build());
        tagger.set(TagInfo.builder("test", EntityId.container("c9"))
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "p")
                .low("kube_container_name", "main")
                .build());

        JsonObject answer = curl.get("/v1/self", "-H", "Tagger-External-Data: it-false,cn-main,pu-u1")
                .json();
        assertThat(answer.getString("entity")).isEqualTo("container_id://c9");
        assertThat(answer.getString("how")).isEqualTo("as the caller says");
        assertThat(answer.getJsonObject("around").getString("entity")).isEqualTo("kubernetes_pod_uid://u1");
        tagger.set(TagInfo.builder("test", EntityId.container("c8"))
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "p")
                .low("kube_container_name", "main")
                .build());
        await().untilAsserted(() ->
                assertThat(curl.get("/v1/origin?pod=u1&name=main").status()).isEqualTo(404));
    }

    @Test
    void origin_byProcess() throws Exception {
        process(4_711, "0::/docker/" + ID + "\n");

        assertThat(curl.get("/v1/origin?pid=4711").json().getString("how")).isEqualTo("pid");
        assertThat(curl.get("/v1/origin?container=" + ID).json().getString("entity"))
                .isEqualTo(CONTAINER.toString());
    }

    @Test
    void nobodyCanTell_namesBothWays() throws Exception {
        Curl.Answer answer = curl.get("/v1/self");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.errorCode()).isEqualTo("unknown_origin");
        assertThat(answer.errorMessage()).contains("hidepid", "hostPID: true", "Tagger-Local-Data: in-");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /v1/self?wait=soon            | and must be a time such as 500ms or 2s
            /v1/self?wait=31s             | and may be 30s at most
            /v1/tags?entity=host://x&wait=-1s | and must be a time
            /v1/self?pid=1                | there is no parameter
            /v1/origin                    | an origin is named by one of
            /v1/origin?pid=1&inode=2      | an origin is named by one of
            /v1/origin?pod=u1             | an origin is named by one of
            /v1/origin?pid=x              | is no number
            /v1/origin?inode=-1           | is no number
            /v1/origin?container=3f4a     | is no container id
            """)
    void wrongQuestion_isRefusedWithTheRule(String path, String message) throws Exception {
        Curl.Answer answer = curl.get(path);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorMessage()).contains(message);
    }

    @Test
    void wrongHeader_isRefusedWithTheForm() throws Exception {
        Curl.Answer answer = curl.get("/v1/self", "-H", "Tagger-Local-Data: in-x");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorMessage()).contains("Tagger-Local-Data", "'x'");
    }

    @Test
    void manyUnknownInodes_areAnswered() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(curl.get("/v1/self", "-H", "Tagger-Local-Data: in-" + (90_000_000 + i))
                            .status())
                    .isEqualTo(404);
        }
    }

    // Waits.

    @Test
    void wait_endsWhenTheEntityIsComplete() throws Exception {
        EntityId entity = EntityId.container("late");
        CompletableFuture<Curl.Answer> answer = ask("/v1/tags?entity=" + entity + "&wait=20s");
        await().until(() -> server.statistics().requests() == 1);
        tagger.set(TagInfo.builder("test", entity).low("a", "1").incomplete().build());
        assertThat(answer).isNotDone();
        tagger.set(TagInfo.builder("test", entity).low("a", "2").build());

        assertThat(answer.get().json().getJsonArray("tags")).containsExactly("a:2");
        assertThat(answer.get().json().getBoolean("complete")).isTrue();
    }

    @Test
    void wait_ofAnUnknownEntity_endsInTime() throws Exception {
        assertThat(curl.get("/v1/tags?entity=container_id://never&wait=100ms").status())
                .isEqualTo(404);
    }

    /** The first act of a container of a pod that nobody has reported yet. */
    @Test
    void wait_coversAContainerOfAPod() throws Exception {
        CompletableFuture<Curl.Answer> answer =
                ask("/v1/self?wait=20s", "-H", "Tagger-External-Data: it-false,cn-main,pu-u1");
        await().until(() -> server.statistics().requests() == 1);
        tagger.set(TagInfo.builder("test", EntityId.pod("u1"))
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "p")
                .build());
        assertThat(answer).isNotDone();
        tagger.set(TagInfo.builder("test", EntityId.container("c9"))
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "p")
                .low("kube_container_name", "main")
                .build());

        assertThat(answer.get().json().getString("entity")).isEqualTo("container_id://c9");
        assertThat(curl.get("/v1/self?wait=200ms", "-H", "Tagger-External-Data: it-false,cn-other,pu-u1")
                        .status())
                .isEqualTo(404);
    }

    /** Requests that wait hold no thread; a request that its caller gives up leaves nothing. */
    @Test
    void manyWaits_holdNoThread_andOthersAreServed() throws Exception {
        int threads = Thread.activeCount();
        SocketChannel[] waiting = new SocketChannel[12];
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            waiting[i].write(ByteBuffer.wrap(
                    ("GET /v1/tags?entity=container_id://never" + i + "&wait=30s HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII)));
        }
        await().until(() -> server.statistics().requests() == waiting.length);
        assertThat(Thread.activeCount()).isLessThan(threads + waiting.length);
        assertThat(curl.get("/v1/tags?entity=" + CONTAINER).status()).isEqualTo(200);
        for (SocketChannel channel : waiting) {
            channel.close();
        }

        await().until(() -> server.statistics().connections() == 0);
    }

    private CompletableFuture<Curl.Answer> ask(String path, String... options) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return curl.get(path, options);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
