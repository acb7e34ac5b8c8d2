package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.TerminalFailureException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients of Datadog at the built agent, without a core agent: the Datadog Agent's own remote tagger client, built from its Go
 * modules ({@code TESTS_DATADOG} names the program), and gRPC for Python as a strict second client.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DatadogIT {
    private static final String IMAGE = "acme/shop:1.2.3";

    /** {@code .ci/shows datadog} has 10,000 too; the sizes of a smaller list would say nothing. */
    private static final int ENTITIES = 10_000;

    @TempDir
    Path directory;

    private DockerShell docker;
    private Path conf;
    private int port;
    private Distribution.@Nullable Running agent;
    private @Nullable Process starting;
    private @Nullable Client client;

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue(
                System.getenv("TESTS_DATADOG") != null,
                "SKIPPED: TESTS_DATADOG names no client of Datadog; integrations/datadog/build makes it, and .ci/run does");
        docker = new DockerShell();
        conf = Files.createDirectory(directory.resolve("datadog-agent"));
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void clean() throws Exception {
        if (client != null) {
            client.close();
        }
        if (agent != null) {
            agent.close();
        }
        if (starting != null) {
            starting.destroyForcibly().waitFor();
        }
        if (docker != null) {
            docker.removeImage(IMAGE);
        }
    }

    /** The stock client, with the token and the certificate of the folder. */
    private static final class Client implements AutoCloseable {
        private final Process process;
        private final Writer questions;
        private final BufferedReader answers;
        final Path log;

        Client(Path conf, int port, Path log) throws IOException {
            this.log = log;
            process = new ProcessBuilder(System.getenv("TESTS_DATADOG"), "run", conf.toString(), Integer.toString(port))
                    .redirectError(log.toFile())
                    .start();
            questions = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        Object ask(String question) throws IOException {
            questions.write(question + "\n");
            questions.flush();
            String answer = answers.readLine();
            assertThat(answer).as("%s: %s", question, Files.readString(log)).isNotNull();
            return answer.equals("null") ? new JsonObject() : Json.decodeValue(answer);
        }

        JsonObject entity(String kind, String id) throws IOException {
            return (JsonObject) ask("entity " + kind + " " + id);
        }

        /** The container of the facts about a program; empty if the agent finds none. */
        String origin(String facts) throws IOException {
            return ((JsonObject) ask("origin " + facts)).getString("container");
        }

        boolean isAlive() {
            return process.isAlive();
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    private String config(String more) throws IOException {
        return Files.writeString(
                        directory.resolve("tagger.conf"), """
                tagger {
                  hostname = node-7
                  tags = ["rack:7"]
                  container.labels-as-tags { "com.acme.team" = team }
                  store { deletion-grace = 0s, prune-interval = 1s }
                  datadog { enabled = true, port = %d, auth-token-file = "%s" }
                  collectors { kubernetes.enabled = false, ecs.enabled = false, containerd.enabled = false }
                }
                %s
                """.formatted(port, conf.resolve("auth_token"), more))
                .toString();
    }

    private Distribution.Running agent(String more) throws IOException {
        Path log = directory.resolve("run.log");
        try {
            agent = new Distribution(Distribution.BUILT)
                    .with("DOCKER_HOST", docker.host())
                    .start(log, "-c", config(more), "--socket", socket());
            return agent;
        } catch (TerminalFailureException e) {
            throw new AssertionError(Files.readString(log), e);
        }
    }

    /** Starts an agent without a wait. */
    private void launch(String more) throws IOException {
        starting = new Distribution(Distribution.BUILT)
                .launch(directory.resolve("run.log"), "-c", config(more), "--socket", socket());
    }

    private String socket() {
        return directory.resolve("tagger.sock").toString();
    }

    private Client client() throws IOException {
        client = new Client(conf, port, directory.resolve("client.log"));
        return client;
    }

    private String container(String name) throws Exception {
        return docker.run("docker run -d --network none --cgroupns=private --name " + name + " -l com.acme.team=core"
                + " -l com.datadoghq.tags.service=shop-web -e DD_ENV=prod -e DD_VERSION=7 " + IMAGE
                + " /bin/busybox sleep 1000");
    }

    private static List<String> texts(JsonObject entity, String list) {
        JsonArray texts = entity.getJsonArray(list); // null for none: Go's list of no elements
        return texts == null
                ? List.of()
                : texts.stream().map(String::valueOf).sorted().toList();
    }

    @Test
    void stockClient_hasTheTagsOfARealContainer_andFollowsIt() throws Exception {
        docker.makeImage(IMAGE, directory);
        String imageId = docker.run("docker image inspect -f '{{.Id}}' " + IMAGE);
        agent("tagger.collectors.static.entities {"
                + " \"kubernetes_pod_uid://pod-1\" { low = [\"kube_namespace:shop\"], orchestrator = [\"pod_name:web-1\"] },"
                + " \"container_id://named\" { low = [\"kube_namespace:shop\", \"kube_container_name:web\"],"
                + " orchestrator = [\"pod_name:web-1\"] },"
                + " \"book://1\" { low = [\"a:1\"] } }"); // a kind that would end the client's process
        String id = container("shop-1");
        Client stock = client();

        await().atMost(Duration.ofSeconds(60))
                .until(() -> !stock.entity("container_id", id).isEmpty());
        JsonObject held = stock.entity("container_id", id);

        // What a core agent gives the same container, level by level (TAGS.md).
        List<String> low = Stream.of(
                        "docker_image:" + IMAGE,
                        "image_id:" + imageId,
                        "image_name:acme/shop",
                        "image_tag:1.2.3",
                        "short_image:shop",
                        "env:prod",
                        "service:shop-web",
                        "version:7",
                        "team:core")
                .sorted()
                .toList();
        assertThat(texts(held, "low")).isEqualTo(low);
        assertThat(texts(held, "orchestrator")).isEmpty();
        assertThat(texts(held, "high")).containsExactly("container_id:" + id, "container_name:shop-1");
        assertThat(texts(held, "standard")).containsExactly("env:prod", "service:shop-web", "version:7");
        assertThat(held.getBoolean("complete")).isTrue();
        assertThat(((JsonArray) stock.ask("tags container_id " + id + " low"))
                        .stream().map(String::valueOf).sorted().toList())
                .isEqualTo(low);
        assertThat(((JsonArray) stock.ask("tags container_id " + id + " high"))).hasSize(low.size() + 2);
        assertThat(texts(stock.entity("internal", "global-entity-id"), "low")).containsExactly("rack:7");
        assertThat(texts(stock.entity("host", "node-7"), "low")).contains("rack:7", "host:node-7");
        assertThat(stock.ask("hostname")).isEqualTo("node-7");

        // Origins.
        String pid = docker.run("docker inspect -f '{{.State.Pid}}' " + id);
        String inode = docker.run("docker exec " + id + " /bin/busybox sh -c '/bin/busybox stat -c %i"
                + " $([ -e /sys/fs/cgroup/cgroup.controllers ] && echo /sys/fs/cgroup || echo /sys/fs/cgroup/memory)'");
        assertThat(stock.origin("{\"LocalData\":{\"ProcessID\":" + pid + "}}")).isEqualTo(id);
        assertThat(stock.origin("{\"LocalData\":{\"Inode\":" + inode + "}}")).isEqualTo(id);
        assertThat(stock.origin("{\"ExternalData\":{\"PodUID\":\"pod-1\",\"ContainerName\":\"web\"}}"))
                .isEqualTo("named");
        assertThat(stock.origin("{\"LocalData\":{\"ContainerID\":\"as-given\"}}"))
                .isEqualTo("as-given");
        assertThat(stock.origin("{\"LocalData\":{\"ProcessID\":1}}")).isEmpty();

        // A change, and an end.
        docker.run("docker rename shop-1 shop-2");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> texts(stock.entity("container_id", id), "high").contains("container_name:shop-2"));
        docker.run("docker rm -f " + id);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> stock.entity("container_id", id).isEmpty());
        assertThat(stock.isAlive()).isTrue();
        assertThat(Files.readString(stock.log)).contains("tagger stream successfully initialized");
    }

    @Test
    void stockClient_servesTheOldTags_whileTheAgentIsAway_andTheNewOnesAfterwards() throws Exception {
        docker.makeImage(IMAGE, directory);
        Distribution.Running first = agent("");
        String stays = container("shop-stays");
        String goes = container("shop-goes");
        Client stock = client();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !stock.entity("container_id", stays).isEmpty()
                        && !stock.entity("container_id", goes).isEmpty());

        first.close();
        docker.run("docker rm -f " + goes);
        String comes = container("shop-comes");
        assertThat(texts(stock.entity("container_id", stays), "low")).contains("team:core");
        assertThat(texts(stock.entity("container_id", goes), "low")).contains("team:core");
        agent("");

        await().atMost(Duration.ofSeconds(60))
                .until(() -> !stock.entity("container_id", comes).isEmpty());
        assertThat(stock.entity("container_id", goes))
                .as("one response replaces all")
                .isEmpty();
        assertThat(texts(stock.entity("container_id", stays), "low")).contains("team:core");
    }

    @Test
    void stockClient_hasTenThousandEntities() throws Exception {
        StringBuilder entities = new StringBuilder("entities {\n");
        for (int i = 0; i < ENTITIES; i++) {
            entities.append(
                    "\"container_id://%032d\" { low = [\"image_name:acme/shop\", \"env:prod\", \"team:t%d\"], high = [\"container_name:c%d\"] }\n"
                            .formatted(i, i % 100, i));
        }
        Path file = Files.writeString(directory.resolve("entities.conf"), entities.append("}"));
        agent("tagger.collectors { docker.enabled = false, static.file = \"" + file + "\" }");

        Client stock = client();
        JsonObject time = (JsonObject) stock.ask("await " + ENTITIES);
        JsonObject size = (JsonObject) stock.ask("count");

        assertThat(size.getInteger("entities")).isGreaterThanOrEqualTo(ENTITIES);
        System.out.printf(
                Locale.ROOT,
                "Datadog's client: %d entities in sync after %d ms, heap %.1f MB%n",
                size.getInteger("entities"),
                time.getLong("millis"),
                size.getLong("heap") / 1e6);
    }

    private Process core(Path log) throws IOException {
        return new ProcessBuilder(System.getenv("TESTS_DATADOG"), "create", conf.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** The Datadog Agent's own code makes the files, or finds them, in any order with the tagger. */
    @Test
    void filesOfACoreAgent_andOfTheTagger_areTheSame_alsoWhenBothMakeThem() throws Exception {
        Path log = directory.resolve("create.log");
        for (String order : List.of("core agent first", "at once", "tagger first")) {
            Process core;
            if (order.equals("core agent first")) {
                core = core(log);
                assertThat(core.waitFor(60, TimeUnit.SECONDS)).isTrue();
                launch("tagger.collectors.docker.enabled = false");
            } else {
                launch("tagger.collectors.docker.enabled = false");
                if (order.equals("tagger first")) { // and in the middle of its certificate
                    await().pollInterval(Duration.ofMillis(1))
                            .atMost(Duration.ofSeconds(60))
                            .until(() -> Files.isDirectory(conf.resolve("ipc_cert.pem.lock")));
                }
                core = core(log);
                assertThat(core.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(core.exitValue())
                    .as(order + ": " + Files.readString(log))
                    .isZero();
            assertThat(Files.readString(log)).contains("\"" + Files.readString(conf.resolve("auth_token")) + "\"");
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.readString(directory.resolve("run.log"))
                    .contains("Datadog processes are served"));
            try (Client stock = new Client(conf, port, directory.resolve("client.log"))) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> texts(stock.entity("internal", "global-entity-id"), "low")
                                .contains("rack:7"));
            }
            starting.destroyForcibly().waitFor();
            Files.delete(conf.resolve("auth_token"));
            Files.delete(conf.resolve("ipc_cert.pem"));
            try (Stream<Path> left = Files.list(conf)) {
                assertThat(left).as(order).isEmpty();
            }
        }
    }

    @Test
    void grpcOfPython_readsEveryMessage() throws Exception {
        String python = System.getenv("TESTS_GRPC_PYTHON"); // a Python with grpcio and grpcio-tools
        assertThat(python).as("TESTS_GRPC_PYTHON").isNotNull();
        agent(
                "tagger.collectors { docker.enabled = false,"
                        + " static.entities { \"container_id://web\" { low = [\"team:core\"], high = [\"container_name:web\"] } } }");
        Path program = Files.writeString(directory.resolve("ask.py"), """
                import sys, grpc
                folder, port = sys.argv[1:]
                from datadog.model.v1 import model_pb2 as model
                from datadog.api.v1 import api_pb2_grpc as api
                token = open(folder + "/auth_token").read()
                channel = grpc.secure_channel("localhost:" + port, grpc.ssl_channel_credentials(open(folder + "/ipc_cert.pem", "rb").read()))
                secure = api.AgentSecureStub(channel)
                bearer = (("authorization", "Bearer " + token),)
                print(api.AgentStub(channel).GetHostname(model.HostnameRequest(), timeout=10).hostname)
                def fetch(kind, uid, metadata=bearer):
                    return secure.TaggerFetchEntity(model.FetchEntityRequest(id=model.EntityId(prefix=kind, uid=uid), cardinality=model.HIGH), metadata=metadata, timeout=10)
                print(list(fetch("container_id", "web").tags), list(fetch("container_id", "nonexistent").tags))
                try:
                    fetch("container_id", "web", ())
                except grpc.RpcError as e:
                    print(e.code())
                stream = secure.TaggerStreamEntities(model.StreamTagsRequest(cardinality=model.HIGH, prefixes=["container_id", "internal"], streamingID="python"), metadata=bearer, timeout=30)
                stream.initial_metadata()
                for event in next(stream).events:
                    assert event.HasField("entity") and event.entity.HasField("id")
                    print(model.EventType.Name(event.type), event.entity.id.prefix, event.entity.id.uid, list(event.entity.lowCardinalityTags), list(event.entity.highCardinalityTags), event.entity.isComplete)
                """);
        String proto = Path.of("../tagger-datadog/src/main/proto")
                .toAbsolutePath()
                .normalize()
                .toString();
        docker.run(python + " -m grpc_tools.protoc -I " + proto + " --python_out=" + directory + " --grpc_python_out="
                + directory + " datadog/model/v1/model.proto datadog/api/v1/api.proto");

        String printed = docker.run(python + " " + program + " " + conf + " " + port);

        assertThat(printed.lines())
                .containsExactly(
                        "node-7",
                        "['team:core', 'container_name:web'] []",
                        "StatusCode.UNAUTHENTICATED",
                        "ADDED internal global-entity-id ['rack:7'] [] True",
                        "ADDED container_id web ['team:core'] ['container_name:web'] True");
    }
}
