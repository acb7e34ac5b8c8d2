package io.tagger.collectors.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.TestContext;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.Task;

/**
 * The API of moto: a service with tags, and its task on a container instance. In moto, containers have no ids and
 * container instances take no tags; {@link EcsApiTest} covers both.
 */
class EcsMotoTest {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private EcsClient client;
    private EcsServer server;
    private String instance;
    private Task task;

    @BeforeEach
    void start() throws Exception {
        Moto.reset();
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        client = EcsClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(URI.create(Moto.endpoint()))
                .region(Region.EU_WEST_1)
                .build();
        resources.push(client);
        server = new EcsServer();
        resources.push(server);
        client.createCluster(request -> request.clusterName("shop"));
        client.registerTaskDefinition(request -> request.family("checkout")
                .containerDefinitions(ContainerDefinition.builder()
                        .name("web")
                        .image("acme/web:2")
                        .memory(100)
                        .build()));
        String machine = Moto.instance();
        instance = client.registerContainerInstance(request -> request.cluster("shop")
                        .instanceIdentityDocument("{\"instanceId\": \"" + machine + "\", \"region\": \"eu-west-1\"}"))
                .containerInstance()
                .containerInstanceArn();
        client.createService(request -> request.cluster("shop")
                .serviceName("Checkout")
                .taskDefinition("checkout")
                .desiredCount(1)
                .tags(tag("cost-center", "42")));
        task = startTask();
    }

    @AfterEach
    void stop() throws Exception {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    @Test
    void onEc2_tasksHaveTheirService_andTheTagsOfBoth() throws Exception {
        server.on("/v1/metadata", "{\"Cluster\": \"shop\", \"ContainerInstanceArn\": \"" + instance + "\"}")
                .on("/v1/tasks?taskarn=", EcsServer.V1.replace(EcsServer.ARN, task.taskArn()));
        List<TagInfo> infos = fetch(Map.of(), EntityId.ecsTask(task.taskArn()));

        assertThat(infos).hasSize(6).allMatch(TagInfo::complete);
        assertThat(infos.get(0).low())
                .contains(
                        "cluster_arn:arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
                        "ecs_service:checkout",
                        "service_arn:arn:aws:ecs:eu-west-1:123456789012:service/shop/Checkout",
                        "owner:payments",
                        "größe:ein Meter",
                        "cost-center:42");
    }

    @Test
    void whereTheAgentCantBeReached_theApiTellsOfTheTasksOfTheInstance() throws Exception {
        Task neighbour = startTask();
        server.on(
                "/v4/x/task",
                EcsServer.V4
                        .replace("FARGATE", "EC2")
                        .replace(EcsServer.ARN, task.taskArn())
                        .replace("\"test-cluster\"", "\"shop\""));
        Map<String, String> environment = Map.of("ECS_CONTAINER_METADATA_URI_V4", server.url() + "/v4/x");
        List<TagInfo> infos = fetch(environment, EntityId.ecsTask(neighbour.taskArn()));

        assertThat(infos).singleElement().satisfies(info -> {
            assertThat(info.complete()).isTrue();
            assertThat(info.low())
                    .contains("task_family:checkout", "task_version:1", "cluster_name:shop", "owner:payments");
            assertThat(info.orchestrator()).contains("task_definition_arn:" + neighbour.taskDefinitionArn());
        });
        assertThat(fetch(environment, EntityId.container("c1")))
                .extracting(info -> info.entity().id())
                .as("all tasks of the instance were listed")
                .containsExactlyInAnyOrder(task.taskArn(), neighbour.taskArn());
    }

    private Task startTask() {
        return client.startTask(request -> request.cluster("shop")
                        .taskDefinition("checkout")
                        .containerInstances(instance)
                        .group("service:Checkout")
                        .tags(tag("owner", "payments"), tag("größe", "ein Meter")))
                .tasks()
                .get(0);
    }

    private static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    private List<TagInfo> fetch(Map<String, String> environment, EntityId entity) throws Exception {
        EcsCollector collector = new EcsCollector(environment, Path.of("/nowhere"));
        resources.push(collector::close);
        TestContext context = new TestContext(
                ConfigLayers.empty()
                        .text("""
                                tagger.collectors.ecs {
                                  introspection-url = "%s"
                                  collect-resource-tags = true
                                  api { endpoint = "%s", request-timeout = 10s }
                                }
                                """.formatted(server.url(), Moto.endpoint()))
                        .build()
                        .collector("ecs"),
                new ManualTime().clock());
        resources.push(context);
        collector.detect(context);
        return collector.fetch(entity);
    }
}
