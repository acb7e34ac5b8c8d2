package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.FakeServer.Answer;
import io.tagger.collectors.kubernetes.FakeServer.Identity;
import io.tagger.collectors.kubernetes.PodTags.Rules;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.Mutations;
import io.tagger.testkit.TestContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole pod lists in the form of the kubelets of Kubernetes 1.24 and 1.34, with all fields unused by a tagger. Written
 * by hand after the API's reference: no cluster runs here.
 */
class PodListsTest {
    @Test
    void of124_deploymentPod_withThreeContainers() throws Exception {
        assertThat(tags("pods-1.24.json", "web-56c89cfff7-x2x7q"))
                .containsExactly(
                        "pod: env:prod kube_deployment:web kube_namespace:shop kube_ownerref_kind:replicaset"
                                + " kube_ownerref_name:web-56c89cfff7 kube_qos:Burstable kube_replica_set:web-56c89cfff7"
                                + " pod_name:web-56c89cfff7-x2x7q pod_phase:running service:web version:1.4.2",
                        "web: image_name:acme/web image_tag:1.4.2 short_image:web",
                        "metrics: image_name:quay.io/acme/exporter image_tag:0.9 short_image:exporter",
                        "log: image_name:registry.local:5000/acme/log short_image:log");
    }

    @Test
    void of124_staticPod_daemonSetOnTheHostsNetwork_andACronJobThatIsDone() throws Exception {
        assertThat(tags("pods-1.24.json", "kube-apiserver-node-1"))
                .containsExactly(
                        "pod: kube_namespace:kube-system kube_priority_class:system-node-critical kube_qos:Burstable"
                                + " pod_name:kube-apiserver-node-1 pod_phase:running",
                        "kube-apiserver: image_name:k8s.gcr.io/kube-apiserver image_tag:v1.24.0"
                                + " short_image:kube-apiserver");
        assertThat(tags("pods-1.24.json", "kube-proxy-7kq5d").get(0))
                .contains("kube_daemon_set:kube-proxy", "kube_qos:BestEffort");
        assertThat(tags("pods-1.24.json", "hello-27567300-9qd2s").get(0))
                .contains("kube_job:hello-27567300", "kube_cronjob:hello", "pod_phase:succeeded");
    }

    @Test
    void of134_deploymentPod_withAnnotationsAndVariables() throws Exception {
        assertThat(tags("pods-1.34.json", "checkout-768dd754b7-m8k4v"))
                .containsExactly(
                        "pod: env:prod kube_app_component:api kube_app_instance:checkout-prod kube_app_managed_by:Helm"
                                + " kube_app_name:checkout kube_app_part_of:shop kube_app_version:2.0.1"
                                + " kube_deployment:checkout kube_namespace:shop kube_ownerref_kind:replicaset"
                                + " kube_ownerref_name:checkout-768dd754b7 kube_priority_class:high kube_qos:Burstable"
                                + " kube_replica_set:checkout-768dd754b7 pod_name:checkout-768dd754b7-m8k4v"
                                + " pod_phase:running team:payments tier:1 tier:gold",
                        "checkout: image_name:acme/checkout image_tag:2.0.1 service:checkout short_image:checkout"
                                + " version:2.0.1",
                        "proxy: image_name:envoyproxy/envoy image_tag:v1.35.0 role:sidecar short_image:envoy",
                        "worker: image_name:acme/checkout image_tag:2.0.1 short_image:checkout");
    }

    @Test
    void of134_statefulSet_withInitContainers_aSidecarAndADebugger() throws Exception {
        List<String> tags = tags("pods-1.34.json", "postgres-0");

        assertThat(tags.get(0))
                .contains("kube_stateful_set:postgres", "persistentvolumeclaim:data-postgres-0", "pod_name:postgres-0");
        assertThat(tags.subList(1, tags.size()))
                .containsExactly(
                        "postgres: image_name:docker.io/library/postgres image_tag:17 short_image:postgres",
                        "restore: image_name:docker.io/library/postgres image_tag:17 short_image:postgres",
                        "backup: image_name:acme/backup image_tag:3 short_image:backup",
                        "debugger-x7k2p: image_name:busybox image_tag:1.37 short_image:busybox");
    }

    @Test
    void of134_pendingPod_andAnImageWithTagAndDigest() throws Exception {
        assertThat(tags("pods-1.34.json", "report-29368800-tz5wl"))
                .as("no container has an id")
                .singleElement()
                .asString()
                .contains("pod_phase:pending", "kube_cronjob:report", "kube_runtime_class:gvisor");
        assertThat(tags("pods-1.34.json", "cilium-wz9kd").get(1))
                .isEqualTo("cilium-agent: image_name:quay.io/cilium/cilium image_tag:v1.18.2 short_image:cilium");
    }

    @Test
    void revision_givesTheSameTags_andKeepsNothingElse() throws Exception {
        PodTags tags = extractor();
        for (String list : List.of("pods-1.24.json", "pods-1.34.json")) {
            for (Pod pod : pods(list)) {
                Pod revision = tags.revision(pod);

                assertThat(tags.extract(revision, Surroundings.NONE, problem -> {}))
                        .isEqualTo(tags.extract(pod, Surroundings.NONE, problem -> {}));
                assertThat(revision.toString()).doesNotContain("last-applied", "config.seen", "POD_IP", "scrape");
            }
        }
    }

    /** Each field of a pod with each odd value: the pod beside it is read, and so is the rest of the pod. */
    @Test
    void list_withAnyOddValueAnywhere_keepsTheOtherPods() throws Exception {
        ObjectMapper json = new ObjectMapper();
        JsonNode whole = json.readTree(Pods.json("""
                {items: [{metadata: {uid: 'u1', name: 'web', namespace: 'ns', labels: {a: 'b'}, annotations: {c: 'd'},
                                     ownerReferences: [{kind: 'ReplicaSet', name: 'web-1'}]},
                          spec: {nodeName: 'n', priorityClassName: 'p', volumes: [{persistentVolumeClaim: {claimName: 'v'}}],
                                 containers: [{name: 'main', image: 'i', env: [{name: 'DD_ENV', value: 'x'},
                                               {name: 'N', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}}]}]},
                          status: {phase: 'Running', qosClass: 'q', podIP: '1', containerStatuses: [{name: 'main', containerID: 'x://c1'}]}},
                         {metadata: {uid: 'u2', name: 'other'}}]}
                """));
        List<JsonPointer> places = new ArrayList<>();
        collect(whole.at("/items/0"), JsonPointer.compile("/items/0"), places);
        int tried = 0;
        for (JsonPointer place : places) {
            for (String odd :
                    List.of("null", "7", "1e400", "true", "\"\"", "\"x\"", "[]", "{}", "[[{}]]", "{\"a\":{}}")) {
                ObjectNode list = whole.deepCopy();
                JsonNode parent = list.at(place.head());
                if (parent instanceof ObjectNode object) {
                    object.set(place.last().getMatchingProperty(), json.readTree(odd));
                } else {
                    ((ArrayNode) parent).set(place.last().getMatchingIndex(), json.readTree(odd));
                }
                List<Pod> read = ItemList.read(
                                new ByteArrayInputStream(json.writeValueAsBytes(list)),
                                Pod.class,
                                extractor()::revision)
                        .items();
                assertThat(read)
                        .as("%s at %s", odd, place)
                        .extracting(pod -> pod.metadata().uid())
                        .contains("u2");
                read.forEach(pod -> extractor().extract(pod, Surroundings.NONE, problem -> {}));
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(300);
    }

    private static void collect(JsonNode node, JsonPointer at, List<JsonPointer> places) {
        places.add(at);
        if (node.isObject()) {
            node.properties().forEach(field -> collect(field.getValue(), at.appendProperty(field.getKey()), places));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(node.get(i), at.appendIndex(i), places);
        }
    }

    /** The path of a list on a node: over TLS, with a token. */
    @ParameterizedTest
    @ValueSource(strings = {"pods-1.24.json", "pods-1.34.json"})
    void list_pulledOverTls_isSentWhole(String list, @TempDir Path folder) throws Exception {
        Identity identity = Identity.make(folder, "kubelet");
        Path ca = Files.writeString(folder.resolve("ca.crt"), identity.pem());
        Path token = Files.writeString(folder.resolve("token"), "secret");
        String body = new String(read(list), StandardCharsets.UTF_8);
        PodSink sink = new PodSink();
        String settings = "tagger.collectors.kubernetes { source = kubelet, service-tags = false, kubelet.url = \"%s\","
                + " token-path = \"" + token + "\", ca-path = \"" + ca + "\" }";
        try (FakeServer kubelet = FakeServer.tls(identity, 0);
                TestContext context = new TestContext(ConfigLayers.empty()
                        .text(settings.formatted(kubelet.url()))
                        .build()
                        .collector("kubernetes"))) {
            kubelet.token = "secret";
            kubelet.answers = path -> new Answer(200, body);
            KubernetesCollector collector = new KubernetesCollector(Map.of("NODE_NAME", "node-1"));
            collector.detect(context);
            collector.pull(sink);
            collector.close();
        }
        long containers = pods(list).stream()
                .flatMap(pod -> pod.status().all())
                .filter(status -> !status.id().isEmpty())
                .count();
        int uids = pods(list).stream().mapToInt(pod -> pod.uids().size()).sum();

        assertThat(sink.state()).hasSize((int) (uids + containers));
    }

    /**
     * A line for the pod, and a line for each container, with the tags beyond the pod's tags, the ids and the names.
     */
    private static List<String> tags(String list, String name) throws IOException {
        Pod pod = pods(list).stream()
                .filter(one -> one.metadata().name().equals(name))
                .findFirst()
                .orElseThrow();
        List<TagInfo> infos = extractor().extract(pod, Surroundings.NONE, problem -> {});
        List<String> all = all(infos.get(0));
        List<String> lines = new ArrayList<>(List.of("pod: " + String.join(" ", all)));
        for (TagInfo info : infos.subList(1, infos.size())) {
            if (info.entity().prefix().equals(EntityId.POD)) {
                assertThat(all(info)).as("the mirror of a static pod").isEqualTo(all);
                continue;
            }
            List<String> own = all(info);
            assertThat(own)
                    .containsAll(all)
                    .contains("container_id:" + info.entity().id());
            own.removeAll(all);
            String imageId = pod.status()
                    .all()
                    .filter(status -> status.id().equals(info.entity().id()))
                    .findFirst()
                    .orElseThrow()
                    .imageId();
            assertThat(own).contains("image_id:" + imageId);
            own.removeIf(tag -> tag.matches("(container_id|display_container_name|image_id):.*"));
            String container = own.stream()
                    .filter(tag -> tag.startsWith("kube_container_name:"))
                    .findFirst()
                    .orElseThrow();
            own.remove(container);
            lines.add(container.substring(container.indexOf(':') + 1) + ": " + String.join(" ", own));
        }
        return lines;
    }

    private static List<String> all(TagInfo info) {
        TreeSet<String> tags = new TreeSet<>(info.low());
        tags.addAll(info.orchestrator());
        tags.addAll(info.high());
        return new ArrayList<>(tags);
    }

    private static PodTags extractor() {
        MappingRules none = MappingRules.of("none", Map.of());
        return new PodTags("kubernetes", new Rules(none, none, none, none, new ContainerRules(none, none), Map.of()));
    }

    @Test
    void list_thatIsDamaged_isReadOrRefused() throws Exception {
        int inputs = Integer.getInteger("tagger.fuzz.inputs", 300);
        String good = new String(read("pods-1.34.json"), StandardCharsets.UTF_8);
        Mutations mutations = new Mutations(19);
        PodTags tags = extractor();
        int refused = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < inputs; i++) {
            byte[] damaged = mutations.of(good).getBytes(StandardCharsets.UTF_8);
            try {
                ItemList.read(new ByteArrayInputStream(damaged), Pod.class, tags::revision)
                        .items()
                        .forEach(pod -> tags.extract(pod, Surroundings.NONE, problem -> {}));
            } catch (IOException e) {
                refused++; // no JSON, or no list
            }
        }
        System.out.printf("kubelet: %d inputs, %.0f a minute%n", inputs, inputs * 60e9 / (System.nanoTime() - begin));

        assertThat(refused).isBetween(1, inputs - 1);
    }

    private static List<Pod> pods(String list) throws IOException {
        try (InputStream in = PodListsTest.class.getResourceAsStream(list)) {
            return ItemList.read(in, Pod.class, UnaryOperator.identity()).items();
        }
    }

    private static byte[] read(String list) throws IOException {
        try (InputStream in = PodListsTest.class.getResourceAsStream(list)) {
            return in.readAllBytes();
        }
    }
}
