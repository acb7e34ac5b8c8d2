package io.tagger.collectors.ecs;

import static io.tagger.collectors.ecs.EcsServer.ARN;
import static io.tagger.collectors.ecs.EcsServer.V1;
import static io.tagger.collectors.ecs.EcsServer.V3;
import static io.tagger.collectors.ecs.EcsServer.V4;
import static io.tagger.collectors.ecs.EcsServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.ConnectingCollectorContractTest;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.SilentServer;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The collector against the endpoints of ECS, served over real HTTP with answers in the documented shapes: neither an
 * ECS agent nor Fargate can run here.
 */
class EcsCollectorTest extends ConnectingCollectorContractTest {
    private static final String METADATA_V4 = "ECS_CONTAINER_METADATA_URI_V4";
    private static final Path NOWHERE = Path.of("/nowhere");

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final EcsServer server = new EcsServer();

    EcsCollectorTest() throws IOException {}

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        server.close();
    }

    @Override
    protected Collector collector() {
        return new EcsCollector(Map.of(), NOWHERE);
    }

    @Override
    protected Map<String, Object> settings() {
        server.ec2();
        return settings("");
    }

    @Override
    protected Map<String, Object> settingsOfASilentSource() throws Exception {
        SilentServer silent = SilentServer.onPort();
        resources.push(silent);
        return ConfigLayers.empty()
                .text("tagger.collectors.ecs.introspection-url = \"http://127.0.0.1:" + silent.port() + "\"")
                .build()
                .collector("ecs");
    }

    // EC2.

    @Test
    void onEc2_aContainerBringsItsWholeTask() throws Exception {
        server.ec2();
        List<TagInfo> infos = detected(Map.of(), "").fetch(EntityId.container("c2"));

        assertThat(infos)
                .extracting(info -> info.entity().toString())
                .startsWith("ecs_task://" + ARN, "container_id://c1", "container_id://c2")
                .hasSize(6);
        assertThat(infos.get(2).low())
                .contains("ecs_container_name:wordpress", "cluster_name:test-cluster", "task_version:8");
        assertThat(server.asked).containsExactly("/v1/metadata", "/v1/tasks?dockerid=c2");
    }

    @Test
    void onEc2_aTaskIsFoundByItsArn() throws Exception {
        server.ec2();

        assertThat(detected(Map.of(), "").fetch(EntityId.ecsTask(ARN))).hasSize(6);
        assertThat(server.asked).last().asString().startsWith("/v1/tasks?taskarn=arn%3Aaws");
    }

    @Test
    void containerThatNobodyKnows_isNotFound() throws Exception {
        server.ec2();

        assertThat(detected(Map.of(), "").fetch(EntityId.container("x"))).isEmpty();
    }

    @Test
    void taskWithoutContainers_isATask() throws Exception {
        server.ec2().on("/v1/tasks", "{\"Arn\": \"t\", \"KnownStatus\": \"RUNNING\", \"Family\": \"f\"}");

        assertThat(detected(Map.of(), "").fetch(EntityId.ecsTask("t")))
                .singleElement()
                .extracting(info -> info.entity().toString())
                .isEqualTo("ecs_task://t");
    }

    @Test
    void taskThatIsPending_isAskedForAgain_afterAMoment() throws Exception {
        server.ec2()
                .on("/v1/tasks?dockerid=c", V1.replace("\"KnownStatus\": \"RUNNING\"", "\"KnownStatus\": \"PENDING\""));
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(), "", time.clock());

        assertThat(collector.fetch(EntityId.container("c1")))
                .hasSize(6)
                .noneMatch(TagInfo::complete)
                .allMatch(TagInfo::isEmpty);
        server.ec2();
        time.advance(Duration.ofSeconds(10));
        assertThat(collector.fetch(EntityId.container("c1"))).hasSize(6).allMatch(TagInfo::complete);
    }

    static Stream<Arguments> answersThatAreNone() {
        return Stream.of(
                Arguments.of(answer(500, "boom"), "500: boom"),
                Arguments.of(answer(429, ""), "429: nothing"),
                Arguments.of(answer(400, "what"), "400: what"),
                Arguments.of(answer(200, "<html></html>"), "no JSON"),
                Arguments.of(answer(200, "{\"Arn\":\"a"), "no JSON"),
                Arguments.of(answer(200, "[]"), "no JSON object"),
                Arguments.of(answer(200, "{}"), "no task"),
                Arguments.of(EcsServer.half(V1), "can't be asked"),
                Arguments.of(EcsServer.reset(), "can't be asked"));
    }

    @ParameterizedTest
    @MethodSource("answersThatAreNone")
    void answerThatIsNone_isNotRememberedAsNoTags(EcsServer.Answer answer, String message) throws Exception {
        server.ec2().on("/v1/tasks?dockerid=c", answer);
        EcsCollector collector = detected(Map.of(), "");

        assertThatThrownBy(() -> collector.fetch(EntityId.container("c1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void endpointThatHangs_isGivenUp_andLeftAloneForGrowingTimes() throws Exception {
        server.ec2();
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(), "request-timeout = 1s", time.clock());
        server.on("/v1/tasks", server.hang()).on("/v1/tasks?dockerid=c", server.hang());
        for (double pause : new double[] {1, 2, 4, 8, 16, 22.5, 22.5}) { // 30 s, less a quarter
            assertThatThrownBy(() -> collector.fetch(EntityId.container("c1")))
                    .hasMessageContaining("does not answer GET /v1/tasks?dockerid=c1 within PT1S")
                    .hasMessageNotContaining("the next request comes after");
            time.advance(Duration.ofMillis((long) (pause * 1_000) - 1));
            assertThatThrownBy(() -> collector.fetch(EntityId.container("c2")))
                    .hasMessageContaining("the next request comes after");
            time.advance(Duration.ofMillis(1 + (pause == 22.5 ? 7_500 : (long) (pause * 250)))); // the random part
        }
        assertThat(server.asked("/v1/tasks")).hasSize(7);

        server.ec2();
        assertThat(collector.fetch(EntityId.container("c1"))).hasSize(6);
    }

    @Test
    void endpointThatHasEnough_saysForHowLong() throws Exception {
        server.ec2().on("/v1/tasks?dockerid=c", answer(429, "slow down", "Retry-After", "7"));
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(), "", time.clock());
        assertThatThrownBy(() -> collector.fetch(EntityId.container("c1"))).hasMessageContaining("429: slow down");
        server.ec2();
        time.advance(Duration.ofMillis(6_999));
        assertThatThrownBy(() -> collector.fetch(EntityId.container("c1")))
                .hasMessageContaining("the next request comes after");
        time.advance(Duration.ofMillis(1));

        assertThat(collector.fetch(EntityId.container("c1"))).hasSize(6);
        assertThat(server.asked("/v1/tasks")).hasSize(2);
    }

    @Test
    void endpoint_isNotAskedMoreThanItsBucketAllows() throws Exception {
        server.ec2();
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(), "", time.clock());
        for (int i = 0; i < 19; i++) {
            collector.fetch(EntityId.container("x" + i));
        }
        assertThatThrownBy(() -> collector.fetch(EntityId.container("y")))
                .hasMessageContaining("the limit of requests");
        time.advance(Duration.ofMillis(100));

        assertThat(collector.fetch(EntityId.container("y"))).isEmpty();
        assertThat(server.asked).hasSize(21);
    }

    // Fargate.

    @Test
    void onFargate_theOwnTaskIsTold() throws Exception {
        server.on("/v4/x/task", V4);
        EcsCollector collector = detected(
                Map.of(METADATA_V4, server.url() + "/v4/x", "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"),
                "collect-resource-tags = true, api.enabled = false");

        assertThat(collector.priority()).isEqualTo(CollectorPriority.NODE_ORCHESTRATOR);
        assertThat(collector.fetch(EntityId.container("8f3a-1")).get(1).low())
                .contains(
                        "ecs_service:checkout",
                        "service_arn:arn:aws:ecs:eu-west-1:123456789012:service/test-cluster/Checkout",
                        "availability_zone:eu-west-1a",
                        "env:prod",
                        "team:core",
                        "docker_image:acme/web:2");
        assertThat(collector.fetch(EntityId.container("other"))).isEmpty();
        assertThat(server.asked).contains("/v4/x/taskWithTags").noneMatch(path -> path.startsWith("/v1/"));
    }

    @Test
    void onAnOldFargate_version3Tells() throws Exception {
        server.on("/v3/x/task", V3);
        EcsCollector collector = detected(
                Map.of("ECS_CONTAINER_METADATA_URI", server.url() + "/v3/x", "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"),
                "");

        assertThat(collector.fetch(EntityId.container("8f3a-1")).get(1).low())
                .contains("task_family:shop", "cluster_name:test-cluster", "env:prod", "availability_zone:eu-west-1a")
                .noneMatch(tag -> tag.startsWith("ecs_service"));
    }

    @Test
    void answerWithErrors_isServed_andAskedForAgain_afterAMoment() throws Exception {
        server.on(
                "/v4/x/task", V4.replace("\"TaskTags\"", "\"Errors\": [{\"ErrorField\": \"TaskTags\"}], \"TaskTags\""));
        ManualTime time = new ManualTime();
        EcsCollector collector = detected(Map.of(METADATA_V4, server.url() + "/v4/x"), "", time.clock());

        assertThat(collector.fetch(EntityId.container("8f3a-1")))
                .hasSize(2)
                .noneMatch(TagInfo::complete)
                .noneMatch(TagInfo::isEmpty);
        time.advance(Duration.ofSeconds(10));
        server.on("/v4/x/task", V4);
        assertThat(collector.fetch(EntityId.container("8f3a-1"))).allMatch(TagInfo::complete);
    }

    @Test
    void taskOnEc2_hasAnAgentThatKnowsAllTasks() throws Exception {
        server.ec2().on("/v4/x/task", V4.replace("FARGATE", "EC2"));

        assertThat(detected(Map.of(METADATA_V4, server.url() + "/v4/x"), "").fetch(EntityId.container("c1")))
                .hasSize(6);
    }

    // Economy.

    @Test
    void manyCallers_forTheContainersOfATask_areOneCall() throws Exception {
        server.ec2();
        try (LocalTagger tagger = tagger(Map.of())) {
            CountDownLatch go = new CountDownLatch(1);
            List<CompletableFuture<List<String>>> callers = new ArrayList<>();
            ExecutorService threads = Executors.newFixedThreadPool(100);
            resources.push(threads::shutdownNow);
            for (int i = 0; i < 100; i++) {
                EntityId entity = EntityId.container("c" + (i % 5 + 1));
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
            assertThat(server.asked("/v1/tasks")).hasSize(1);
        }
    }

    // Order with the collector of the containers.

    @Test
    void containerThatIsGone_takesItsEcsTagsAlong() throws Exception {
        server.ec2();
        Containers containers = new Containers();
        try (LocalTagger tagger = tagger(Map.of(), () -> containers)) {
            containers.sent.add(List.of(container("c1")));
            await().until(() ->
                    !tagger.cached(EntityId.container("c1"), Cardinality.LOW).isEmpty());
            // The ecs collector may still be detecting.
            await().untilAsserted(() -> assertThat(tagger.tag(EntityId.container("c1"), Cardinality.LOW))
                    .contains("image_name:mysql", "task_family:hello_world"));

            containers.sent.add(List.of(TagInfo.deletion("containers", EntityId.container("c1"))));
            await().until(() -> tagger.prune() == 1);

            assertThat(tagger.cached(EntityId.container("c1"), Cardinality.HIGH))
                    .isEmpty();
            assertThat(tagger.cached(EntityId.container("c2"), Cardinality.LOW)).contains("task_family:hello_world");
        }
    }

    @Test
    void containerThatGoes_whileItIsAskedFor_doesNotComeBack() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        server.ec2().on("/v1/tasks?dockerid=c", EcsServer.after(gone, V1));
        Containers containers = new Containers();
        try (LocalTagger tagger = tagger(Map.of(), () -> containers)) {
            containers.sent.add(List.of(container("c1"), container("c2")));
            await().until(() ->
                    !tagger.cached(EntityId.container("c2"), Cardinality.LOW).isEmpty());
            CompletableFuture<List<String>> caller =
                    CompletableFuture.supplyAsync(() -> tagger.tag(EntityId.container("c2"), Cardinality.LOW));
            await().until(() -> server.asked("/v1/tasks").size() == 1);

            containers.sent.add(List.of(TagInfo.deletion("containers", EntityId.container("c1"))));
            await().until(() -> tagger.prune() == 1);
            gone.countDown();

            assertThat(caller.get()).contains("image_name:mysql", "task_family:hello_world");
            System.err.println(tagger.entity(EntityId.container("c1")));
            System.err.println(tagger.status());
            assertThat(tagger.cached(EntityId.container("c1"), Cardinality.HIGH))
                    .isEmpty();
        }
    }

    // Detection and settings.

    @Test
    void withoutEcs_isAbsent() throws Exception {
        try (TestContext context = new TestContext(settings("introspection-url = \"\""), Clock.systemUTC())) {
            assertThatThrownBy(() -> new EcsCollector(Map.of(), NOWHERE).detect(context))
                    .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                            .isTrue())
                    .hasMessageContaining(METADATA_V4)
                    .hasMessageContaining("/nowhere")
                    .hasMessageContaining("http://127.0.0.1:51678");
        }
    }

    @Test
    void onAContainerInstance_whoseAgentIsYetToStart_isTriedAgain(@TempDir Path agentFolder) throws Exception {
        try (TestContext context = new TestContext(settings("introspection-url = \"\""), Clock.systemUTC())) {
            assertThatThrownBy(() -> new EcsCollector(Map.of(), agentFolder).detect(context))
                    .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                            .isFalse());
        }
    }

    @Test
    void agentThatIsConfigured_andDoesNotAnswer_isTriedAgain() {
        assertThatThrownBy(() -> detected(Map.of(), ""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isFalse())
                .hasMessageContaining(server.url());
    }

    @Test
    void inATask_whoseEndpointDoesNotAnswer_isTriedAgain() {
        assertThatThrownBy(() -> detected(Map.of(METADATA_V4, server.url() + "/v4/x"), ""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isFalse())
                .hasMessageContaining("/v4/x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "introspection-url = \"localhost:51678\"",
                "introspection-url = \"https://localhost:51678\"",
                "request-timeout = 0s",
                "keep-for = 0s",
                "api.enabled = perhaps",
                "api.endpoint = vpce",
                "api.request-timeout = 0s"
            })
    void settings_thatAreWrong_areNamed(String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EcsCollector(Map.of(), NOWHERE).check(settings(setting)))
                .withMessageContaining("tagger.collectors.ecs." + setting.substring(0, setting.indexOf(' ')));
    }

    /** Tells of containers as a container runtime would, when a test says so. */
    private static final class Containers implements Streamer {
        final BlockingQueue<List<TagInfo>> sent = new LinkedBlockingQueue<>();

        @Override
        public String name() {
            return "containers";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of(EntityId.CONTAINER);
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public void stream(TagSink sink) throws InterruptedException {
            sink.synced();
            while (true) {
                sink.send(sent.take());
            }
        }
    }

    private static TagInfo container(String id) {
        return TagInfo.builder("containers", EntityId.container(id))
                .low("image_name", "mysql")
                .build();
    }

    @SafeVarargs
    private LocalTagger tagger(Map<String, String> environment, Supplier<Collector>... others) {
        LocalTagger.Builder builder = LocalTagger.builder()
                .config(ConfigLayers.empty()
                        .text("tagger.collectors.ecs.introspection-url = \"" + server.url() + "\"")
                        .build())
                .collector(() -> new EcsCollector(environment, NOWHERE));
        for (Supplier<Collector> other : others) {
            builder.collector(other);
        }
        LocalTagger tagger = builder.build();
        await().until(() -> tagger.status().collectors().stream()
                .anyMatch(status -> status.name().equals("ecs") && status.state() != CollectorState.DETECTING));
        return tagger;
    }

    private EcsCollector detected(Map<String, String> environment, String more) throws Exception {
        return detected(environment, more, Clock.systemUTC());
    }

    private EcsCollector detected(Map<String, String> environment, String more, Clock clock) throws Exception {
        EcsCollector collector = new EcsCollector(environment, NOWHERE);
        resources.push(collector::close);
        TestContext context = new TestContext(settings(more), clock);
        resources.push(context);
        collector.detect(context);
        return collector;
    }

    private Map<String, Object> settings(String more) {
        return ConfigLayers.empty()
                .text("tagger.collectors.ecs {\nintrospection-url = \"" + server.url() + "\"\n" + more + "\n}")
                .build()
                .collector("ecs");
    }
}
