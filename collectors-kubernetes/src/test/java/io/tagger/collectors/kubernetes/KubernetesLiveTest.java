package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Runs against any cluster, without changes: needs {@code KUBECONFIG} and {@code TESTS_KUBERNETES=required}. The
 * expected values come from {@code kubectl}.
 */
@EnabledIfEnvironmentVariable(
        named = "TESTS_KUBERNETES",
        matches = "required",
        disabledReason = "wants a cluster: set KUBECONFIG and TESTS_KUBERNETES=required")
class KubernetesLiveTest {
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void podsOfANode_areThoseThatKubectlLists() throws Exception {
        String kubeconfig = System.getenv("KUBECONFIG");
        assertThat(kubeconfig).as("KUBECONFIG").isNotBlank();
        assertThat(Config.fromKubeconfig(new File(kubeconfig)).getMasterUrl()).startsWith("http");
        String node = kubectl("get", "nodes", "-o", "json")
                .path("items")
                .path(0)
                .path("metadata")
                .path("name")
                .asText();
        RecordingSink sink = new RecordingSink("kubernetes");
        try (TestContext context = new TestContext(ConfigLayers.empty()
                .text("tagger.collectors.kubernetes { source = apiserver, resources-labels-as-tags { namespaces {"
                        + " \"*\" = \"%%label%%\" } } }")
                .build()
                .collector("kubernetes"))) {
            KubernetesCollector collector =
                    new KubernetesCollector(Map.of("NODE_NAME", node, "KUBECONFIG", kubeconfig));
            collector.detect(context);
            collector.pull(sink);
            collector.close();
        }
        JsonNode pods = kubectl(
                        "get", "pods", "--all-namespaces", "--field-selector", "spec.nodeName=" + node, "-o", "json")
                .path("items");

        assertThat(pods).isNotEmpty();
        for (JsonNode pod : pods) {
            String name = pod.path("metadata").path("name").asText();
            String namespace = pod.path("metadata").path("namespace").asText();
            TagInfo info = sink.state()
                    .get(EntityId.pod(pod.path("metadata").path("uid").asText()));
            assertThat(info).as(namespace + "/" + name).isNotNull();
            assertThat(info.orchestrator()).contains("pod_name:" + name);
            assertThat(info.low()).contains("kube_namespace:" + namespace);
            assertThat(sink.state())
                    .containsKey(EntityId.of(EntityId.KUBERNETES_METADATA, "/namespaces//" + namespace));
        }
    }

    private JsonNode kubectl(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "kubectl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process kubectl = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor()).as(String.join(" ", command)).isZero();
        return json.readTree(output);
    }
}
