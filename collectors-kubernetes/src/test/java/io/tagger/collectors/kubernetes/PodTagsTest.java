package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.PodTags.Rules;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TAGS.md, section 4. */
class PodTagsTest {
    private static final String RUNNING =
            "status: {containerStatuses: [{name: 'web', containerID: 'containerd://c1'}]}";

    private final List<String> problems = new ArrayList<>();

    // The identity of the pod and its containers.

    @Test
    void example_daemonSet() {
        List<TagInfo> infos = extract("""
                {metadata: {name: 'dd-agent-rc-qd876', namespace: 'default', uid: 'u1',
                            ownerReferences: [{kind: 'DaemonSet', name: 'dd-agent-rc'}]},
                 spec: {containers: [{name: 'dd-agent', image: 'datadog/docker-dd-agent:latest5'}]},
                 status: {phase: 'Running', containerStatuses: [{name: 'dd-agent', containerID: 'docker://d0242fc3'}]}}
                """);

        assertThat(infos).hasSize(2);
        TagInfo pod = infos.get(0);
        assertThat(pod.entity()).hasToString("kubernetes_pod_uid://u1");
        assertThat(pod.source()).isEqualTo("kubernetes");
        assertThat(pod.low())
                .containsExactly(
                        "kube_daemon_set:dd-agent-rc",
                        "kube_namespace:default",
                        "kube_ownerref_kind:daemonset",
                        "pod_phase:running");
        assertThat(pod.orchestrator()).containsExactly("kube_ownerref_name:dd-agent-rc", "pod_name:dd-agent-rc-qd876");
        assertThat(pod.high()).isEmpty();
        TagInfo container = infos.get(1);
        assertThat(container.entity()).hasToString("container_id://d0242fc3");
        assertThat(container.low())
                .containsExactly(
                        "image_name:datadog/docker-dd-agent",
                        "image_tag:latest5",
                        "kube_container_name:dd-agent",
                        "kube_daemon_set:dd-agent-rc",
                        "kube_namespace:default",
                        "kube_ownerref_kind:daemonset",
                        "pod_phase:running",
                        "short_image:docker-dd-agent");
        assertThat(container.orchestrator()).isEqualTo(pod.orchestrator());
        assertThat(container.high())
                .containsExactly("container_id:d0242fc3", "display_container_name:dd-agent_dd-agent-rc-qd876");
        assertThat(container.complete()).isTrue();
    }

    @Test
    void initAndEphemeralContainers_areTaggedToo_eachWithItsImage() {
        List<TagInfo> infos = extract("""
                {metadata: {name: 'p'},
                 spec: {containers: [{name: 'a', image: 'app'}], initContainers: [{name: 'i', image: 'init:1'}],
                        ephemeralContainers: [{name: 'e', image: 'debug:2'}]},
                 status: {containerStatuses: [{name: 'a', containerID: 'containerd://c1'}],
                          initContainerStatuses: [{name: 'i', containerID: 'containerd://c2'}],
                          ephemeralContainerStatuses: [{name: 'e', containerID: 'cri-o://c3'}]}}
                """);

        assertThat(infos).extracting(info -> info.entity().id()).containsExactly("c1", "c2", "c3");
        assertThat(infos.get(0).low()).contains("image_name:app", "image_tag:latest");
        assertThat(infos.get(1).low()).contains("image_name:init", "image_tag:1");
        assertThat(infos.get(2).low()).contains("image_name:debug", "image_tag:2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Deployment            | web                  | kube_deployment:web                                        | ",
                "ReplicaSet            | frontend-56c89cfff7  | kube_deployment:frontend kube_replica_set:frontend-56c89cfff7 | ",
                "ReplicaSet            | manually-created     | kube_replica_set:manually-created                          | ",
                "DaemonSet             | d                    | kube_daemon_set:d                                          | ",
                "StatefulSet           | s                    | kube_stateful_set:s                                        | ",
                "ReplicationController | r                    | kube_replication_controller:r                              | ",
                "Job                   | hello-world          | kube_job:hello-world                                       | ",
                "Job                   | hello-1562319360     | kube_cronjob:hello                                         | kube_job:hello-1562319360",
                "Node                  | n1                   |                                                            | ",
                "SpecialThing          | t                    |                                                            | "
            })
    void owner_givesItsTags(String kind, String name, String low, String orchestrator) {
        TagInfo pod = onlyPod("metadata: {uid: 'u', ownerReferences: [{kind: '" + kind + "', name: '" + name + "'}]}");

        assertThat(pod.low())
                .containsExactlyInAnyOrderElementsOf(
                        with(low, "kube_ownerref_kind:" + kind.toLowerCase(java.util.Locale.ROOT)));
        assertThat(pod.orchestrator())
                .containsExactlyInAnyOrderElementsOf(with(orchestrator, "kube_ownerref_name:" + name));
    }

    @Test
    void argoRollout_isTheDeployment_ifThePodCarriesItsLabel() {
        TagInfo pod = onlyPod("""
                metadata: {uid: 'u', labels: {'rollouts-pod-template-hash': '768dd754b7'},
                           ownerReferences: [{kind: 'ReplicaSet', name: 'front-end-768dd754b7'}]}
                """);

        assertThat(pod.low()).contains("kube_argo_rollout:front-end", "kube_deployment:front-end");
    }

    @ParameterizedTest
    @CsvSource({
        "frontend-56c89cfff7, frontend",
        "front-end-768dd754b7, front-end",
        "front-end-768, front-end",
        "frontend-5f, ''",
        "manually-created, ''",
        "frontend2891696001, ''",
        "-56c89cfff7, ''",
        "frontend-, ''",
        "frontend, ''"
    })
    void deployment_isParsedFromTheReplicaSet(String replicaSet, String deployment) {
        assertThat(PodTags.deploymentOf(replicaSet)).isEqualTo(deployment);
    }

    @ParameterizedTest
    @CsvSource({"hello-1562319360, hello", "hello-600, hello", "hello-60, ''", "hello-world, ''", "hello-bcd, ''"})
    void cronJob_isParsedFromTheJob(String job, String cronJob) {
        assertThat(PodTags.cronJobOf(job)).isEqualTo(cronJob);
    }

    @ParameterizedTest
    @CsvSource({"StatefulSet, true", "ReplicaSet, false"})
    void claims_ofAStatefulSet(String kind, boolean tagged) {
        TagInfo pod =
                onlyPod("metadata: {uid: 'u', ownerReferences: [{kind: '" + kind + "', name: 's'}]}, spec: {volumes: ["
                        + "{name: 'v', persistentVolumeClaim: {claimName: 'data-0'}}, {persistentVolumeClaim: {claimName: 'log-0'}},"
                        + " {name: 'e', emptyDir: {}}]}");

        List<String> claims = List.of("persistentvolumeclaim:data-0", "persistentvolumeclaim:log-0");
        assertThat(pod.low().containsAll(claims)).isEqualTo(tagged);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spec: {priorityClassName: 'high'}     | kube_priority_class:high",
                "spec: {runtimeClassName: 'gvisor'}    | kube_runtime_class:gvisor",
                "status: {qosClass: 'Burstable'}       | kube_qos:Burstable",
                "status: {phase: 'Pending'}            | pod_phase:pending"
            })
    void specAndStatus_giveTheirTags(String part, String tag) {
        assertThat(onlyPod("metadata: {uid: 'u'}, " + part).low()).containsExactly(tag);
    }

    @ParameterizedTest
    @CsvSource({
        "name, kube_app_name",
        "instance, kube_app_instance",
        "version, kube_app_version",
        "component, kube_app_component",
        "part-of, kube_app_part_of",
        "managed-by, kube_app_managed_by"
    })
    void recommendedLabel_givesItsTag(String label, String tag) {
        TagInfo pod = onlyPod("metadata: {uid: 'u', labels: {'app.kubernetes.io/" + label + "': 'v'}}");

        assertThat(pod.low()).containsExactly(tag + ":v");
    }

    @Test
    void openshift() {
        TagInfo pod = onlyPod("""
                metadata: {uid: 'u', annotations: {'openshift.io/deployment-config.name': 'gitlab-ce',
                                                   'openshift.io/deployment.name': 'gitlab-ce-1'}}
                """);

        assertThat(pod.low()).containsExactly("oshift_deployment_config:gitlab-ce");
        assertThat(pod.orchestrator()).containsExactly("oshift_deployment:gitlab-ce-1");
    }

    // Standard tags.

    @Test
    void standardLabels_ofThePod_areForItAndItsContainers() {
        List<TagInfo> infos = extract("{metadata: {uid: 'u', labels: {'tags.datadoghq.com/env': 'production',"
                + " 'tags.datadoghq.com/service': 'dd-agent', 'tags.datadoghq.com/version': '1.1.0'}}, " + RUNNING
                + "}");

        assertThat(infos).hasSize(2).allSatisfy(info -> {
            assertThat(info.standard()).containsExactly("env:production", "service:dd-agent", "version:1.1.0");
            assertThat(info.low()).containsAll(info.standard());
        });
    }

    @Test
    void standardLabelsAndVariables_ofOneContainer_areForItAlone() {
        List<TagInfo> infos = extract("""
                {metadata: {uid: 'u', labels: {'tags.datadoghq.com/web.env': 'dev', 'tags.datadoghq.com/web.version': '2'}},
                 spec: {containers: [
                    {name: 'web', env: [{name: 'DD_SERVICE', value: 'shop'}, {name: 'DD_VERSION', valueFrom: {fieldRef: {}}}]},
                    {name: 'side', env: [{name: 'DD_ENV', value: 'other'}]}]},
                 status: {containerStatuses: [{name: 'web', containerID: 'containerd://c1'},
                                              {name: 'side', containerID: 'containerd://c2'}]}}
                """);

        assertThat(infos.get(0).standard()).isEmpty();
        assertThat(infos.get(1).standard()).containsExactly("env:dev", "service:shop", "version:2");
        assertThat(infos.get(2).standard()).containsExactly("env:other");
    }

    // Services and namespaces.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "                                                          | true",
                "'tags.datadoghq.com/disable': 'kube_service'              | false",
                "'tags.datadoghq.com/disable': 'other, kube_service '      | false",
                "'tags.datadoghq.com/disable': 'kube_services'             | true"
            })
    void services_thatSelectThePod(String annotation, boolean tagged) {
        Pod pod = Pods.pod("{metadata: {uid: 'u', annotations: {" + (annotation == null ? "" : annotation) + "}}}");
        TagInfo info = tags("{}", "{}")
                .extract(pod, new Surroundings(Map.of(), Map.of(), Set.of("front", "back"), true), problems::add)
                .get(0);

        assertThat(info.low()).isEqualTo(tagged ? List.of("kube_service:back", "kube_service:front") : List.of());
    }

    @Test
    void namespace_labelsAndAnnotations_byTheRules() {
        PodTags tags = new PodTags(
                "kubernetes",
                new Rules(
                        MappingRules.of("l", Map.of()),
                        MappingRules.of("a", Map.of()),
                        MappingRules.of("nl", Map.of("team", "ns_team", "env", "env")),
                        MappingRules.of("na", Map.of("contact", "+contact")),
                        Map.of()));
        TagInfo info = tags.extract(
                        Pods.pod("{metadata: {uid: 'u'}}"),
                        new Surroundings(
                                Map.of("team", "core", "env", "prod"), Map.of("contact", "ann"), Set.of(), true),
                        problems::add)
                .get(0);

        assertThat(info.low()).containsExactly("env:prod", "ns_team:core");
        assertThat(info.standard()).containsExactly("env:prod");
        assertThat(info.high()).containsExactly("contact:ann");
    }

    // Custom tags.

    @Test
    void example_podLabels_byTheRules() {
        PodTags tags = tags("{component: component, ownerteam: team, gitcommit: \"+GitCommit\", tier: tier}", "{}");
        TagInfo info = tags.extract(
                        Pods.pod("{metadata: {uid: 'u', labels: {component: 'kube-proxy', GitCommit: 'ea38',"
                                + " OwnerTeam: 'Kenafeh', tier: 'node'}}}"),
                        Surroundings.NONE,
                        problems::add)
                .get(0);

        assertThat(info.low()).containsExactly("component:kube-proxy", "team:Kenafeh", "tier:node");
        assertThat(info.high()).containsExactly("GitCommit:ea38");
    }

    @Test
    void podAnnotations_byTheRules() {
        TagInfo info = tags("{}", "{owner: owner}")
                .extract(
                        Pods.pod("{metadata: {uid: 'u', annotations: {Owner: 'ann'}, labels: {owner: 'no'}}}"),
                        Surroundings.NONE,
                        problems::add)
                .get(0);

        assertThat(info.low()).containsExactly("owner:ann");
    }

    @Test
    void tagsAnnotation_isForAll_andThatOfAContainerForItAlone() {
        List<TagInfo> infos = extract("""
                {metadata: {uid: 'u', annotations: {
                    'ad.datadoghq.com/tags': '{"team": "core", "zone": ["a", "b", 3], "+id": "7", "n": 1, "o": {"x": "y"}}',
                    'ad.datadoghq.com/web.tags': '{"role": "front"}',
                    'ad.datadoghq.com/other.tags': '{"role": "back"}'}},
                """ + RUNNING + "}");

        assertThat(infos.get(0).low()).containsExactly("team:core", "zone:a", "zone:b");
        assertThat(infos.get(0).high()).containsExactly("id:7");
        assertThat(infos.get(1).low()).contains("role:front", "team:core").doesNotContain("role:back");
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no json", "[1]", "\"text\"", "", "{} trailing", "{\"a\":"})
    void tagsAnnotation_thatIsNoObject_isToldOnce_andTheRestIsKept(String value) {
        Pod pod = new Pod(
                new Pod.Metadata(
                        "p", "ns", "u", null, new java.util.HashMap<>(Map.of("ad.datadoghq.com/tags", value)), null),
                null,
                Pods.pod("{" + RUNNING + "}").status());
        List<TagInfo> infos = tags("{}", "{}").extract(pod, Surroundings.NONE, problems::add);

        assertThat(infos).hasSize(2).allSatisfy(info -> assertThat(info.low()).contains("kube_namespace:ns"));
        assertThat(problems).singleElement().asString().contains("pod ns/p", "ad.datadoghq.com/tags", "JSON object");
    }

    // Bad input.

    @Test
    void pod_withoutUid_hasNoEntity_butItsContainersHave() {
        List<TagInfo> infos = extract("{metadata: {name: 'p', namespace: 'ns'}, " + RUNNING + "}");

        assertThat(infos).singleElement().satisfies(info -> {
            assertThat(info.entity()).hasToString("container_id://c1");
            assertThat(info.low()).contains("kube_namespace:ns");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{metadata: null, spec: null, status: null}",
                "{status: {containerStatuses: null}}",
                "{status: {containerStatuses: [null]}}",
                "{metadata: {labels: null, annotations: {a: null}, ownerReferences: [null]}}",
                "{status: {containerStatuses: [{name: 'web'}, {name: 'side', containerID: ''}, {containerID: 'docker://'}]}}"
            })
    void pod_thatSaysNothing_hasNoTags(String pod) {
        assertThat(extract(pod)).isEmpty();
        assertThat(problems).isEmpty();
    }

    @Test
    void containers_ofOneImage_areToldApartByTheirNames() {
        List<TagInfo> infos = extract("""
                {metadata: {name: 'p'}, spec: {containers: [{name: 'a', image: 'app:1'}, {name: 'b', image: 'app:1'}]},
                 status: {containerStatuses: [{name: 'a', containerID: 'containerd://c1'},
                                              {name: 'b', containerID: 'containerd://c2'}]}}
                """);

        assertThat(infos.get(0).low()).contains("kube_container_name:a", "image_name:app");
        assertThat(infos.get(1).low()).contains("kube_container_name:b", "image_name:app");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256:5bef08742407efd622d243692b79ba0055383bbce12900324f75e56f589aedb0"})
    void image_thatIsNoName_givesNoImageTags(String image) {
        List<TagInfo> infos = extract("{spec: {containers: [{name: 'web', image: '" + image + "'}]}, " + RUNNING + "}");

        assertThat(infos.get(0).low()).containsExactly("kube_container_name:web");
    }

    @Test
    void status_ofAContainerThatIsNotInTheSpec_isTaggedWithoutItsImage() {
        assertThat(extract("{" + RUNNING + "}").get(0).low()).containsExactly("kube_container_name:web");
    }

    @Test
    void label_withAVeryLongName_isNoTrouble() {
        String name = "l".repeat(300);
        TagInfo info = tags("{\"*\": \"%%label%%\"}", "{}")
                .extract(
                        Pods.pod("{metadata: {uid: 'u', labels: {" + name + ": 'v'}}}"),
                        Surroundings.NONE,
                        problems::add)
                .get(0);

        assertThat(info.low()).containsExactly(name + ":v");
    }

    private List<TagInfo> extract(String pod) {
        return tags("{}", "{}").extract(Pods.pod(pod), Surroundings.NONE, problems::add);
    }

    private TagInfo onlyPod(String parts) {
        List<TagInfo> infos = extract("{" + parts + "}");
        assertThat(infos).hasSize(1);
        return infos.get(0);
    }

    private static List<String> with(String tags, String more) {
        List<String> all = new ArrayList<>(tags == null ? List.of() : Arrays.asList(tags.split(" ")));
        all.add(more);
        return all;
    }

    private static PodTags tags(String labelRules, String annotationRules) {
        MappingRules none = MappingRules.of("none", Map.of());
        return new PodTags(
                "kubernetes",
                new Rules(
                        MappingRules.of("pod-labels-as-tags", map(labelRules)),
                        MappingRules.of("pod-annotations-as-tags", map(annotationRules)),
                        none,
                        none,
                        Map.of()));
    }

    private static Map<String, Object> map(String hocon) {
        return com.typesafe.config.ConfigFactory.parseString(hocon).root().unwrapped();
    }
}
