package io.tagger.collectors.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.PodTags.Rules;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.io.ByteArrayInputStream;
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

    private static final ContainerRules NO_RULES =
            new ContainerRules(MappingRules.of("labels", Map.of()), MappingRules.of("env", Map.of()));

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
                "ReplicaSet            | frontend-56c89cfff7  | kube_replica_set:frontend-56c89cfff7                       | ",
                "ReplicaSet            | manually-created     | kube_replica_set:manually-created                          | ",
                "DaemonSet             | d                    | kube_daemon_set:d                                          | ",
                "StatefulSet           | s                    | kube_stateful_set:s                                        | ",
                "ReplicationController | r                    | kube_replication_controller:r                              | ",
                "Job                   | hello-world          | kube_job:hello-world                                       | ",
                "Job                   | hello-1562319360     | kube_cronjob:hello                                         | kube_job:hello-1562319360",
                "Job                   | nightly-28741230     | kube_cronjob:nightly                                       | kube_job:nightly-28741230",
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
        "frontend-56c89cfff7, pod-template-hash, 56c89cfff7, frontend",
        "front-end-768dd754b7, rollouts-pod-template-hash, 768dd754b7, front-end",
        "frontend-5f, pod-template-hash, 5f, frontend",
        "web-2024, pod-template-hash, 56c89cfff7, ''",
        "web-2024, app, 2024, ''",
        "frontend2891696001, pod-template-hash, 2891696001, ''",
        "-56c89cfff7, pod-template-hash, 56c89cfff7, ''",
        "frontend-, pod-template-hash, '', ''",
        "frontend, pod-template-hash, frontend, ''"
    })
    void deployment_isKnownByTheHashLabel(String replicaSet, String label, String hash, String deployment) {
        assertThat(PodTags.deploymentOf(replicaSet, Map.of(label, hash))).isEqualTo(deployment);
    }

    @Test
    void deployment_ofAPodOfAReplicaSet() {
        TagInfo pod = onlyPod("""
                metadata: {uid: 'u', labels: {'pod-template-hash': '56c89cfff7'},
                           ownerReferences: [{kind: 'ReplicaSet', name: 'frontend-56c89cfff7'}]}
                """);

        assertThat(pod.low()).contains("kube_deployment:frontend", "kube_replica_set:frontend-56c89cfff7");
    }

    @ParameterizedTest
    @CsvSource({
        "hello-1562319360, hello",
        "nightly-28741230, nightly",
        "night-ly-28741230, night-ly",
        "migrate-2024, ''",
        "hello-600, ''",
        "hello-60, ''",
        "hello-123456789, ''",
        "hello-12345678901, ''",
        "-28741230, ''",
        "hello-world, ''"
    })
    void cronJob_isParsedFromTheJob(String job, String cronJob) {
        assertThat(PodTags.cronJobOf(job)).isEqualTo(cronJob);
    }

    // The environment.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{name: 'A', value: 'x'}, {name: 'DD_ENV', value: '$(A)-$(A)'}                  | x-x",
                "{name: 'DD_ENV', value: '$(A)'}, {name: 'A', value: 'later'}                   | $(A)",
                "{name: 'A', value: 'x'}, {name: 'DD_ENV', value: '$$(A) $$ $A ${A} $(B'}       | $(A) $ $A ${A} $(B",
                "{name: 'DD_ENV', value: 'first'}, {name: 'DD_ENV', value: 'last'}              | last",
                "{name: 'DD_ENV', value: 'a'}, {name: 'DD_ENV', value: '$(DD_ENV)b'}            | ab",
                "{name: 'A', value: '$(B)'}, {name: 'B', value: 'x'}, {name: 'DD_ENV', value: '$(A)'} | $(B)",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'metadata.namespace'}}}     | ns",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}}          | p",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'metadata.uid'}}}           | u",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app/x']\"}}}      | lab",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['note']\"}}}  | ann",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'spec.nodeName'}}}          | n1",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'spec.serviceAccountName'}}} | sa",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'status.podIP'}}}           | 10.0.0.7",
                "{name: 'DD_ENV', valueFrom: {fieldRef: {fieldPath: 'status.hostIP'}}}          | 10.0.0.1",
                "{name: 'N', valueFrom: {fieldRef: {fieldPath: 'spec.nodeName'}}}, {name: 'DD_ENV', value: 'on-$(N)'} | on-n1",
                "{name: 'DD_ENV', valueFrom: {secretKeyRef: {name: 's', key: 'k'}}}             | ",
                "{name: 'S', valueFrom: {secretKeyRef: {name: 's'}}}, {name: 'DD_ENV', value: 'x-$(S)'} | ",
                "{name: 'DD_ENV', value: 'x'}, {name: 'DD_ENV', valueFrom: {configMapKeyRef: {}}} | ",
                "{name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'deployment.environment=a%20b'}      | a b"
            })
    void environment_isAsTheContainerHasIt(String variables, String env) {
        Pod pod = Pods.pod("""
                {metadata: {uid: 'u', name: 'p', namespace: 'ns', labels: {'app/x': 'lab'}, annotations: {note: 'ann'}},
                 spec: {nodeName: 'n1', serviceAccountName: 'sa', containers: [{name: 'web', env: [%s]}]},
                 status: {podIP: '10.0.0.7', hostIP: '10.0.0.1',
                          containerStatuses: [{name: 'web', containerID: 'containerd://c1'}]}}
                """.formatted(variables));
        List<String> expected = env == null ? List.of() : List.of("env:" + env);

        assertThat(tags("{}", "{}")
                        .extract(pod, Surroundings.NONE, problems::add)
                        .get(1)
                        .standard())
                .isEqualTo(expected);
        Pod revision = tags("{}", "{}").revision(pod);
        assertThat(tags("{}", "{}")
                        .extract(revision, Surroundings.NONE, problems::add)
                        .get(1)
                        .standard())
                .as("of the kept revision")
                .isEqualTo(expected);
    }

    // Static pods, and OpenTelemetry's annotations.

    @Test
    void staticPod_isKnownByBothUids() {
        String text = "{metadata: {name: 'etcd-n1', uid: '%s', annotations: {'kubernetes.io/config.hash': 'hash'}}, "
                + RUNNING + "}";

        assertThat(extract(text.formatted("mirror")))
                .extracting(info -> info.entity().toString())
                .containsExactly("kubernetes_pod_uid://hash", "kubernetes_pod_uid://mirror", "container_id://c1");
        assertThat(extract(text.formatted("hash")))
                .extracting(info -> info.entity().toString())
                .containsExactly("kubernetes_pod_uid://hash", "container_id://c1");
        assertThat(tags("{}", "{}").revision(Pods.pod(text.formatted("mirror"))).uids())
                .containsExactly("hash", "mirror");
    }

    @Test
    void openTelemetryAnnotations_holdForThePodAndItsContainers() {
        List<TagInfo> infos = extract("""
                {metadata: {uid: 'u', annotations: {
                    'resource.opentelemetry.io/service.name': 'shop', 'resource.opentelemetry.io/service.version': '7',
                    'resource.opentelemetry.io/deployment.environment.name': 'prod',
                    'resource.opentelemetry.io/team': 'core', 'resource.opentelemetry.io/': 'nothing'}},
                """ + RUNNING + "}");

        assertThat(infos).hasSize(2).allSatisfy(info -> {
            assertThat(info.standard()).containsExactly("env:prod", "service:shop", "version:7");
            assertThat(info.low()).contains("team:core");
        });
    }

    // Images.

    @ParameterizedTest
    @CsvSource({
        "web, latest",
        "web:1, 1",
        "web@sha256:5bef, ''",
        "web:1@sha256:5bef, 1",
    })
    void image_withoutTagAndDigest_isLatest(String image, String tag) {
        TagInfo info = extract("{metadata: {uid: 'u'}, spec: {containers: [{name: 'web', image: '" + image + "'}]}, "
                        + RUNNING + "}")
                .get(1);

        assertThat(info.low()).contains("image_name:web");
        assertThat(info.low())
                .filteredOn(one -> one.startsWith("image_tag:"))
                .isEqualTo(tag.isEmpty() ? List.of() : List.of("image_tag:" + tag));
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
                        NO_RULES,
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
                    'ad.datadoghq.com/tags': '{"team": "core", "zone": ["a", "b", 8080, true, 1.5, null, {}], "+id": "7", "n": 1, "o": {"x": "y"}}',
                    'ad.datadoghq.com/web.tags': '{"role": "front"}',
                    'ad.datadoghq.com/other.tags': '{"role": "back"}'}},
                """ + RUNNING + "}");

        assertThat(infos.get(0).low())
                .containsExactly("team:core", "zone:1.5", "zone:8080", "zone:a", "zone:b", "zone:true");
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

    // Tags of the Datadog Agent that TAGS.md does not have; docs/kubernetes-tags.md.

    @ParameterizedTest
    @CsvSource({
        "nvidia.com/gpu, nvidia",
        "nvidia.com/mig-3g.20gb, nvidia",
        "amd.com/gpu, amd",
        "gpu.intel.com/xe, intel",
        "gpu.intel.com/i915, intel",
        "nvidia.com/gpu.shared, ''",
        "gpu.intel.com/other, ''",
        "cpu, ''"
    })
    void gpuVendor_byTheRequestedResource_onThePodAndAllItsContainers(String resource, String vendor) {
        List<TagInfo> infos =
                extract("{metadata: {uid: 'u'}, spec: {containers: [{name: 'web'}, {name: 'gpu', resources:"
                        + " {requests: {'" + resource + "': '1', memory: '1Gi'}}}]}, " + RUNNING + "}");

        assertThat(infos).hasSize(2).allSatisfy(info -> assertThat(info.low())
                .filteredOn(tag -> tag.startsWith("gpu_vendor"))
                .isEqualTo(vendor.isEmpty() ? List.of() : List.of("gpu_vendor:" + vendor)));
    }

    @Test
    void autoscaler_restartPolicies_imageId_andVariables() {
        List<TagInfo> infos = tags("", "", "TEAM = team, \"APP_*\" = \"+%%env%%\"")
                .extract(Pods.pod("""
                {metadata: {uid: 'u', annotations: {'autoscaling.datadoghq.com/autoscaler-id': 'ns/a'}},
                 spec: {containers: [{name: 'web', image: 'shop/web:1',
                   resizePolicy: [{resourceName: 'cpu', restartPolicy: 'NotRequired'},
                                  {resourceName: 'memory', restartPolicy: 'RestartContainer'}],
                   env: [{name: 'TEAM', value: 'core'}, {name: 'APP_X', value: '$(TEAM)-x'}, {name: 'SECRET', value: 's'},
                         {name: 'DD_GIT_COMMIT_SHA', value: 'abc'}, {name: 'DD_GIT_REPOSITORY_URL', value: 'https://git/x'},
                         {name: 'TEAM_FROM', valueFrom: {secretKeyRef: {name: 's', key: 'k'}}}]}]},
                 status: {containerStatuses: [{name: 'web', containerID: 'containerd://c1',
                   imageID: 'docker-pullable://docker.io/shop/web@sha256:12'}]}}
                """), Surroundings.NONE, problems::add);
        TagInfo pod = infos.get(0);
        TagInfo container = infos.get(1);

        assertThat(pod.low()).containsExactly("kube_autoscaler_kind:datadogpodautoscaler");
        assertThat(container.low())
                .contains(
                        "kube_autoscaler_kind:datadogpodautoscaler",
                        "cpu_restart_policy:NotRequired",
                        "memory_restart_policy:RestartContainer",
                        "image_id:docker.io/shop/web@sha256:12",
                        "git.commit.sha:abc",
                        "git.repository_url:https://git/x",
                        "team:core");
        assertThat(container.high()).contains("APP_X:core-x").noneMatch(tag -> tag.contains("SECRET"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "kernelVersion: '6.1.0-azure', kubeletVersion: 'v1.37.2' |  | aks",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2-eks-1' |  | eks",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2-gke.1' |  | gke",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2' | 'eks.amazonaws.com/nodegroup': '' | eks",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2' | 'cloud.google.com/gke-boot-disk': 'x' | gke",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2' | 'kubernetes.azure.com/mode': 'x' | aks",
                "kernelVersion: '6.1.0', kubeletVersion: 'v1.37.2' | 'zone': 'a' | ",
            })
    void distribution_byTheSoftwareOfTheNode_orItsLabels(String software, String labels, String distribution)
            throws Exception {
        TagInfo info = host(
                "{metadata: {labels: {" + (labels == null ? "" : labels) + "}}, status: {nodeInfo: {" + software
                        + "}}}",
                "",
                "");

        assertThat(info.low())
                .isEqualTo(distribution == null ? List.of() : List.of("kube_distribution:" + distribution));
    }

    @Test
    void host_rolesClusterAndLabels() throws Exception {
        String node = "{metadata: {labels: {'kubernetes.io/role': 'compute', 'node-role.kubernetes.io': 'foo',"
                + " 'node-role.kubernetes.io/gpu': '', 'alpha.eksctl.io/cluster-name': 'other',"
                + " 'ad.datadoghq.com/cluster-name': 'My_Shop', zone: 'a', hidden: 'x'}}}";

        assertThat(host(node, "", "zone = zone").low())
                .containsExactly(
                        "kube_cluster_name:my-shop",
                        "kube_distribution:eks",
                        "kube_node_role:compute",
                        "kube_node_role:gpu",
                        "orch_cluster_id:5f3c",
                        "zone:a");
        assertThat(host(node, "Given", "").low()).contains("kube_cluster_name:Given");
        assertThat(HostTags.extract(EntityId.host("h"), null, "", rules("", "")).isEmpty())
                .isTrue();
    }

    private static TagInfo host(String node, String clusterName, String labelRules) throws Exception {
        return HostTags.extract(
                EntityId.host("h"),
                ItemList.readOne(new ByteArrayInputStream(Pods.json(node).getBytes(UTF_8)), HostTags.Node.class),
                node.contains("nodeInfo") ? "" : "5f3c",
                rules(clusterName, labelRules));
    }

    private static HostTags.Rules rules(String clusterName, String labelRules) {
        return new HostTags.Rules(MappingRules.of("node-labels-as-tags", map(labelRules)), clusterName, Map.of());
    }

    private static List<String> with(String tags, String more) {
        List<String> all = new ArrayList<>(tags == null ? List.of() : Arrays.asList(tags.split(" ")));
        all.add(more);
        return all;
    }

    private static PodTags tags(String labelRules, String annotationRules) {
        return tags(labelRules, annotationRules, "");
    }

    private static PodTags tags(String labelRules, String annotationRules, String environmentRules) {
        MappingRules none = MappingRules.of("none", Map.of());
        return new PodTags(
                "kubernetes",
                new Rules(
                        MappingRules.of("pod-labels-as-tags", map(labelRules)),
                        MappingRules.of("pod-annotations-as-tags", map(annotationRules)),
                        none,
                        none,
                        new ContainerRules(none, MappingRules.of("env-as-tags", map(environmentRules))),
                        Map.of()));
    }

    private static Map<String, Object> map(String hocon) {
        return com.typesafe.config.ConfigFactory.parseString(hocon).root().unwrapped();
    }
}
