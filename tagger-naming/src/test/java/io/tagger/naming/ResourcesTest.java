package io.tagger.naming;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.testkit.FakeTagger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesTest {
    private static final EntityId CONTAINER = EntityId.container("c1");
    private static final EntityId POD = EntityId.pod("u1");

    private final FakeTagger tagger = new FakeTagger();
    private final Resources resources = Resources.of(tagger);

    /** The tags of a container of a pod of a deployment. */
    private static TagInfo.Builder containerOfAPod() {
        return TagInfo.builder("kubernetes", CONTAINER)
                .low("kube_namespace", "shop")
                .low("kube_deployment", "web")
                .low("kube_replica_set", "web-5d4")
                .low("kube_container_name", "nginx")
                .low("kube_service", "web")
                .low("kube_app_name", "store")
                .low("kube_app_instance", "store-eu")
                .low("kube_app_version", "7")
                .low("pod_phase", "running")
                .low("image_name", "acme/web")
                .low("image_tag", "1.2")
                .low("image_id", "acme/web@sha256:abcd")
                .low("short_image", "web")
                .low("team", "core")
                .orchestrator("pod_name", "web-5d4-x")
                .high("container_id", "c1");
    }

    private Map<String, Object> attributes(TagInfo info) {
        tagger.set(info);
        return resources.find(info.entity()).orElseThrow().attributes();
    }

    @Test
    void containerOfAPod_hasTheNamesOfOpenTelemetry() {
        tagger.set(TagInfo.builder("kubernetes", EntityId.host("vm"))
                .low("kube_cluster_name", "eu-1")
                .low("orch_cluster_id", "c-uid")
                .low("os", "linux")
                .build());
        tagger.set(TagInfo.builder("kubernetes", EntityId.resource(CONTAINER))
                .orchestrator("k8s.pod.uid", "u1")
                .low("k8s.node.name", "node-1")
                .build());

        assertThat(attributes(containerOfAPod().build()))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        entry("container.id", "c1"),
                        entry("container.image.id", "acme/web@sha256:abcd"),
                        entry("container.image.name", "acme/web"),
                        entry("container.image.tags", List.of("1.2")),
                        entry("k8s.cluster.name", "eu-1"),
                        entry("k8s.cluster.uid", "c-uid"),
                        entry("k8s.container.name", "nginx"),
                        entry("k8s.deployment.name", "web"),
                        entry("k8s.namespace.name", "shop"),
                        entry("k8s.node.name", "node-1"),
                        entry("k8s.pod.label.app.kubernetes.io/instance", "store-eu"),
                        entry("k8s.pod.label.app.kubernetes.io/name", "store"),
                        entry("k8s.pod.label.app.kubernetes.io/version", "7"),
                        entry("k8s.pod.name", "web-5d4-x"),
                        entry("k8s.pod.uid", "u1"),
                        entry("k8s.replicaset.name", "web-5d4"),
                        entry("service.instance.id", "shop.web-5d4-x.nginx"),
                        entry("service.name", "web"),
                        entry("service.namespace", "shop"),
                        entry("service.version", "1.2@sha256:abcd"),
                        entry("team", "core")));
    }

    @Test
    void annotation_hasPrecedenceOverTheTag_andTheTagOverTheWorkload() {
        TagInfo info = containerOfAPod()
                .standard("service", "shop-web")
                .standard("version", "9")
                .build();

        assertThat(attributes(info)).containsEntry("service.name", "shop-web").containsEntry("service.version", "9");

        tagger.set(TagInfo.builder("kubernetes", EntityId.resource(CONTAINER))
                .low("service.name", "annotated")
                .low("service.instance.id", "i-1")
                .low("container.image.tags", "annotated")
                .build());
        assertThat(attributes(info))
                .containsEntry("container.image.tags", List.of("annotated"))
                .containsEntry("service.name", "annotated")
                .containsEntry("service.instance.id", "i-1")
                .containsEntry("service.version", "9");
    }

    @Test
    void labelsOfTheApplication_nameTheService_ifChosen() {
        tagger.set(containerOfAPod().build());

        assertThat(new Resources(tagger, NameTable.openTelemetry(), true)
                        .find(CONTAINER)
                        .orElseThrow()
                        .attributes())
                .containsEntry("service.name", "store-eu")
                .containsEntry("service.version", "7");
    }

    @ParameterizedTest
    @CsvSource({
        "kube_stateful_set db kube_job j, db",
        "kube_daemon_set ds kube_stateful_set db, db",
        "kube_daemon_set ds pod_name p, ds",
        "kube_job j kube_cronjob cj, cj",
        "kube_job j pod_name p, j",
        "pod_name p kube_container_name c, p",
        "kube_container_name c image_tag t, c"
    })
    void service_hasTheNameOfTheWorkload(String tags, String service) {
        TagInfo.Builder info = TagInfo.builder("kubernetes", CONTAINER).low("kube_namespace", "shop");
        String[] words = tags.split(" ");
        for (int i = 0; i < words.length; i += 2) {
            info.low(words[i], words[i + 1]);
        }

        assertThat(attributes(info.build())).containsEntry("service.name", service);
    }

    @Test
    void pod_hasItsUid_andNoInstance() {
        TagInfo info = TagInfo.builder("kubernetes", POD)
                .low("kube_namespace", "shop")
                .orchestrator("pod_name", "web-1")
                .low("persistentvolumeclaim", "a")
                .low("persistentvolumeclaim", "b")
                .build();

        assertThat(attributes(info))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "k8s.pod.uid",
                        "u1",
                        "k8s.namespace.name",
                        "shop",
                        "k8s.pod.name",
                        "web-1",
                        "k8s.persistentvolumeclaim.name",
                        List.of("a", "b"),
                        "service.name",
                        "web-1",
                        "service.namespace",
                        "shop"));
    }

    @Test
    void containerOfATask_hasTheNamesOfAws() {
        TagInfo info = TagInfo.builder("ecs", CONTAINER)
                .low("task_family", "web")
                .low("task_version", "3")
                .low("ecs_cluster_name", "prod")
                .low("cluster_arn", "arn:c")
                .low("region", "eu-central-1")
                .low("availability_zone", "eu-central-1a")
                .orchestrator("task_arn", "arn:t")
                .build();

        assertThat(attributes(info))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "aws.ecs.task.family", "web",
                        "aws.ecs.task.revision", "3",
                        "aws.ecs.cluster.arn", "arn:c",
                        "aws.ecs.task.arn", "arn:t",
                        "cloud.region", "eu-central-1",
                        "cloud.availability_zone", "eu-central-1a",
                        "cloud.provider", "aws",
                        "cloud.platform", "aws_ecs"));
    }

    @Test
    void containerOfDocker_hasNothingOfTheMachine_andNoComputedService() {
        tagger.set(
                TagInfo.builder("host", EntityId.host("vm")).low("os", "linux").build());

        assertThat(attributes(TagInfo.builder("docker", CONTAINER)
                        .low("image_name", "web")
                        .standard("env", "prod")
                        .build()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("container.image.name", "web", "deployment.environment.name", "prod"));
    }

    @ParameterizedTest
    @CsvSource({"aarch64, arm64", "x86_64, amd64", "amd64, amd64", "i386, x86", "riscv64, riscv64"})
    void process_hasTheAttributesOfTheMachine(String architecture, String expected) {
        tagger.set(TagInfo.builder("host", EntityId.host("vm"))
                .low("host", "vm")
                .low("os", "linux")
                .low("architecture", architecture)
                .low("kernel_version", "6.1")
                .build());

        assertThat(attributes(TagInfo.builder("process", EntityId.process(7))
                        .low("process_name", "java")
                        .build()))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("host.name", "vm", "os.type", "linux", "host.arch", expected, "process_name", "java"));
    }

    @Test
    void severalMachines_areNoMachine() {
        tagger.set(
                TagInfo.builder("host", EntityId.host("a")).low("os", "linux").build());
        tagger.set(
                TagInfo.builder("host", EntityId.host("b")).low("os", "linux").build());

        assertThat(attributes(TagInfo.builder("process", EntityId.process(7))
                        .low("process_name", "java")
                        .build()))
                .containsOnlyKeys("process_name");
    }

    @Test
    void tagWithoutAValue_isNoAttribute() {
        assertThat(attributes(TagInfo.builder("static", CONTAINER)
                        .tags(Cardinality.LOW, List.of("bare", "team:core"))
                        .build()))
                .containsExactly(entry("team", "core"));
    }

    /** Both sources have the priority of their order here; the store decides which tags remain. */
    @Test
    void ofSeveralValues_theFirstOfTheFirstSourceIsTaken() {
        TagInfo first = TagInfo.builder("first", CONTAINER)
                .low("env", "prod")
                .low("env", "live")
                .low("image_tag", "2")
                .build();
        TagInfo second = TagInfo.builder("second", CONTAINER)
                .low("env", "dev")
                .low("image_tag", "1")
                .low("lost", "in the merge")
                .build();
        EntityTags merged = new EntityTags() {
            @Override
            public EntityId entity() {
                return CONTAINER;
            }

            @Override
            public List<String> tags(Cardinality cardinality) {
                return List.of("env:dev", "env:live", "env:prod", "image_tag:1", "image_tag:2");
            }

            @Override
            public List<String> standard() {
                return List.of();
            }

            @Override
            public Map<String, TagInfo> sources() {
                Map<String, TagInfo> sources = new LinkedHashMap<>();
                sources.put("first", first);
                sources.put("second", second);
                return sources;
            }

            @Override
            public boolean complete() {
                return true;
            }
        };

        assertThat(resources.name(merged, Optional.empty(), Optional.empty()).attributes())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("deployment.environment.name", "live", "container.image.tags", List.of("2", "1")));
    }

    @Test
    void self_isTheEntityOfThisProcess() {
        assertThat(resources.self()).isEmpty();

        tagger.set(containerOfAPod().build());
        tagger.setSelf(CONTAINER);
        assertThat(resources.self().orElseThrow().attributes()).containsEntry("k8s.pod.name", "web-5d4-x");
    }

    @Test
    void completeness_isOfTheTagsAndOfTheFacts() {
        tagger.set(containerOfAPod().build());
        assertThat(resources.find(CONTAINER).orElseThrow().complete()).isTrue();

        tagger.set(TagInfo.builder("kubernetes", EntityId.resource(CONTAINER))
                .low("k8s.node.name", "n")
                .incomplete()
                .build());
        assertThat(resources.find(CONTAINER).orElseThrow().complete()).isFalse();

        tagger.set(TagInfo.deletion("kubernetes", EntityId.resource(CONTAINER)));
        tagger.set(containerOfAPod().incomplete().build());
        assertThat(resources.find(CONTAINER).orElseThrow().complete()).isFalse();
    }

    @Test
    void entityWithALongName_hasItsTags() {
        EntityId longest = EntityId.container("c".repeat(EntityId.MAX_BYTES - "container_id://".length()));

        assertThat(Resources.further(longest)).isEmpty();
        assertThat(attributes(
                        TagInfo.builder("static", longest).low("team", "core").build()))
                .containsExactly(entry("team", "core"));
        assertThat(resources.find(EntityId.container("unknown"))).isEmpty();
    }

    @Test
    void resource_hasTextsAndListsOfTexts() {
        assertThatThrownBy(() -> new Resource(CONTAINER, Map.of("a", 1), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the attribute a is neither a text nor a list of texts");
    }
}
