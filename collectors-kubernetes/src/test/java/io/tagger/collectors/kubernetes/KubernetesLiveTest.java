package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The collector with a real API server and a real kubelet: every source, the rights of {@code deploy/kubernetes/rights},
 * the watches, and losses of the server.
 */
@EnabledIfEnvironmentVariable(
        named = "TESTS_KUBERNETES",
        matches = "required",
        disabledReason = "wants TESTS_KUBERNETES=required and TESTS_KUBERNETES_BIN; .ci/run sets both")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KubernetesLiveTest {
    private static final String PODS = "/api/v1/namespaces/shop/pods";
    private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";

    @TempDir(cleanup = CleanupMode.ALWAYS)
    static Path folder;

    private static KubernetesCluster cluster;
    private static KubernetesCluster.HollowNode node;

    @BeforeAll
    static void start() throws Exception {
        cluster = new KubernetesCluster(folder);
        cluster.kubectl("apply", "--validate=false", "-f", "../deploy/kubernetes/namespace.yaml");
        cluster.kubectl("apply", "--validate=false", "-f", "../deploy/kubernetes/serviceaccount.yaml");
        cluster.post("/api/v1/namespaces", "{metadata: {name: 'shop', labels: {team: 'core'}}}");
        node = cluster.startKubelet("hollow-1");
        cluster.post(PODS, pod("web", "hollow-1"));
        cluster.post(PODS, pod("db", "hollow-1"));
        await().atMost(Duration.ofSeconds(60)).until(() -> isRunning("web") && isRunning("db"));
        slice("front", "web");
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static String pod(String name, String node) {
        return "{metadata: {name: '" + name + "', labels: {app: '" + name + "'}, annotations: {"
                + "'ad.datadoghq.com/tags': '{\\\"squad\\\":\\\"blue\\\"}'}},"
                + " spec: {nodeName: '" + node + "', automountServiceAccountToken: false, containers: [{name: 'main',"
                + " image: 'shop/" + name + ":1.2', env: [{name: 'DD_ENV', value: 'prod'}],"
                + " resources: {requests: {cpu: '1m'}}}]}}";
    }

    private static boolean isRunning(String name) throws Exception {
        return cluster.get(PODS + "/" + name)
                .path("status")
                .path("phase")
                .asText()
                .equals("Running");
    }

    private static void slice(String service, String pod) throws Exception {
        cluster.post(
                SLICES,
                "{apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', metadata: {name: '"
                        + service + "-1', labels: {'kubernetes.io/service-name': '" + service + "'}},"
                        + " endpoints: [{addresses: ['10.1.0.1'], targetRef: {kind: 'Pod', name: '" + pod + "'}}]}");
    }

    private static EntityId uid(String pod) throws Exception {
        return EntityId.pod(
                cluster.get(PODS + "/" + pod).path("metadata").path("uid").asText());
    }

    private static EntityId container(String pod) throws Exception {
        String id = cluster.get(PODS + "/" + pod)
                .path("status")
                .path("containerStatuses")
                .path(0)
                .path("containerID")
                .asText();
        return EntityId.container(id.substring(id.indexOf("://") + 3));
    }

    /** A tagger with the collector. */
    private static LocalTagger tagger(String settings) throws Exception {
        return tagger(cluster.adminKubeconfig(), settings);
    }

    private static LocalTagger tagger(Path kubeconfig, String settings) {
        return LocalTagger.builder()
                .config(ConfigLayers.empty()
                        .text(
                                "tagger.hostname = machine, tagger.collectors.kubernetes { enabled = true, apiserver.kubeconfig = \""
                                        + kubeconfig + "\"\n" + settings + "\n}")
                        .build())
                .collector(() -> new KubernetesCollector(Map.of("NODE_NAME", "hollow-1")))
                .build();
    }

    private static CollectorStatus status(LocalTagger tagger) {
        return tagger.status().collectors().stream()
                .filter(collector -> collector.name().equals("kubernetes"))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitTag(LocalTagger tagger, EntityId entity, String tag) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(tagger.cached(entity, Cardinality.HIGH))
                .as(status(tagger).toString())
                .contains(tag));
    }

    private static String source(String name) {
        return switch (name) {
            case "pods-api" ->
                "source = pods-api, kubelet.pods-api-list-interval = 200ms, kubelet.pods-api-socket = \""
                        + node.podsApi() + "\"";
            case "kubelet" ->
                "source = kubelet, pull-interval = 200ms, kubelet.url = \"http://127.0.0.1:" + node.readOnlyPort()
                        + "\"";
            default -> "source = " + name;
        };
    }

    @ParameterizedTest
    @CsvSource({"pods-api, STREAM", "kubelet, PULL", "apiserver, STREAM"})
    @Order(1)
    void everySource_hasTheTagsOfThePods(String name, CollectorMode mode) throws Exception {
        try (LocalTagger tagger =
                tagger(source(name) + "\nnamespace-labels-as-tags { team = team }, pod-labels-as-tags { app = app }")) {
            awaitTag(tagger, container("web"), "kube_service:front");

            assertThat(status(tagger).mode()).isEqualTo(mode);
            for (String pod : List.of("web", "db")) {
                assertThat(tagger.tag(container(pod), Cardinality.HIGH))
                        .contains(
                                "pod_name:" + pod,
                                "kube_namespace:shop",
                                "kube_container_name:main",
                                "image_name:shop/" + pod,
                                "short_image:" + pod,
                                "image_tag:1.2",
                                "env:prod",
                                "pod_phase:running",
                                "squad:blue",
                                "team:core",
                                "app:" + pod,
                                "display_container_name:main_" + pod);
                assertThat(tagger.tag(uid(pod), Cardinality.ORCHESTRATOR)).contains("pod_name:" + pod, "team:core");
            }
            assertThat(tagger.tag(container("db"), Cardinality.HIGH)).noneMatch(tag -> tag.startsWith("kube_service"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pods-api", "kubelet", "apiserver"})
    @Order(2)
    void changes_arrive_andDeletionsToo(String name) throws Exception {
        try (LocalTagger tagger =
                tagger(source(name) + "\nnamespace-labels-as-tags { team = team }, pod-labels-as-tags { app = app }")) {
            awaitTag(tagger, container("web"), "kube_service:front");
            String young = "young-" + name;
            cluster.post(PODS, pod(young, "hollow-1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> isRunning(young));
            awaitTag(tagger, container(young), "pod_name:" + young);
            cluster.patch(PODS + "/" + young, "{metadata: {labels: {app: 'changed'}}}");
            awaitTag(tagger, container(young), "app:changed");
            slice("of-" + name, young);
            awaitTag(tagger, container(young), "kube_service:of-" + name);
            cluster.patch("/api/v1/namespaces/shop", "{metadata: {labels: {team: 'of-" + name + "'}}}");
            awaitTag(tagger, container(young), "team:of-" + name);
            cluster.patch("/api/v1/namespaces/shop", "{metadata: {labels: {team: 'core'}}}");
            cluster.delete(SLICES + "/of-" + name + "-1");
            await().until(() ->
                    !tagger.cached(container(young), Cardinality.HIGH).contains("kube_service:of-" + name));

            EntityId pod = uid(young);
            cluster.delete(PODS + "/" + young);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                tagger.prune();
                return tagger.cached(pod, Cardinality.LOW).isEmpty();
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiserver  | source = apiserver, service-tags = false | pod_name:web | resources: [\"pods\"]",
                "services   | %s | kube_service:front | resources: [\"endpointslices\"]",
                "host       | %s, service-tags = false | orch_cluster_id: | resources: [\"nodes\"]",
                "namespaces | %s, service-tags = false, namespace-labels-as-tags { team = team } | team:core | resources: [\"namespaces\"]",
            })
    @Order(3)
    void rights_areEnough_andTheirAbsenceIsNamed(String file, String settings, String tag, String rule)
            throws Exception {
        String block = settings.formatted(source("pods-api"));
        Path kubeconfig = cluster.kubeconfig(cluster.token());
        List<String> problems = new java.util.concurrent.CopyOnWriteArrayList<>();
        Callable<Boolean> hasTag = () -> {
            try (LocalTagger tagger = tagger(kubeconfig, block + ", facts-interval = 1s")) {
                await().until(() ->
                        status(tagger).synced() || !status(tagger).reason().isEmpty());
                problems.add(status(tagger).reason());
                EntityId entity = tag.startsWith("orch") ? EntityId.host("machine") : uid("web");
                return tagger.cached(entity, Cardinality.HIGH).stream().anyMatch(one -> one.startsWith(tag));
            }
        };
        assertThat(hasTag.call()).as("without the right").isFalse();
        if (file.equals("apiserver")) {
            assertThat(problems).anyMatch(problem -> problem.contains(rule));
        }
        cluster.kubectl("apply", "--validate=false", "-f", "../deploy/kubernetes/rights/" + file + ".yaml");
        await().atMost(Duration.ofSeconds(30)).until(hasTag);
        cluster.kubectl("delete", "-f", "../deploy/kubernetes/rights/" + file + ".yaml");
    }

    /** The chart is in the test where TESTS_HELM names helm. */
    @Test
    @Order(4)
    void manifests_andTheChart_areTakenByTheServer(@TempDir Path directory) throws Exception {
        List<String> files = new ArrayList<>();
        for (String folder :
                List.of("kubernetes", "overlays/host-pid", "overlays/cgroup-mount", "overlays/pods-api", "cluster")) {
            Path file = directory.resolve(folder.replace('/', '-') + ".yaml");
            Files.writeString(file, cluster.kubectl("kustomize", "../deploy/" + folder));
            files.add(file.toString());
        }
        String helm = System.getenv("TESTS_HELM");
        if (helm != null) {
            Path file = directory.resolve("chart.yaml");
            Process template = new ProcessBuilder(
                            helm,
                            "template",
                            "tagger",
                            "../deploy/helm/tagger",
                            "-n",
                            "tagger",
                            "--kube-version",
                            "1.33.0")
                    .redirectOutput(file.toFile())
                    .start();
            assertThat(template.waitFor()).isZero();
            files.add(file.toString());
        }
        for (String file : files) {
            String taken = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", file);
            assertThat(taken).as(file).contains("(server dry run)");
        }
    }

    @Test
    @Order(4)
    void kubeletRights_allowTheListOfPods_andNothingElse() throws Exception {
        for (String file : List.of("kubelet", "kubelet-proxy")) {
            cluster.kubectl("apply", "--validate=false", "-f", "../deploy/kubernetes/rights/" + file + ".yaml");
            String resource = file.equals("kubelet") ? "pods" : "proxy";
            String account = "--as=system:serviceaccount:tagger:tagger";
            assertThat(cluster.kubectl("auth", "can-i", "get", "nodes", "--subresource=" + resource, account))
                    .endsWith("yes\n");
            cluster.kubectl("delete", "-f", "../deploy/kubernetes/rights/" + file + ".yaml");
        }
    }

    @Test
    @Order(5)
    void staticPod_hasItsNodesUid_andTheMirrorsUid() throws Exception {
        cluster.post(
                PODS,
                pod("mirror", "hollow-2")
                        .replace(
                                "annotations: {",
                                "annotations: {'kubernetes.io/config.hash': 'abc123', 'kubernetes.io/config.mirror':"
                                        + " 'abc123', "));
        try (LocalTagger tagger = tagger("source = apiserver, node-name = hollow-2")) {
            awaitTag(tagger, EntityId.pod("abc123"), "pod_name:mirror");
            awaitTag(tagger, uid("mirror"), "pod_name:mirror");
        }
        cluster.delete(PODS + "/mirror");
    }

    @Test
    @Order(6)
    void wholeCluster_isKnown_andManyNamespacesAreFollowed() throws Exception {
        List<EntityId> pods = new ArrayList<>();
        for (int i = 0; i < 48; i++) { // two watches each: more than an HTTP/2 connection takes
            cluster.post("/api/v1/namespaces", "{metadata: {name: 'many-" + i + "', labels: {team: 't" + i + "'}}}");
            pods.add(EntityId.pod(cluster.post("/api/v1/namespaces/many-" + i + "/pods", pod("p", "hollow-3"))
                    .path("metadata")
                    .path("uid")
                    .asText()));
        }
        String settings = "source = apiserver, namespace-labels-as-tags { team = team }, node-name = ";
        try (LocalTagger node = tagger(settings + "hollow-3");
                LocalTagger all = tagger(settings + "\"*\"")) {
            for (LocalTagger tagger : List.of(node, all)) {
                for (int i = 0; i < 48; i++) {
                    awaitTag(tagger, pods.get(i), "team:t" + i);
                }
            }
            assertThat(all.cached(uid("web"), Cardinality.HIGH)).contains("kube_service:front", "team:core");
            cluster.patch("/api/v1/namespaces/many-7", "{metadata: {labels: {team: 'moved'}}}");
            awaitTag(node, pods.get(7), "team:moved");
            awaitTag(all, pods.get(7), "team:moved");
        }
    }

    /** The Pods API first; without the kubelet the API server, and nothing is lost. */
    @Test
    @Order(7)
    void auto_takesThePodsApi_andTheApiServerWhenTheKubeletEnds() throws Exception {
        KubernetesCluster.HollowNode other = cluster.startKubelet("hollow-4");
        cluster.post(PODS, pod("on-four", "hollow-4"));
        await().atMost(Duration.ofSeconds(30)).until(() -> isRunning("on-four"));
        try (LocalTagger tagger = tagger("node-name = hollow-4, kubelet { pods-api-socket = \"" + other.podsApi()
                + "\", url = \"http://127.0.0.1:" + other.readOnlyPort() + "\" }")) {
            awaitTag(tagger, container("on-four"), "pod_name:on-four");
            assertThat(status(tagger).mode()).isEqualTo(CollectorMode.STREAM);
            long starts = status(tagger).counters().starts();

            cluster.kill("hollow-4");
            cluster.post(PODS, pod("after-the-end", "hollow-4"));
            awaitTag(tagger, uid("after-the-end"), "pod_name:after-the-end");
            assertThat(status(tagger).counters().starts()).isGreaterThan(starts);
            assertThat(tagger.cached(container("on-four"), Cardinality.HIGH)).contains("pod_name:on-four");
        }
    }

    @Test
    @Order(7)
    void host_hasTheTagsOfItsNode() throws Exception {
        cluster.patch(
                "/api/v1/nodes/hollow-1",
                "{metadata: {labels: {'node-role.kubernetes.io/gpu': '', zone: 'a', 'ad.datadoghq.com/cluster-name': 'shop'}}}");
        String id = cluster.get("/api/v1/namespaces/kube-system")
                .path("metadata")
                .path("uid")
                .asText();
        try (LocalTagger tagger = tagger(source("kubelet") + ", node-labels-as-tags { zone = zone }")) {
            EntityId host = EntityId.host("machine");
            awaitTag(tagger, host, "zone:a");
            awaitTag(tagger, host, "orch_cluster_id:" + id);
            assertThat(tagger.cached(host, Cardinality.LOW)).contains("kube_node_role:gpu", "kube_cluster_name:shop");
            cluster.patch("/api/v1/nodes/hollow-1", "{metadata: {labels: {zone: 'b'}}}");
            awaitTag(tagger, host, "zone:b");
        }
    }

    @Test
    @Order(7)
    void resources_byRule_areFollowed() throws Exception {
        String path = "/apis/apps/v1/namespaces/shop/deployments";
        cluster.post(
                path,
                "{metadata: {name: 'web', labels: {team: 'core'}}, spec: {selector: {matchLabels: {a: 'b'}}, template:"
                        + " {metadata: {labels: {a: 'b'}}, spec: {containers: [{name: 'c', image: 'i'}]}}}}");
        EntityId deployment = EntityId.deployment("shop", "web");
        try (LocalTagger tagger =
                tagger("source = apiserver, resources-labels-as-tags { \"deployments.apps\" { team = team }, nodes {"
                        + " \"kubernetes.io/hostname\" = node } }")) {
            awaitTag(tagger, deployment, "team:core");
            awaitTag(tagger, EntityId.kubernetesMetadata("", "nodes", "", "hollow-1"), "node:hollow-1");
            cluster.patch(path + "/web", "{metadata: {labels: {team: 'other'}}}");
            awaitTag(tagger, deployment, "team:other");
            cluster.delete(path + "/web");
            await().until(() -> {
                tagger.prune();
                return tagger.cached(deployment, Cardinality.HIGH).isEmpty();
            });
        }
    }

    /** Without a cache the server pages its lists, and a compaction of etcd makes it forget versions. */
    @Test
    @Order(8)
    void lossesOfTheServer_loseNothing() throws Exception {
        Path kubeconfig = cluster.kubeconfig(cluster.token());
        String rights = "../deploy/kubernetes/rights/apiserver.yaml";
        cluster.kubectl("apply", "--validate=false", "-f", rights);
        try (LocalTagger tagger = tagger(
                kubeconfig,
                "source = apiserver, service-tags = false, apiserver.page-size = 1, pod-labels-as-tags { app = app }")) {
            EntityId web = container("web");
            awaitTag(tagger, web, "app:web");

            cluster.patch(PODS + "/web", "{metadata: {labels: {app: 'two'}}}");
            awaitTag(tagger, web, "app:two");
            cluster.killApiServer();
            assertThat(tagger.cached(web, Cardinality.HIGH)).contains("app:two");
            cluster.startApiServer("--watch-cache=false");
            cluster.patch(PODS + "/web", "{metadata: {labels: {app: 'three'}}}");
            awaitTag(tagger, web, "app:three");

            cluster.killApiServer();
            cluster.startApiServer("--watch-cache=false", "--min-request-timeout=1");
            cluster.patch(PODS + "/web", "{metadata: {labels: {app: 'four'}}}");
            cluster.compact();
            awaitTag(tagger, web, "app:four");

            cluster.kubectl("delete", "-f", rights);
            cluster.killApiServer();
            cluster.startApiServer();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> status(tagger).reason().contains("resources: [\"pods\"]"));
            assertThat(tagger.cached(web, Cardinality.HIGH)).contains("app:four");
            cluster.patch(PODS + "/web", "{metadata: {labels: {app: 'web'}}}");
            cluster.kubectl("apply", "--validate=false", "-f", rights);
            awaitTag(tagger, web, "app:web");
        }
        cluster.kubectl("delete", "-f", rights);
    }
}
