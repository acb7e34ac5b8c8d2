package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.tagger.api.EntityId;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The collector against fabric8's mock of an API server, which stores and returns objects. The mock's field selector
 * lacks {@code spec.nodeName}, so that the test sets the list of pods directly.
 */
class MockApiServerTest {
    private static final String PODS = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&resourceVersion=0&limit=1";

    @TempDir
    private Path folder;

    private final RecordingSink sink = new RecordingSink("kubernetes");
    private KubernetesMockServer server;

    @BeforeEach
    void start() throws Exception {
        Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
        server = new KubernetesMockServer(
                new Context(), new MockWebServer(), responses, new KubernetesMixedDispatcher(responses), false);
        server.init();
        server.expect()
                .get()
                .withPath(PODS)
                .andReturn(200, FakeServer.list("page 2", pod("web", "u1", "c1")))
                .always();
        server.expect()
                .get()
                .withPath(PODS.replace("resourceVersion=0&", "") + "&continue=page+2")
                .andReturn(200, FakeServer.list("", pod("db", "u2", "c2")))
                .always();
    }

    @AfterEach
    void stop() {
        server.destroy();
    }

    @Test
    void podsInPages_namespacesAndServices() throws Exception {
        post(
                "/api/v1/namespaces",
                "{apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'shop', labels: {team: 'core'}}}");
        post("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", """
                {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4',
                 metadata: {name: 'front-x7k2p', namespace: 'shop', labels: {'kubernetes.io/service-name': 'front'}},
                 endpoints: [{addresses: ['10.0.0.1'], targetRef: {kind: 'Pod', name: 'web', namespace: 'shop', uid: 'u1'}}]}
                """);
        pull("namespace-labels-as-tags { team = kube_team }, resources-labels-as-tags { namespaces { team = team } }");

        assertThat(sink.state().keySet())
                .extracting(EntityId::toString)
                .containsExactlyInAnyOrder(
                        "kubernetes_pod_uid://u1",
                        "container_id://c1",
                        "kubernetes_pod_uid://u2",
                        "container_id://c2",
                        "kubernetes_metadata:///namespaces//shop");
        assertThat(sink.state().get(EntityId.container("c1")).low()).contains("kube_service:front", "kube_team:core");
        assertThat(sink.state().get(EntityId.container("c2")).low())
                .contains("kube_team:core")
                .noneMatch(tag -> tag.startsWith("kube_service"));
    }

    @Test
    void deployments_byRule() throws Exception {
        server.expect()
                .get()
                .withPath("/apis/apps")
                .andReturn(200, "{\"kind\":\"APIGroup\",\"preferredVersion\":{\"groupVersion\":\"apps/v1\"}}")
                .always();
        server.expect()
                .get()
                .withPath("/apis/apps/v1")
                .andReturn(
                        200,
                        "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"deployments\",\"namespaced\":true}]}")
                .always();
        post(
                "/apis/apps/v1/namespaces/shop/deployments",
                "{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web', namespace: 'shop', labels: {team:"
                        + " 'core'}}, spec: {}}");
        pull("service-tags = false, resources-labels-as-tags { \"deployments.apps\" { team = team } }");

        assertThat(sink.state().get(EntityId.parse("deployment://shop/web")).low())
                .containsExactly("team:core");
    }

    private void pull(String settings) throws Exception {
        Path kubeconfig = FakeServer.kubeconfig(folder, url());
        String block = "tagger.collectors.kubernetes { source = apiserver, apiserver.page-size = 1, " + settings + " }";
        try (TestContext context =
                new TestContext(ConfigLayers.empty().text(block).build().collector("kubernetes"))) {
            KubernetesCollector collector =
                    new KubernetesCollector(Map.of("NODE_NAME", "node-1", "KUBECONFIG", kubeconfig.toString()));
            collector.detect(context);
            collector.pull(sink);
            collector.close();
        }
    }

    private void post(String path, String object) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url() + path))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(Pods.json(object)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    }

    private String url() {
        return "http://" + server.getHostName() + ":" + server.getPort();
    }

    private static String pod(String name, String uid, String container) {
        return "{metadata: {name: '" + name + "', namespace: 'shop', uid: '" + uid + "'}, status: {containerStatuses:"
                + " [{name: 'main', containerID: 'containerd://" + container + "'}]}}";
    }
}
