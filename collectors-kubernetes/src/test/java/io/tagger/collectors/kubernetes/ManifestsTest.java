package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.tagger.config.ConfigLayers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks {@code deploy/kubernetes}, as far as possible without a cluster: {@code kubectl} builds the manifests and
 * knows all fields, the references between the parts hold, and the permissions match the collector's requests.
 */
class ManifestsTest {
    private static final Path DEPLOY = Path.of("../deploy/kubernetes");

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesSerialization yaml = new KubernetesSerialization();

    /**
     * Each overlay adds one thing, and keeps the agent without capabilities and a writable file system; without root too,
     * but for the Pods API, whose folder is root's.
     */
    @ParameterizedTest
    @ValueSource(strings = {"host-pid", "cgroup-mount", "pods-api"})
    void overlay_isBuiltByKubectl_andAddsNoPrivilege(String overlay) throws Exception {
        List<JsonNode> objects = documents(kubectl("kustomize", "../deploy/overlays/" + overlay));
        JsonNode pod =
                object(objects, "DaemonSet").path("spec").path("template").path("spec");
        JsonNode container = pod.path("containers").path(0);

        assertThat(pod.path("hostPID").asBoolean()).isEqualTo(overlay.equals("host-pid"));
        assertThat(container.path("volumeMounts").findValuesAsText("mountPath").contains("/host/sys/fs/cgroup"))
                .isEqualTo(overlay.equals("cgroup-mount"));
        assertThat(container.path("volumeMounts").findValuesAsText("mountPath").contains("/var/lib/kubelet/pods-api"))
                .isEqualTo(overlay.equals("pods-api"));
        container.path("volumeMounts").forEach(mount -> assertThat(
                        mount.path("readOnly").asBoolean())
                .as(mount.toString())
                .isEqualTo(!Set.of("/run/tagger", "/tmp")
                        .contains(mount.path("mountPath").asText())));
        assertThat(container.path("env").findValuesAsText("name").contains("TAGGER_IPC_ORIGIN_CGROUPS"))
                .isEqualTo(overlay.equals("cgroup-mount"));
        assertThat(pod.path("securityContext").path("runAsUser").asInt())
                .isEqualTo(overlay.equals("pods-api") ? 0 : 65_532);
        JsonNode security = container.path("securityContext");
        assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.path("capabilities").path("drop").path(0).asText()).isEqualTo("ALL");
        assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    }

    /** Root without capabilities may neither enter the folder of another user, nor open the other agent's lock. */
    @Test
    void base_isBuiltByKubectl_andItsPartsFitTogether() throws Exception {
        String built = kubectl("kustomize", DEPLOY.toString());
        List<JsonNode> objects = documents(built);

        assertThat(objects)
                .extracting(object -> object.path("kind").asText())
                .containsExactlyInAnyOrder(
                        "Namespace",
                        "ServiceAccount",
                        "ConfigMap",
                        "DaemonSet",
                        "ClusterRole",
                        "ClusterRole",
                        "ClusterRole",
                        "ClusterRoleBinding",
                        "ClusterRoleBinding",
                        "ClusterRoleBinding");
        JsonNode pod =
                object(objects, "DaemonSet").path("spec").path("template").path("spec");
        assertThat(pod.path("serviceAccountName").asText())
                .isEqualTo(object(objects, "ServiceAccount")
                        .path("metadata")
                        .path("name")
                        .asText());
        assertThat(pod.path("volumes").findValuesAsText("name"))
                .as("the generated name")
                .contains(object(objects, "ConfigMap")
                        .path("metadata")
                        .path("name")
                        .asText());
        assertThat(pod.findValuesAsText("image")).containsOnly("tagger:0.2.0");
        Set<String> volumes = new TreeSet<>();
        pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
        for (String part : List.of("containers", "initContainers")) {
            for (JsonNode container : pod.path(part)) {
                assertThat(volumes).containsAll(container.path("volumeMounts").findValuesAsText("name"));
                assertThat(container
                                .path("securityContext")
                                .path("capabilities")
                                .path("drop")
                                .path(0)
                                .asText())
                        .isEqualTo("ALL");
                assertThat(container
                                .path("securityContext")
                                .path("readOnlyRootFilesystem")
                                .asBoolean())
                        .isTrue();
            }
        }
    }

    @Test
    void cluster_isBuiltByKubectl_andItsPartsFitTogether() throws Exception {
        List<JsonNode> objects = documents(kubectl("kustomize", "../deploy/cluster"));
        JsonNode deployment = object(objects, "Deployment");
        JsonNode pod = deployment.path("spec").path("template").path("spec");
        JsonNode role = object(objects, "ClusterRole");

        assertThat(pod.path("serviceAccountName").asText())
                .isEqualTo(object(objects, "ServiceAccount")
                        .path("metadata")
                        .path("name")
                        .asText());
        assertThat(pod.path("volumes").findValuesAsText("name"))
                .contains(object(objects, "ConfigMap")
                        .path("metadata")
                        .path("name")
                        .asText());
        assertThat(object(objects, "Service").path("spec").path("selector"))
                .isEqualTo(deployment.path("spec").path("selector").path("matchLabels"));
        role.path("rules")
                .forEach(rule -> assertThat(rule.path("verbs").toString()).isEqualTo("[\"list\",\"watch\"]"));
        JsonNode security = pod.path("containers").path(0).path("securityContext");
        assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.path("capabilities").path("drop").path(0).asText()).isEqualTo("ALL");
    }

    /** kubectl decodes into its types and encodes again, so that unknown fields vanish. */
    @Test
    void daemonSet_hasNoFieldThatKubectlDoesNotKnow() throws Exception {
        Path file = DEPLOY.resolve("daemonset.yaml");
        JsonNode decoded =
                json.readTree(kubectl("set", "image", "--local", "-f", file.toString(), "*=other:1", "-o", "json"));

        assertThat(missing("", json.readTree(yaml.convertToJson(Files.readString(file))), decoded))
                .as("all but what it was asked to change")
                .hasSize(2)
                .allMatch(difference -> difference.endsWith(".image: \"tagger\" became \"other:1\""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kubelet       | core nodes/pods get",
                "kubelet-proxy | core nodes/proxy get",
                "apiserver     | core pods list watch",
                "services      | discovery.k8s.io endpointslices list watch",
                "namespaces    | core namespaces get watch",
                "host          | core nodes get watch; core namespaces get watch",
                "resources     | apps deployments list watch; core nodes get watch"
            })
    void rights_areThoseThatAreAskedFor_andNoMore(String file, String expected) throws Exception {
        List<JsonNode> objects = documents(Files.readString(DEPLOY.resolve("rights/" + file + ".yaml")));
        JsonNode role = object(objects, "ClusterRole");
        JsonNode binding = object(objects, "ClusterRoleBinding");
        List<String> rules = new ArrayList<>();
        for (JsonNode rule : role.path("rules")) {
            for (String list : List.of("apiGroups", "resources")) {
                assertThat(rule.path(list)).as(list).hasSize(1);
            }
            String group = rule.path("apiGroups").path(0).asText();
            rules.add((group.isEmpty() ? "core" : group) + " "
                    + rule.path("resources").path(0).asText() + " "
                    + StreamSupport.stream(rule.path("verbs").spliterator(), false)
                            .map(JsonNode::asText)
                            .collect(Collectors.joining(" ")));
        }

        assertThat(rules).containsExactly(expected.split("; "));
        assertThat(binding.path("roleRef").path("name"))
                .isEqualTo(role.path("metadata").path("name"));
        assertThat(binding.path("subjects")).hasSize(1);
        assertThat(binding.path("subjects").path(0).path("name").asText()).isEqualTo("tagger");
        assertThat(binding.path("subjects").path(0).path("namespace").asText()).isEqualTo("tagger");
    }

    @Test
    void configuration_isValid() throws Exception {
        Map<String, Object> block = ConfigLayers.empty()
                .text(Files.readString(DEPLOY.resolve("tagger.conf")))
                .build()
                .collector("kubernetes");
        new KubernetesCollector(Map.of()).check(block);

        assertThat(block).containsEntry("source", "auto").containsEntry("enabled", true);
    }

    private static List<String> missing(String path, JsonNode wanted, JsonNode there) {
        List<String> missing = new ArrayList<>();
        if (wanted.isObject()) {
            wanted.properties()
                    .forEach(field -> missing.addAll(
                            missing(path + "." + field.getKey(), field.getValue(), there.path(field.getKey()))));
        } else if (wanted.isArray()) {
            for (int i = 0; i < wanted.size(); i++) {
                missing.addAll(missing(path + "[" + i + "]", wanted.get(i), there.path(i)));
            }
        } else if (!wanted.asText().equals(there.asText())) {
            missing.add(path + ": " + wanted + " became " + there);
        }
        return missing;
    }

    private List<JsonNode> documents(String text) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        for (String document : text.split("\n---\n")) {
            documents.add(json.readTree(yaml.convertToJson(document)));
        }
        return documents;
    }

    private static JsonNode object(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> object.path("kind").asText().equals(kind))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind));
    }

    private static String kubectl(String... arguments) throws IOException, InterruptedException {
        boolean isThere = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
        assumeTrue(
                isThere || "required".equals(System.getenv("TESTS_KUBECTL")),
                "SKIPPED: no kubectl on the PATH; .ci/run installs Debian's");
        List<String> command =
                Stream.concat(Stream.of("kubectl"), Arrays.stream(arguments)).toList();
        Process kubectl = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(kubectl.exitValue()).as(String.join(" ", command)).isZero();
        return output;
    }
}
