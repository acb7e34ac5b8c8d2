package io.tagger.collectors.ecs;

import static io.tagger.collectors.ecs.EcsServer.ARN;
import static io.tagger.collectors.ecs.EcsServer.INSTANCE;
import static io.tagger.collectors.ecs.EcsServer.V1;
import static io.tagger.collectors.ecs.EcsServer.V4;
import static io.tagger.collectors.ecs.EcsServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The facts added by the API, and the failures of the API: a stub, because moto never fails. */
class EcsApiTest {
    private static final String OTHER = "arn:aws:ecs:eu-west-1:123456789012:task/test-cluster/9b00";
    private static final String DESCRIBED = """
            {"tasks": [{"taskArn": "%s", "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/test-cluster",
              "containerInstanceArn": "%s", "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/hello_world:8",
              "group": "service:Checkout", "lastStatus": "RUNNING", "launchType": "EC2", "availabilityZone": "eu-west-1b",
              "containers": [{"name": "mysql", "runtimeId": "c1", "image": "mysql:8"}],
              "tags": [{"key": "team", "value": "core"}, {"key": "aws:ecs:serviceName", "value": "Checkout"}]}],
             "failures": []}
            """.formatted(ARN, INSTANCE);
    private static final String INSTANCES = """
            {"containerInstances": [{"containerInstanceArn": "%s", "tags": [{"key": "rack", "value": "r1"}]}], "failures": []}
            """.formatted(INSTANCE);
    private static final String SERVICE = "{\"tags\": [{\"key\": \"cost:center\", \"value\": \"42\"}]}";

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final ManualTime time = new ManualTime();
    private final EcsServer server = new EcsServer();

    EcsApiTest() throws IOException {}

    @BeforeEach
    void credentials() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    @AfterEach
    void stop() throws Exception {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        System.clearProperty("aws.disableEc2Metadata");
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        server.close();
    }

    // The added facts.

    @Test
    void onEc2_itTellsOfTheService_andOfResourceTags() throws Exception {
        api();
        List<TagInfo> infos = detected("collect-resource-tags = true").fetch(EntityId.container("c1"));

        assertThat(infos).hasSize(6).allMatch(TagInfo::complete);
        assertThat(infos.get(1).low())
                .contains(
                        "ecs_service:checkout",
                        "service_arn:arn:aws:ecs:eu-west-1:123456789012:service/test-cluster/Checkout",
                        "availability_zone:eu-west-1b",
                        "ecs_container_name:mysql",
                        "team:core",
                        "rack:r1",
                        "cost:center:42")
                .noneMatch(tag -> tag.startsWith("aws:"));
        assertThat(server.asked("DescribeTasks"))
                .singleElement()
                .asString()
                .contains(ARN, "\"cluster\":\"test-cluster\"", "TAGS");
        assertThat(server.asked("ListTagsForResource"))
                .singleElement()
                .asString()
                .contains(":service/test-cluster/Checkout");
    }

    @Test
    void serviceAndInstance_areNotAskedAboutForEachTask() throws Exception {
        api().on("/v1/tasks?dockerid=d", V1.replace("8f3a", "9b00").replace("\"c", "\"d"))
                .on(
                        "DescribeTasks {\"cluster\":\"test-cluster\",\"tasks\":[\"" + OTHER,
                        DESCRIBED.replace("8f3a", "9b00"));
        EcsCollector collector = detected("collect-resource-tags = true");
        collector.fetch(EntityId.container("c1"));

        assertThat(collector.fetch(EntityId.container("d1")).get(1).low()).contains("rack:r1", "cost:center:42");
        assertThat(server.asked("DescribeTasks")).hasSize(2);
        assertThat(server.asked("DescribeContainerInstances")).hasSize(1);
        assertThat(server.asked("ListTagsForResource")).hasSize(1);
    }

    @Test
    void withoutResourceTags_onlyTheServiceIsAskedFor() throws Exception {
        api();

        assertThat(detected("").fetch(EntityId.container("c1")).get(1).low())
                .contains("ecs_service:checkout")
                .doesNotContain("team:core");
        assertThat(server.asked("DescribeTasks")).hasSize(1);
        assertThat(server.asked("DescribeContainerInstances")).isEmpty();
        assertThat(server.asked("ListTagsForResource")).isEmpty();
    }

    @Test
    void onFargate_itTellsOfTheTagsOfTheService_andNothingElseIsAsked() throws Exception {
        api().on("/v4/x/task", V4);
        EcsCollector collector = detected(
                "collect-resource-tags = true, resource-tags-replace-colon = true",
                Map.of("ECS_CONTAINER_METADATA_URI_V4", server.url() + "/v4/x"));

        assertThat(collector.fetch(EntityId.container("8f3a-1")).get(1).low()).contains("team:core", "cost_center:42");
        assertThat(server.asked("DescribeTasks")).isEmpty();
        assertThat(server.asked("DescribeContainerInstances")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"api.enabled = false, collect-resource-tags = true | 0", "api.enabled = true | 1"})
    void settingsSay_whetherItIsAsked(String settings, int times) throws Exception {
        api();
        detected(settings).fetch(EntityId.container("c1"));

        assertThat(server.asked("DescribeTasks")).hasSize(times);
    }

    // As the source of tasks.

    @Test
    void whereTheAgentCantBeReached_itTellsOfTheTasksOfOurInstance() throws Exception {
        EcsCollector collector = withoutAgent();
        List<TagInfo> infos = collector.fetch(EntityId.container("d1"));

        assertThat(infos)
                .extracting(info -> info.entity().toString())
                .containsExactlyInAnyOrder(
                        "ecs_task://" + ARN, "container_id://c1", "ecs_task://" + OTHER, "container_id://d1");
        assertThat(infos).allSatisfy(info -> {
            assertThat(info.low()).contains("task_family:hello_world", "task_version:8", "ecs_service:checkout");
            assertThat(info.high()).as("docker has them").isEmpty();
        });
        assertThat(server.asked("ListTasks")).singleElement().asString().contains(INSTANCE);
        assertThat(server.asked("DescribeTasks")).as("our own, and all of them").hasSize(2);

        assertThat(collector.fetch(EntityId.ecsTask(OTHER))).isNotEmpty();
        assertThat(collector.fetch(EntityId.container("elsewhere")))
                .noneMatch(info -> info.entity().equals(EntityId.container("elsewhere")));
    }

    @Test
    void whereTheAgentCantBeReached_resourceTagsAreTold_andWhatIsAskedForComesFirst() throws Exception {
        server.on("DescribeContainerInstances", INSTANCES).on("ListTagsForResource", SERVICE);
        EcsCollector collector = withoutAgent("collect-resource-tags = true");
        server.on("ListTagsForResource", answer(400, "{\"__type\": \"ThrottlingException\"}"));

        assertThat(collector.fetch(EntityId.container("d1")))
                .as("the neighbour may be known better already")
                .extracting(info -> info.entity().toString())
                .containsExactly("ecs_task://" + OTHER, "container_id://d1");
    }

    // The failures.

    static Stream<Arguments> answersThatAreNone() {
        return Stream.of(
                Arguments.of(
                        answer(400, "{\"__type\": \"ThrottlingException\", \"message\": \"Rate exceeded\"}"),
                        "Rate exceeded"),
                Arguments.of(
                        answer(400, "{\"__type\": \"ExpiredTokenException\", \"message\": \"Expired.\"}"), "Expired."),
                Arguments.of(
                        answer(400, "{\"__type\": \"ClusterNotFoundException\", \"message\": \"None.\"}"), "None."),
                Arguments.of(answer(500, ""), "500"),
                Arguments.of(answer(503, "<html>busy</html>"), "503"),
                Arguments.of(answer(200, "<html></html>"), "can't be asked"),
                Arguments.of(EcsServer.half(DESCRIBED), "can't be asked"),
                Arguments.of(EcsServer.reset(), "can't be asked"));
    }

    @ParameterizedTest
    @MethodSource("answersThatAreNone")
    void answerThatIsNone_leavesWhatIsKnown_incomplete(EcsServer.Answer answer, String words) throws Exception {
        api().on("DescribeTasks", answer);
        EcsCollector collector = detected("");

        assertThat(collector.fetch(EntityId.container("c1")))
                .hasSize(6)
                .noneMatch(TagInfo::complete)
                .allMatch(info -> info.low().contains("task_family:hello_world"));
        api();
        time.advance(Duration.ofSeconds(10));
        assertThat(collector.fetch(EntityId.container("c1")))
                .allMatch(TagInfo::complete)
                .allMatch(info -> info.low().contains("ecs_service:checkout"));

        server.on("DescribeTasks", answer);
        RecordingLogger log = new RecordingLogger();
        try (EcsApi api = api(log)) {
            assertThatThrownBy(() -> api.tasks("c", List.of(ARN), api.deadline()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ecs:DescribeTasks")
                    .hasMessageContaining(words);
        }
        assertThat(log.lines).singleElement().asString().contains("ecs:DescribeTasks", words);
    }

    @Test
    void taskOfWhichTheApiHasNotHeardYet_isIncomplete() throws Exception {
        api().on(
                        "DescribeTasks",
                        "{\"tasks\": [], \"failures\": [{\"arn\": \"" + ARN + "\", \"reason\": \"MISSING\"}]}");

        assertThat(detected("").fetch(EntityId.container("c1"))).hasSize(6).noneMatch(TagInfo::complete);
    }

    @Test
    void apiThatHangs_doesNotHoldUpWhatIsKnown() throws Exception {
        api().on("DescribeTasks", server.hang());
        EcsCollector collector = detected("api.request-timeout = 300ms");

        assertThat(collector.fetch(EntityId.container("c1"))).hasSize(6).noneMatch(TagInfo::complete);
        assertThat(server.asked("DescribeTasks")).hasSize(1);
    }

    @Test
    void throttledApi_isLeftAlone_asLongAsItSays() throws Exception {
        api().on("DescribeTasks", answer(400, "{\"__type\": \"ThrottlingException\"}", "Retry-After", "45"));
        EcsCollector collector = detected("");
        collector.fetch(EntityId.container("c1"));
        api();
        time.advance(Duration.ofMillis(44_999));
        assertThat(collector.fetch(EntityId.container("c1"))).noneMatch(TagInfo::complete);
        assertThat(server.asked("DescribeTasks")).hasSize(1);
        time.advance(Duration.ofSeconds(3));

        assertThat(collector.fetch(EntityId.container("c1"))).allMatch(TagInfo::complete);
        assertThat(server.asked("DescribeTasks")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | {\"__type\": \"AccessDeniedException\", \"Message\": \"User: x is not authorized to perform: ecs:DescribeTasks\"}",
                "403 | {}",
                "403 |"
            })
    void rightThatIsMissing_isNamedOnce_andAskedForAgainLater(int code, String body) throws Exception {
        server.on("DescribeTasks", answer(code, body == null ? "" : body));
        RecordingLogger log = new RecordingLogger();
        try (EcsApi api = api(log)) {
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 10; j++) {
                    assertThatThrownBy(() -> api.tasks("c", List.of(ARN), api.deadline()))
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("ecs:DescribeTasks");
                }
                time.advance(Duration.ofMinutes(5));
            }
            assertThat(server.asked).hasSize(3);
            assertThat(log.lines)
                    .singleElement()
                    .asString()
                    .contains("give the role of this agent the right ecs:DescribeTasks", "deploy/ecs/policy.json");

            server.on("DescribeTasks", DESCRIBED);
            assertThat(api.tasks("c", List.of(ARN), api.deadline())).hasSize(1);
        }
    }

    @Test
    void withoutCredentials_isSaid_andEndpointsTell() throws Exception {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        System.setProperty("aws.disableEc2Metadata", "true");
        api();

        assertThat(detected("api.request-timeout = 5s").fetch(EntityId.container("c1")))
                .hasSize(6)
                .noneMatch(TagInfo::complete);
        RecordingLogger log = new RecordingLogger();
        try (EcsApi api = api(log)) {
            assertThatThrownBy(() -> api.tasks("c", List.of(ARN), api.deadline()))
                    .isInstanceOf(IOException.class);
        }
        assertThat(log.lines)
                .singleElement()
                .asString()
                .contains("no AWS credentials")
                .hasSizeLessThan(400);
        assertThat(server.asked("DescribeTasks")).isEmpty();
    }

    @Test
    void clockThatIsWrong_isPutRight() throws Exception {
        api();
        AtomicInteger times = new AtomicInteger();
        server.on("DescribeTasks", exchange -> (times.getAndIncrement() == 0
                        ? answer(403, "{\"__type\": \"RequestTimeTooSkewed\"}")
                        : answer(200, DESCRIBED))
                .to(exchange));

        assertThat(detected("").fetch(EntityId.container("c1"))).allMatch(TagInfo::complete);
        assertThat(times).hasValue(2);
    }

    @Test
    void api_isNotAskedMoreThanItsBucketAllows() throws Exception {
        server.on("DescribeTasks", DESCRIBED);
        try (EcsApi api = api(new RecordingLogger())) {
            for (int i = 0; i < 5; i++) {
                api.tasks("c", List.of(ARN), api.deadline());
            }
            assertThatThrownBy(() -> api.tasks("c", List.of(ARN), api.deadline()))
                    .hasMessageContaining("the limit of requests");
            time.advance(Duration.ofMillis(500));
            assertThat(api.tasks("c", List.of(ARN), api.deadline())).hasSize(1);
        }
        assertThat(server.asked).hasSize(6);
    }

    /** Sets up an ECS agent, and an answering API. */
    private EcsServer api() {
        return server.ec2()
                .on("DescribeTasks", DESCRIBED)
                .on("DescribeContainerInstances", INSTANCES)
                .on("ListTagsForResource", SERVICE);
    }

    private EcsApi api(RecordingLogger log) throws IOException {
        return new EcsApi(
                "eu-west-1", server.url(), Duration.ofSeconds(5), time.clock(), ForkJoinPool.commonPool(), log);
    }

    private EcsCollector withoutAgent(String... more) throws Exception {
        String other = DESCRIBED.replace("8f3a", "9b00").replace("\"c1\"", "\"d1\"");
        String both = DESCRIBED.replace(
                "}],\n \"failures\"",
                "}, " + other.substring(other.indexOf("[{") + 1, other.indexOf("}],\n \"failures\"") + 1)
                        + "],\n \"failures\"");
        server.on("/v4/x/task", V4.replace("FARGATE", "EC2"))
                .on("DescribeTasks", DESCRIBED)
                .on("DescribeTasks {\"cluster\":\"test-cluster\",\"tasks\":[\"" + ARN + "\",", both)
                .on("DescribeTasks {\"cluster\":\"test-cluster\",\"tasks\":[\"" + OTHER, other)
                .on("ListTasks", "{\"taskArns\": [\"" + ARN + "\", \"" + OTHER + "\"]}");
        return detected(String.join(", ", more), Map.of("ECS_CONTAINER_METADATA_URI_V4", server.url() + "/v4/x"));
    }

    private EcsCollector detected(String more) throws Exception {
        return detected(more, Map.of());
    }

    private EcsCollector detected(String more, Map<String, String> environment) throws Exception {
        EcsCollector collector = new EcsCollector(environment, Path.of("/nowhere"));
        resources.push(collector::close);
        TestContext context = new TestContext(
                ConfigLayers.empty()
                        .text("""
                                tagger.collectors.ecs {
                                  introspection-url = "%s"
                                  api { endpoint = "%s", request-timeout = 5s }
                                  %s
                                }
                                """.formatted(server.url(), server.url(), more))
                        .build()
                        .collector("ecs"),
                time.clock());
        resources.push(context);
        collector.detect(context);
        return collector;
    }
}
