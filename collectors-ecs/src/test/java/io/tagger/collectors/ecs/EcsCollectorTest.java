package io.tagger.collectors.ecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.config.TaggerConfig;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The collector against the endpoints of ECS, served over real HTTP with answers in the documented shapes: neither an ECS agent nor Fargate can
 * run here.
 */
class EcsCollectorTest extends CollectorContractTest {
    private static final String METADATA = """
            {"Cluster": "test-cluster", "ContainerInstanceArn": "arn:aws:ecs:eu-west-1:1:container-instance/x",
             "Version": "Amazon ECS Agent - v1.30.0 (02ff320c)"}
            """;
    private static final String ARN = "arn:aws:ecs:eu-west-1:123456789012:task/test-cluster/8f3a";
    private static final String V1 = """
            {"Arn": "%s", "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "Family": "hello_world", "Version": "8",
             "Containers": [{"DockerId": "c1", "DockerName": "ecs-hello_world-8-mysql-fcae8ac8f9f1d89d8301", "Name": "mysql"},
                            {"DockerId": "c2", "DockerName": "ecs-hello_world-8-wordpress-e8bfddf9b488dff36c00",
                             "Name": "wordpress", "Ports": [{"ContainerPort": 80, "Protocol": "tcp", "HostPort": 80}]}]}
            """.formatted(ARN);
    private static final String V4 = """
            {"Cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/test-cluster", "TaskARN": "%s", "Family": "shop",
             "Revision": "3", "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "LaunchType": "FARGATE",
             "Limits": {"CPU": 0.25, "Memory": 512}, "AvailabilityZone": "eu-west-1a", "ServiceName": "Checkout",
             "PullStartedAt": "2026-11-02T09:15:42.1Z", "TaskTags": {"team": "core"},
             "Containers": [{"DockerId": "8f3a-1", "Name": "web", "DockerName": "web", "Image": "acme/web:2",
                             "ImageID": "sha256:d1", "Labels": {"com.datadoghq.tags.env": "prod"}, "KnownStatus": "RUNNING",
                             "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.0.1"]}]}]}
            """.formatted(ARN);

    private record Answer(int code, String body) {}

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Function<String, Answer> answers = path -> new Answer(404, "");
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        ExecutorService threads = Executors.newCachedThreadPool();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().toString();
                asked.add(path);
                Answer answer = answers.apply(path);
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        resources.push(() -> {
            server.stop(0);
            threads.shutdownNow();
        });
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    @Override
    protected Collector collector() {
        return new EcsCollector(Map.of());
    }

    @Override
    protected Map<String, Object> settings() {
        ec2();
        return settings("");
    }

    // EC2.

    @Test
    void onEc2_aContainerBringsItsWholeTask() throws Exception {
        ec2();
        List<TagInfo> infos = detected(Map.of(), "").fetch(EntityId.container("c2"));

        assertThat(infos)
                .extracting(info -> info.entity().toString())
                .containsExactly("ecs_task://" + ARN, "container_id://c1", "container_id://c2");
        assertThat(infos.get(2).low())
                .contains("ecs_container_name:wordpress", "cluster_name:test-cluster", "task_version:8");
        assertThat(asked).containsExactly("/v1/metadata", "/v1/tasks?dockerid=c2");
    }

    @Test
    void onEc2_aTaskIsFoundByItsArn() throws Exception {
        ec2();

        assertThat(detected(Map.of(), "").fetch(EntityId.ecsTask(ARN))).hasSize(3);
        assertThat(asked).last().asString().startsWith("/v1/tasks?taskarn=arn%3Aaws");
    }

    @Test
    void containerThatNobodyKnows_isNotFound() throws Exception {
        answers = path -> path.equals("/v1/metadata") ? new Answer(200, METADATA) : new Answer(404, "{}");

        assertThat(detected(Map.of(), "").fetch(EntityId.container("x"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | boom          | 500: boom",
                "429 |               | 429: nothing",
                "200 | <html></html> | no JSON",
                "200 | {\"Arn\":\"a  | no JSON",
                "200 | []            | no JSON object",
                "200 | {}            | no task"
            })
    void answerThatIsNone_isNotRememberedAsNoTags(int code, String body, String message) throws Exception {
        answers = path ->
                path.equals("/v1/metadata") ? new Answer(200, METADATA) : new Answer(code, body == null ? "" : body);
        EcsCollector collector = detected(Map.of(), "");

        assertThatThrownBy(() -> collector.fetch(EntityId.container("c1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void endpointThatHangs_isGivenUp() throws Exception {
        ec2();
        EcsCollector collector = detected(Map.of(), "request-timeout = 200ms");
        CountDownLatch never = new CountDownLatch(1);
        resources.push(never::countDown);
        answers = path -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Answer(200, V1);
        };

        assertThatThrownBy(() -> collector.fetch(EntityId.container("c1")))
                .hasMessageContaining("does not answer GET /v1/tasks");
    }

    @Test
    void endpoint_isNotAskedMoreThanItsBucketAllows() throws Exception {
        answers = path -> path.equals("/v1/metadata") ? new Answer(200, METADATA) : new Answer(404, "");
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(), "", time.clock());
        for (int i = 0; i < 19; i++) {
            collector.fetch(EntityId.container("x" + i));
        }
        assertThatThrownBy(() -> collector.fetch(EntityId.container("y"))).hasMessageContaining("asked too often");
        time.advance(Duration.ofMillis(100));

        assertThat(collector.fetch(EntityId.container("y"))).isEmpty();
        assertThat(asked).hasSize(21);
    }

    // Fargate.

    @Test
    void onFargate_theOwnTaskIsTold() throws Exception {
        answers = path -> path.startsWith("/v4/x/task") ? new Answer(200, V4) : new Answer(404, "");
        EcsCollector collector = detected(
                Map.of("ECS_CONTAINER_METADATA_URI_V4", url() + "/v4/x", "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"),
                "collect-resource-tags = true");

        assertThat(collector.priority()).isEqualTo(CollectorPriority.NODE_ORCHESTRATOR);
        assertThat(collector.fetch(EntityId.container("8f3a-1")).get(1).low())
                .contains(
                        "ecs_service:checkout",
                        "availability_zone:eu-west-1a",
                        "env:prod",
                        "team:core",
                        "docker_image:acme/web:2");
        assertThat(collector.fetch(EntityId.container("other"))).isEmpty();
        assertThat(asked).contains("/v4/x/taskWithTags").noneMatch(path -> path.startsWith("/v1/"));
    }

    @Test
    void answerWithErrors_isServed_andAskedForAgain() throws Exception {
        String errors = V4.replace("\"TaskTags\"", "\"Errors\": [{\"ErrorField\": \"TaskTags\"}], \"TaskTags\"");
        answers = path -> new Answer(200, errors);
        EcsCollector collector = detected(Map.of("ECS_CONTAINER_METADATA_URI_V4", url() + "/v4/x"), "");

        assertThat(collector.fetch(EntityId.container("8f3a-1")))
                .hasSize(2)
                .noneMatch(TagInfo::complete)
                .noneMatch(TagInfo::isEmpty);
        int before = asked.size();
        collector.fetch(EntityId.container("8f3a-1"));
        assertThat(asked).as("not from a moment ago").hasSize(before + 1);
    }

    @Test
    void taskOnEc2_hasAnAgentThatKnowsAllTasks() throws Exception {
        answers = path -> path.startsWith("/v4/x")
                ? new Answer(200, V4.replace("FARGATE", "EC2"))
                : path.equals("/v1/metadata") ? new Answer(200, METADATA) : new Answer(200, V1);
        EcsCollector collector = detected(Map.of("ECS_CONTAINER_METADATA_URI_V4", url() + "/v4/x"), "");

        assertThat(collector.fetch(EntityId.container("c1"))).hasSize(3);
    }

    // Economy.

    @Test
    void manyCallers_forTheContainersOfATask_areOneCall() throws Exception {
        ec2();
        try (LocalTagger tagger = LocalTagger.builder()
                .config(TaggerConfig.builder()
                        .text("tagger.collectors.ecs.introspection-url = \"" + url() + "\"")
                        .build())
                .collector(() -> new EcsCollector(Map.of()))
                .build()) {
            CountDownLatch go = new CountDownLatch(1);
            List<CompletableFuture<List<String>>> callers = new ArrayList<>();
            ExecutorService threads = Executors.newFixedThreadPool(100);
            resources.push(threads::shutdownNow);
            for (int i = 0; i < 100; i++) {
                EntityId entity = EntityId.container(i % 2 == 0 ? "c1" : "c2");
                callers.add(CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return tagger.tag(entity, Cardinality.LOW);
                        },
                        threads));
            }
            go.countDown();

            assertThat(callers).allSatisfy(caller -> assertThat(caller.get()).contains("task_family:hello_world"));
            assertThat(asked).filteredOn(path -> path.startsWith("/v1/tasks")).hasSize(1);
        }
    }

    // Detection and settings.

    @Test
    void withoutEcs_isAbsent() {
        assertThatThrownBy(() -> detected(Map.of(), ""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isTrue())
                .hasMessageContaining("ECS_CONTAINER_METADATA_URI_V4")
                .hasMessageContaining(url());
    }

    @Test
    void inATask_whoseEndpointDoesNotAnswer_isTriedAgain() {
        assertThatThrownBy(() -> detected(Map.of("ECS_CONTAINER_METADATA_URI_V4", url() + "/v4/x"), ""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isFalse())
                .hasMessageContaining("/v4/x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"introspection-url = \"localhost:51678\"", "request-timeout = 0s"})
    void settings_thatAreWrong_areNamed(String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EcsCollector(Map.of()).check(settings(setting)))
                .withMessageContaining("tagger.collectors.ecs." + setting.substring(0, setting.indexOf(' ')));
    }

    /** From now on there is an ECS agent with one task. */
    private void ec2() {
        answers = path -> path.equals("/v1/metadata")
                ? new Answer(200, METADATA)
                : path.contains("=c1") || path.contains("=c2") || path.contains("=arn")
                        ? new Answer(200, V1)
                        : new Answer(404, "");
    }

    private EcsCollector detected(Map<String, String> environment, String more) throws Exception {
        return detected(environment, more, Clock.systemUTC());
    }

    private EcsCollector detected(Map<String, String> environment, String more, Clock clock) throws Exception {
        EcsCollector collector = new EcsCollector(environment);
        resources.push(collector::close);
        TestContext context = new TestContext(settings(more), clock);
        resources.push(context);
        collector.detect(context);
        return collector;
    }

    private Map<String, Object> settings(String more) {
        return TaggerConfig.builder()
                .text("tagger.collectors.ecs {\nintrospection-url = \"" + url() + "\"\n" + more + "\n}")
                .build()
                .collector("ecs");
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
