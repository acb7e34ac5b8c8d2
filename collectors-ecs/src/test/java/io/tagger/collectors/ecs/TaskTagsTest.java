package io.tagger.collectors.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.ecs.TaskTags.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TAGS.md, section 5. */
class TaskTagsTest {
    private static final String ARN = "arn:aws:ecs:eu-west-1:123456789012:task/test-cluster/8f3a";

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private final List<String> problems = new ArrayList<>();

    @Test
    void example_onEc2() {
        Task task = task("the-arn", "hello_world", "8", "test-cluster", container("c1", "mysql", "", Map.of()));
        List<TagInfo> infos = tags(false, false, false).extract(task, NOW, problems::add);

        assertThat(infos)
                .extracting(info -> info.entity().toString())
                .containsExactly("ecs_task://the-arn", "container_id://c1");
        assertThat(infos.get(1).low())
                .containsExactly(
                        "cluster_name:test-cluster",
                        "ecs_cluster_name:test-cluster",
                        "ecs_container_name:mysql",
                        "task_family:hello_world",
                        "task_name:hello_world",
                        "task_version:8");
        assertThat(infos.get(1).orchestrator()).containsExactly("task_arn:the-arn");
        assertThat(infos.get(1).high()).as("docker has them").isEmpty();
        assertThat(infos.get(0).low()).noneMatch(tag -> tag.startsWith("ecs_container_name"));
        assertThat(infos).allMatch(TagInfo::complete);
    }

    @Test
    void onFargate_theContainerToo() {
        Task task = new Task(
                new Task.Identity(
                        ARN, "shop", "3", "arn:aws:ecs:eu-west-1:123456789012:cluster/test-cluster", "Checkout"),
                new Task.Placement("eu-west-1a", "", "FARGATE"),
                "RUNNING",
                List.of(container(
                        "c1-2",
                        "web",
                        "123.dkr.ecr.eu-west-1.amazonaws.com/acme/web",
                        Map.of(
                                "com.datadoghq.tags.env", "prod",
                                "com.acme.team", "core",
                                "com.datadoghq.ad.tags", "[\"a:b\"]"))),
                List.of(),
                true);
        TagInfo container =
                tags(true, false, false).extract(task, NOW, problems::add).get(1);

        assertThat(container.low())
                .containsExactly(
                        "availability_zone:eu-west-1a",
                        "aws_account:123456789012",
                        "cluster_arn:arn:aws:ecs:eu-west-1:123456789012:cluster/test-cluster",
                        "cluster_name:test-cluster",
                        "docker_image:123.dkr.ecr.eu-west-1.amazonaws.com/acme/web",
                        "ecs_cluster_name:test-cluster",
                        "ecs_container_name:web",
                        "ecs_service:checkout",
                        "env:prod",
                        "image_name:123.dkr.ecr.eu-west-1.amazonaws.com/acme/web",
                        "image_tag:latest",
                        "region:eu-west-1",
                        "service_arn:arn:aws:ecs:eu-west-1:123456789012:service/test-cluster/Checkout",
                        "short_image:web",
                        "task_family:shop",
                        "task_name:shop",
                        "task_version:3",
                        "team:core");
        assertThat(container.orchestrator())
                .containsExactly(
                        "task_arn:" + ARN,
                        "task_definition_arn:arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:3");
        assertThat(container.high()).containsExactly("a:b", "container_id:c1-2", "container_name:ecs-web-1");
        assertThat(container.standard()).containsExactly("env:prod");
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:ecs:us-east-1:111122223333:task/old-format, us-east-1, 111122223333",
        "arn:aws-cn:ecs:cn-north-1:111122223333:task/c/x, cn-north-1, 111122223333",
        "arn:aws-us-gov:ecs:us-gov-west-1:111122223333:task/c/x, us-gov-west-1, 111122223333",
        "arn:other:ecs:us-east-1:111122223333:task/c/x, , ",
        "arn:aws:ecs, , ",
        "task, , "
    })
    void regionAndAccount_areInTheArn(String arn, String region, String account) {
        List<String> low = tags(false, false, false)
                .extract(task(arn, "f", "1", "c"), NOW, problems::add)
                .get(0)
                .low();

        assertThat(low).filteredOn(tag -> tag.startsWith("region:")).isEqualTo(one("region:", region));
        assertThat(low).filteredOn(tag -> tag.startsWith("aws_account:")).isEqualTo(one("aws_account:", account));
    }

    private static List<String> one(String name, String value) {
        return value == null ? List.of() : List.of(name + value);
    }

    @ParameterizedTest
    @CsvSource({
        // For short ARNs the format of the service's ARN is unknown.
        "arn:aws:ecs:us-east-1:1:task/old-format, arn:aws:ecs:us-east-1:1:cluster/c, ,"
                + " arn:aws:ecs:us-east-1:1:task-definition/f:1",
        "arn:aws-cn:ecs:cn-north-1:1:task/c/x, arn:aws-cn:ecs:cn-north-1:1:cluster/c,"
                + " arn:aws-cn:ecs:cn-north-1:1:service/c/Web, arn:aws-cn:ecs:cn-north-1:1:task-definition/f:1",
        "arn:aws:ecs:us-east-1:1:task/another/x, arn:aws:ecs:us-east-1:1:cluster/c, ,"
                + " arn:aws:ecs:us-east-1:1:task-definition/f:1",
        "task, , , "
    })
    void arns_thatNobodyTells_followFromThatOfTheTask(String arn, String cluster, String service, String definition) {
        Task task = new Task(
                new Task.Identity(arn, "f", "1", "c", "Web"),
                new Task.Placement("", "", ""),
                "RUNNING",
                List.of(),
                List.of(),
                true);
        TagInfo info =
                tags(false, false, false).extract(task, NOW, problems::add).get(0);

        assertThat(info.low())
                .filteredOn(tag -> tag.startsWith("cluster_arn:"))
                .isEqualTo(one("cluster_arn:", cluster));
        assertThat(info.low())
                .filteredOn(tag -> tag.startsWith("service_arn:"))
                .isEqualTo(one("service_arn:", service));
        assertThat(info.orchestrator())
                .filteredOn(tag -> tag.startsWith("task_definition_arn:"))
                .isEqualTo(one("task_definition_arn:", definition));
    }

    @Test
    void taskWithoutFamily_hasNoDefinition_andTheRestOfItsTags() {
        TagInfo info = tags(false, false, false)
                .extract(task(ARN, "", "", "c"), NOW, problems::add)
                .get(0);

        assertThat(info.low()).contains("cluster_name:c", "region:eu-west-1").noneMatch(tag -> tag.startsWith("task_"));
        assertThat(info.orchestrator()).containsExactly("task_arn:" + ARN);
    }

    @Test
    void everything_isKeptForAWhile() {
        Task task = task(ARN, "f", "1", "c", container("c1", "web", "", Map.of()));

        assertThat(tags(false, false, false).extract(task, NOW, problems::add))
                .extracting(TagInfo::expiry)
                .containsOnly(Optional.of(NOW.plus(Duration.ofHours(24))));
    }

    @ParameterizedTest
    @CsvSource({"false, false, ''", "true, false, a:b:c zone:ü", "true, true, a_b:c zone:ü"})
    void resourceTags_ifWanted(boolean wanted, boolean replaced, String expected) {
        Task task = new Task(
                new Task.Identity("t", "", "", "", ""),
                new Task.Placement("", "", ""),
                "RUNNING",
                List.of(),
                List.of(Map.of("a:b", "c", "aws:cloudformation:stack", "no"), Map.of("zone", "ü")),
                true);

        assertThat(tags(false, wanted, replaced)
                        .extract(task, NOW, problems::add)
                        .get(0)
                        .low())
                .isEqualTo(expected.isEmpty() ? List.of() : List.of(expected.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({"PENDING", "STOPPED", "''"})
    void taskThatDoesNotRun_hasNoTagsYet_andIsNotComplete(String status) {
        Task task = new Task(
                new Task.Identity(ARN, "f", "1", "c", ""),
                new Task.Placement("", "", ""),
                status,
                List.of(container("c1", "web", "", Map.of())),
                List.of(),
                true);

        assertThat(tags(true, true, true).extract(task, NOW, problems::add))
                .hasSize(2)
                .allMatch(TagInfo::isEmpty)
                .noneMatch(TagInfo::complete);
    }

    @Test
    void answerWithErrors_isNotComplete_butHasItsTags() {
        Task task = new Task(
                new Task.Identity("t", "f", "1", "c", ""),
                new Task.Placement("", "", ""),
                "RUNNING",
                List.of(),
                List.of(Map.of("team", "core")),
                false);
        TagInfo info = tags(true, true, false).extract(task, NOW, problems::add).get(0);

        assertThat(info.complete()).isFalse();
        assertThat(info.low()).contains("team:core", "task_family:f");
    }

    @Test
    void containerWithoutAnId_andATaskWithoutAnArn_areLeftOut() {
        Task task = task("", "f", "1", "c", container("", "web", "", Map.of()));

        assertThat(tags(true, false, false).extract(task, NOW, problems::add)).isEmpty();
    }

    @Test
    void autodiscoveryLabel_thatIsNoList_isToldOf() {
        Task task = task("t", "f", "1", "c", container("c1", "web", "", Map.of("com.datadoghq.ad.tags", "{")));
        List<TagInfo> infos = tags(true, false, false).extract(task, NOW, problems::add);

        assertThat(infos).hasSize(2);
        assertThat(problems).singleElement().asString().contains("c1");
    }

    private static Task task(String arn, String family, String version, String cluster, Task.Container... containers) {
        return new Task(
                new Task.Identity(arn, family, version, cluster, ""),
                new Task.Placement("", "", ""),
                "RUNNING",
                List.of(containers),
                List.of(),
                true);
    }

    private static Task.Container container(String id, String name, String image, Map<String, String> labels) {
        return new Task.Container(id, name, "ecs-web-1", image, labels);
    }

    private static TaskTags tags(boolean isAlone, boolean hasResourceTags, boolean replacesColons) {
        return new TaskTags(new Rules(
                isAlone,
                new ContainerRules(
                        MappingRules.of("l", Map.of("com.acme.team", "team")), MappingRules.of("e", Map.of())),
                Map.of(),
                hasResourceTags,
                replacesColons,
                Duration.ofHours(24)));
    }
}
