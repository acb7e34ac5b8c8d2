package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.collectors.kubernetes.FakeServer.Answer;
import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.RecordingListener;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The collector in a tagger, with a new instance after each failure. */
class HostedKubernetesTest {
    private static final EntityId POD = EntityId.pod("u1");
    private static final EntityId DEPLOYMENT = EntityId.of(EntityId.DEPLOYMENT, "shop/web");
    private static final Map<String, String> BODIES = Map.of(
            "/pods",
            FakeServer.list("", "{metadata: {name: 'web', namespace: 'shop', uid: 'u1'}}"),
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?resourceVersion=0&limit=500",
            Pods.json("{items: [{metadata: {labels: {'kubernetes.io/service-name': 'front'}},"
                    + " endpoints: [{targetRef: {kind: 'Pod', name: 'web'}}]}]}"),
            "/apis/apps",
            Pods.json("{preferredVersion: {groupVersion: 'apps/v1'}}"),
            "/apis/apps/v1",
            Pods.json("{resources: [{name: 'deployments', namespaced: true}]}"),
            "/apis/apps/v1/namespaces/shop/deployments?resourceVersion=0&limit=500",
            Pods.json("{items: [{metadata: {name: 'web', namespace: 'shop', labels: {team: 'core'}}}]}"));

    private static final Function<String, Answer> WELL =
            path -> BODIES.containsKey(path) ? new Answer(200, BODIES.get(path)) : new Answer(404, "");

    @Test
    void failedPull_whileTheApiServerIsDown_takesNothingAway(@TempDir Path folder) throws Exception {
        RecordingListener listener = new RecordingListener();
        try (FakeServer server = FakeServer.plain()) {
            server.answers = WELL;
            Path kubeconfig = FakeServer.kubeconfig(folder, server.url());
            TaggerConfig config = ConfigLayers.empty()
                    .text("""
                    tagger.collectors.kubernetes { enabled = true, source = kubelet, pull-interval = 100ms, facts-interval = 10s, host-tags = false
                      kubelet.url = "%s", apiserver.kubeconfig = "%s"
                      resources-labels-as-tags { "deployments.apps" { team = team } } }
                    """.formatted(server.url(), kubeconfig))
                    .build();
            try (LocalTagger tagger = LocalTagger.builder()
                    .config(config)
                    .collector(() -> new KubernetesCollector(Map.of()))
                    .build()) {
                await().until(() -> tagger.tag(POD, Cardinality.HIGH).contains("kube_service:front"));
                await().until(() -> tagger.tag(DEPLOYMENT, Cardinality.HIGH).contains("team:core"));
                tagger.subscribe(EntityFilter.all(), listener);
                long failures = counters(tagger).failures();

                server.answers = path -> new Answer(503, "");
                await().until(() -> counters(tagger).failures() > failures);
                server.answers = path -> path.equals("/pods") ? WELL.apply(path) : new Answer(503, "");
                int asked = server.asked().size();
                await().until(() -> server.asked().subList(asked, server.asked().size()).stream()
                                .filter(path -> path.contains("endpointslices"))
                                .count()
                        >= 2);
                assertThat(tagger.cached(POD, Cardinality.HIGH)).contains("kube_service:front");
                assertThat(tagger.cached(DEPLOYMENT, Cardinality.HIGH)).contains("team:core");

                server.answers = WELL;
                int again = server.asked().size();
                await().until(() -> server.asked().subList(again, server.asked().size()).stream()
                                .filter("/pods"::equals)
                                .count()
                        >= 5);
                assertThat(tagger.cached(POD, Cardinality.HIGH)).contains("kube_service:front");
                assertThat(tagger.cached(DEPLOYMENT, Cardinality.HIGH)).contains("team:core");
                assertThat(listener.events())
                        .as("nobody was told of anything")
                        .noneMatch(event -> event.startsWith("modified") || event.startsWith("deleted"));
            }
        }
    }

    private static CollectorStatus.Counters counters(LocalTagger tagger) {
        return tagger.status().collectors().stream()
                .filter(collector -> collector.name().equals("kubernetes"))
                .findFirst()
                .orElseThrow()
                .counters();
    }
}
