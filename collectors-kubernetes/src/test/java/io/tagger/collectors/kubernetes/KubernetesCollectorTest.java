package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.kubernetes.FakeServer.Answer;
import io.tagger.collectors.kubernetes.FakeServer.Identity;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.ConnectingCollectorContractTest;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.SilentServer;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The collector against a fake kubelet and a fake API server. */
class KubernetesCollectorTest extends ConnectingCollectorContractTest {
    private static final String WEB = pod("web", "u1", "c1", "");
    private static final String DB = pod("db", "u2", "c2", "");

    @TempDir
    private Path folder;

    private final PodSink sink = new PodSink();
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private TestContext context; // of the last detection
    private final Map<String, String> environment = new HashMap<>(Map.of("NODE_NAME", "node-1"));
    private FakeServer server;

    @BeforeEach
    void start() throws Exception {
        server = FakeServer.plain();
        resources.push(server);
        server.pods(WEB, DB);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    @Override
    protected Collector collector() {
        return new KubernetesCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return settings("kubelet.url = \"" + server.url() + "\"");
    }

    @Override
    protected Map<String, Object> settingsOfASilentSource() throws Exception {
        SilentServer silent = SilentServer.onPort();
        resources.push(silent);
        return settings("kubelet.url = \"http://127.0.0.1:" + silent.port() + "\"");
    }

    // Pulling.

    @Test
    void pull_sendsPodsAndContainers_thenOnlyWhatHasChanged() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);

        assertThat(sink.state().keySet())
                .extracting(EntityId::toString)
                .containsExactlyInAnyOrder(
                        "kubernetes_pod_uid://u1", "container_id://c1", "kubernetes_pod_uid://u2", "container_id://c2");
        int sent = sink.infos().size();
        collector.pull(sink);
        assertThat(sink.infos()).hasSize(sent);

        server.pods(WEB, pod("db", "u2", "c2", "labels: {'tags.datadoghq.com/env': 'prod'},"));
        collector.pull(sink);
        assertThat(sink.infos().subList(sent, sink.infos().size()))
                .hasSize(2)
                .allSatisfy(info -> assertThat(info.standard()).containsExactly("env:prod"));
    }

    /** OpenTelemetry names the pod's UID and the node, which are no tags. */
    @Test
    void pull_sendsTheAttributesOfPodsAndContainers_whichEndWithThem() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);

        assertThat(sink.attributes())
                .containsOnlyKeys(
                        EntityId.resource(EntityId.pod("u1")),
                        EntityId.resource(EntityId.container("c1")),
                        EntityId.resource(EntityId.pod("u2")),
                        EntityId.resource(EntityId.container("c2")));
        assertThat(sink.attributes()
                        .get(EntityId.resource(EntityId.container("c1")))
                        .orchestrator())
                .containsExactly("k8s.pod.uid:u1");
        server.pods(DB);
        collector.pull(sink);
        assertThat(sink.attributes())
                .containsOnlyKeys(EntityId.resource(EntityId.pod("u2")), EntityId.resource(EntityId.container("c2")));
    }

    @Test
    void pull_whatNoTagDependsOn_isNoChange() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        int sent = sink.infos().size();
        server.pods(WEB.replace("metadata: {", "metadata: {resourceVersion: '77', managedFields: [{a: 1}],"), DB);
        collector.pull(sink);

        assertThat(sink.infos()).hasSize(sent);
    }

    @Test
    void pull_containerThatWasReplaced_isDeleted() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        server.pods(pod("web", "u1", "c9", ""), DB);
        collector.pull(sink);

        assertThat(sink.state().keySet()).extracting(EntityId::id).containsExactlyInAnyOrder("u1", "c9", "u2", "c2");
    }

    @Test
    void pull_podThatLeft_isDeletedWithItsContainers() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        server.pods(DB);
        collector.pull(sink);

        assertThat(sink.state().keySet()).extracting(EntityId::id).containsExactlyInAnyOrder("u2", "c2");
        int sent = sink.infos().size();
        collector.pull(sink);
        assertThat(sink.infos()).as("once").hasSize(sent);
    }

    @Test
    void pull_containerThatHasMovedToAnotherPod_isNotDeleted() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        server.pods(DB, pod("web", "u3", "c1", ""));
        collector.pull(sink);

        assertThat(sink.state().keySet()).extracting(EntityId::id).containsExactlyInAnyOrder("u2", "c2", "u3", "c1");
    }

    @Test
    void pull_nothingAllOfASudden_isBelievedTheSecondTime() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        server.answers = path -> new Answer(200, "{\"kind\":\"PodList\",\"items\":null}");
        collector.pull(sink);
        assertThat(sink.state()).hasSize(4);
        collector.pull(sink);
        assertThat(sink.state()).isEmpty();
    }

    @Test
    void pull_nothingAtFirst_isAskedForOnceMore() throws Exception {
        KubernetesCollector collector = detected("kubelet.url = \"" + server.url() + "\"\npull-interval = 100ms");
        Deque<Answer> answers = new ArrayDeque<>(
                List.of(new Answer(200, FakeServer.list("")), new Answer(200, FakeServer.list("", WEB))));
        server.answers = path -> answers.remove();
        collector.pull(sink);

        assertThat(sink.state())
                .as("a sync without it would drop what was sent before")
                .hasSize(2);
    }

    @Test
    void pull_nothingAtFirst_isNotBelievedAtOnce() throws Exception {
        KubernetesCollector collector = kubelet();
        int asked = server.asked().size();
        server.pods();
        CompletableFuture<Void> pull = CompletableFuture.runAsync(() -> {
            try {
                collector.pull(sink);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        await().until(() -> server.asked().size() == asked + 1);
        collector.close();

        assertThat(pull).failsWithin(Duration.ofSeconds(10));
        assertThat(server.asked())
                .as("the second question has a pull interval to wait")
                .hasSize(asked + 1);
    }

    @Test
    void pull_staticPodsAndPodsWithoutUid_areKeptApart() throws Exception {
        server.pods(pod("a", "", "c1", ""), pod("b", "", "c2", ""));
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        server.pods(pod("b", "", "c2", ""));
        collector.pull(sink);

        assertThat(sink.state().keySet()).extracting(EntityId::id).containsExactly("c2");
    }

    @Test
    void containerIdInTwoPods_staysWithTheSecond_whenTheFirstGoes() throws Exception {
        server.pods(pod("a", "u1", "shared", ""), pod("b", "u2", "shared", ""));
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        for (String gone : List.of("a", "b")) {
            server.pods(gone.equals("a") ? pod("b", "u2", "shared", "") : pod("a", "u1", "shared", ""));
            collector.pull(sink);

            assertThat(sink.state().get(EntityId.container("shared")).orchestrator())
                    .containsExactly("pod_name:" + (gone.equals("a") ? "b" : "a"));
            server.pods(pod("a", "u1", "shared", ""), pod("b", "u2", "shared", ""));
            collector.pull(sink);
        }
    }

    @Test
    void pod_thatAnotherCollectorDeleted_isSentAgain() throws Exception {
        server.pods(pod("a", "u1", "c1", ""), pod("b", "u2", "c2", ""));
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        int before = sink.infos().size();
        collector.pull(sink);
        assertThat(sink.infos()).as("nothing has changed").hasSize(before);
        context.deletedByAnother(EntityId.container("c2"));
        collector.pull(sink);

        assertThat(sink.infos().subList(before, sink.infos().size()))
                .extracting(info -> info.entity().id())
                .containsExactlyInAnyOrder("u2", "c2");
    }

    /** The collector of the runtime deletes a container that has ended, while the pod stays in the list. */
    @Test
    void container_thatHasEnded_isNotSentAgainAfterItsDeletion() throws Exception {
        String running = pod("a", "u1", "c1", "");
        String ended = running.replace("containerID:", "state: {terminated: {exitCode: 0}}, containerID:");
        assertThat(ended).isNotEqualTo(running);
        server.pods(running);
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        int before = sink.infos().size();
        server.pods(ended);
        context.deletedByAnother(EntityId.container("c1"));
        collector.pull(sink);

        assertThat(sink.infos()).hasSize(before);
    }

    // Odd answers: each field, and each item, by itself.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "null",
                "'pod'",
                "[[]]",
                "{}",
                "{metadata: 7, spec: [], status: 'none'}",
                "{metadata: {name: {}, uid: [1], labels: [], annotations: {x: {}}, ownerReferences: {}}}",
                "{metadata: {ownerReferences: [7, null, {kind: {}, name: []}]}}",
                "{spec: {containers: [null, 7, {name: {}, image: [], env: {}}], volumes: 'x', nodeName: {}}}",
                "{spec: {containers: [{env: [7, {name: 'DD_ENV', valueFrom: 7}, {valueFrom: {fieldRef: []}}]}]}}",
                "{status: {phase: [], containerStatuses: [7, {containerID: {}}], initContainerStatuses: {}}}"
            })
    void list_withAnOddItem_costsThatItemOnly(String odd) throws Exception {
        server.answers = path -> new Answer(
                200, Pods.json("{items: [" + odd + ", {metadata: {uid: 'u', name: 'web', labels: {a: 7}}}]}"));
        kubelet().pull(sink);

        assertThat(sink.state()).containsKey(EntityId.pod("u"));
        assertThat(sink.state().get(EntityId.pod("u")).orchestrator()).containsExactly("pod_name:web");
    }

    @Test
    void pod_withOddFields_keepsTheOthers() throws Exception {
        server.answers = path -> new Answer(200, Pods.json("""
                {items: [{metadata: {uid: 'u', name: 'web', namespace: ['odd'], labels: {'app.kubernetes.io/name': 'shop', x: [1]}},
                          spec: {containers: [{name: 'web', image: 'acme/web:1', ports: 'odd', env: [7, {name: 'DD_ENV', value: 'prod'}]}],
                                 volumes: {}},
                          status: {phase: 'Running', qosClass: {}, containerStatuses: [{name: 'web', containerID: 'x://c1', state: 7}]}}]}
                """));
        kubelet().pull(sink);

        assertThat(sink.state().get(EntityId.container("c1")).low())
                .containsExactly(
                        "env:prod",
                        "image_name:acme/web",
                        "image_tag:1",
                        "kube_app_name:shop",
                        "kube_container_name:web",
                        "pod_phase:running",
                        "short_image:web");
    }

    // Invalid answers.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | boom                                            | 500: boom",
                "503 |                                                 | 503: nothing",
                "200 | <html>login</html>                              | no list",
                "200 | {\"kind\":\"Status\"}                           | no items",
                "200 | {\"items\":[{\"metadata\":{\"name\":\"a\"}},{\" | no list",
                "200 | []                                              | no list",
                "200 | null                                            | no list",
                "200 |                                                 | no list",
                "302 | http://127.0.0.1:1/elsewhere                    | 302",
                "403 | no                                              | nodes/pods"
            })
    void pull_thatFails_namesTheServerAndChangesNothing(int code, String body, String message) throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        List<TagInfo> before = sink.infos();
        server.answers = path -> new Answer(code, body == null ? "" : body);

        assertThatThrownBy(() -> collector.pull(sink))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(server.url());
        assertThat(sink.infos()).isEqualTo(before);
        server.pods(WEB, DB);
        collector.pull(sink);
        assertThat(sink.infos()).isEqualTo(before);
    }

    @Test
    void pull_itemThatIsNull_isLeftOut() throws Exception {
        KubernetesCollector collector = kubelet();
        server.pods(WEB, "null");
        collector.pull(sink);

        assertThat(sink.state()).hasSize(2);
    }

    @Test
    void pull_bodyThatIsCutOff_changesNothing() throws Exception {
        KubernetesCollector collector = kubelet();
        collector.pull(sink);
        List<TagInfo> before = sink.infos();
        String list = FakeServer.list("", WEB);
        server.answers = path -> new Answer(200, list.substring(0, list.length() / 2), list.length());

        assertThatThrownBy(() -> collector.pull(sink)).isInstanceOf(IOException.class);
        assertThat(sink.infos()).isEqualTo(before);
    }

    @Test
    void pull_bodyThatStopsInTheMiddle_isGivenUp_andTheNextOneIsRead() throws Exception {
        KubernetesCollector collector = detected("kubelet.url = \"" + server.url() + "\"\nrequest-timeout = 2s");
        String list = FakeServer.list("", WEB, DB);
        server.hold = new CountDownLatch(1);
        resources.push(server.hold::countDown);
        server.answers = path -> new Answer(200, list.substring(0, list.length() / 2), list.length());

        assertThatThrownBy(() -> collector.pull(sink)).hasMessageContaining("stops in the middle");
        assertThat(sink.infos()).isEmpty();
        server.hold = new CountDownLatch(0);
        server.pods(WEB);
        collector.pull(sink);
        assertThat(sink.state()).hasSize(2);
    }

    @Test
    void pull_serverThatDoesNotAnswer_isGivenUp() throws Exception {
        KubernetesCollector collector = detected("kubelet.url = \"" + server.url() + "\"\nrequest-timeout = 200ms");
        CountDownLatch never = new CountDownLatch(1);
        resources.push(never::countDown);
        server.answers = path -> {
            awaitUninterrupted(never);
            return new Answer(200, "");
        };

        assertThatThrownBy(() -> collector.pull(sink)).hasMessageContaining("does not begin to answer");
    }

    // Credentials.

    @Test
    void token_thatWasRenewed_isReadAgain() throws Exception {
        server.token = "first";
        Path token = Files.writeString(folder.resolve("token"), "first\n");
        KubernetesCollector collector =
                detected("kubelet.url = \"" + server.url() + "\"\nkubelet.token-path = \"" + token + "\"");
        collector.pull(sink);
        assertThat(sink.state()).hasSize(4);

        server.token = "second";
        assertThatThrownBy(() -> collector.pull(sink))
                .hasMessageContaining("401")
                .hasMessageContaining(token.toString());
        Files.writeString(token, "second\n");
        server.pods(WEB);
        collector.pull(sink);
        assertThat(sink.state()).hasSize(2);
    }

    @Test
    void authority_thatWasReplaced_isReadAgain_andAWrongOneIsRefused() throws Exception {
        Identity first = Identity.make(folder, "first");
        Identity second = Identity.make(folder, "second");
        Path ca = Files.writeString(folder.resolve("ca.crt"), first.pem());
        FakeServer kubelet = FakeServer.tls(first, 0);
        resources.push(kubelet);
        kubelet.pods(WEB);
        KubernetesCollector collector =
                detected("kubelet.url = \"" + kubelet.url() + "\"\nkubelet.ca-path = \"" + ca + "\"");
        collector.pull(sink);
        assertThat(sink.state()).hasSize(2);

        int port = kubelet.port();
        kubelet.close();
        FakeServer renewed = FakeServer.tls(second, port);
        resources.push(renewed);
        renewed.pods(WEB, DB);
        assertThatThrownBy(() -> collector.pull(sink))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't be asked")
                .hasMessageContaining("kubelet.ca-path");
        Files.writeString(ca, second.pem());
        collector.pull(sink);
        assertThat(sink.state()).hasSize(4);
    }

    @Test
    void token_replacedBetweenTwoPulls_isUsedByTheNext_withoutAFailure() throws Exception {
        server.token = "first";
        Path token = Files.writeString(folder.resolve("token"), "first");
        KubernetesCollector collector =
                detected("kubelet.url = \"" + server.url() + "\"\nkubelet.token-path = \"" + token + "\"");
        collector.pull(sink);
        int asked = server.asked().size();
        // Like a mounted secret: a link with a changing target.
        Path next = Files.writeString(folder.resolve("token.next"), "other");
        Files.move(next, token, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        server.token = "other";
        collector.pull(sink);

        assertThat(sink.state()).hasSize(4);
        assertThat(server.asked()).as("no attempt with the old one").hasSize(asked + 1);
    }

    @Test
    void credentials_replacedWhileSomethingIsAsked_leaveThatAlone() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "first");
        KubernetesCollector collector =
                detected("kubelet.url = \"" + server.url() + "\"\nkubelet.token-path = \"" + token + "\"");
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger held = new AtomicInteger();
        server.answers = path -> {
            if (held.getAndIncrement() == 0) {
                awaitUninterrupted(go);
            }
            return new Answer(200, FakeServer.list("", WEB, DB));
        };
        CompletableFuture<List<TagInfo>> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return collector.fetch(EntityId.pod("u1"));
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        await().until(() -> held.get() == 1);
        Files.writeString(token, "second!");
        collector.pull(sink); // with a separate session
        go.countDown();

        assertThat(PodSink.withoutAttributes(answer.get())).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void clientCertificate_isShown_insteadOfAToken_andReadAgainWhenReplaced(String algorithm) throws Exception {
        Identity first = Identity.make(folder, "agent", algorithm);
        Identity kubeletIdentity = Identity.make(folder, "kubelet");
        FakeServer kubelet = FakeServer.mutual(kubeletIdentity, first);
        resources.push(kubelet);
        kubelet.pods(WEB);
        Identity stranger = Identity.make(folder, "stranger", algorithm);
        Path certificate = Files.writeString(folder.resolve("client.crt"), first.pem());
        Path key = Files.writeString(folder.resolve("client.key"), first.key());
        Path ca = Files.writeString(folder.resolve("ca.crt"), kubeletIdentity.pem());
        String settings = "source = kubelet\nkubelet { url = \"" + kubelet.url() + "\", ca-path = \"" + ca
                + "\", client-certificate-path = \"" + certificate + "\", client-key-path = \"" + key + "\" }";

        KubernetesCollector collector = detected(settings);
        collector.pull(sink);
        assertThat(sink.state()).hasSize(2);

        Files.writeString(certificate, stranger.pem());
        Files.writeString(key, stranger.key());
        assertThatThrownBy(() -> collector.pull(sink)).isInstanceOf(IOException.class);
        Files.writeString(certificate, first.pem());
        Files.writeString(key, first.key());
        kubelet.pods(WEB, DB);
        collector.pull(sink);
        assertThat(sink.state()).hasSize(4);
    }

    @Test
    void tlsVerify_off_believesAnybody() throws Exception {
        FakeServer kubelet = FakeServer.tls(Identity.make(folder, "unknown"), 0);
        resources.push(kubelet);
        kubelet.pods(WEB);
        detected("kubelet.url = \"" + kubelet.url() + "\"\nkubelet.tls-verify = false")
                .pull(sink);

        assertThat(sink.state()).hasSize(2);
    }

    // The API server.

    @Test
    void apiServer_isAskedForThisNode_pageByPage() throws Exception {
        server.answers = path -> path.contains("continue=more%2B1")
                ? new Answer(200, FakeServer.list("", DB))
                : new Answer(200, FakeServer.list("more+1", WEB));
        follow(detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""));

        assertThat(sink.state()).hasSize(4);
        assertThat(server.asked())
                .contains("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&resourceVersion=0&limit=500")
                .anyMatch(path -> path.contains("continue=more%2B1") && !path.contains("resourceVersion"));
    }

    /** A compaction of the database between two pages. */
    @Test
    void apiServer_thatForgetsAPage_isAskedForAllAtOnce() throws Exception {
        server.answers = path -> path.contains("continue=")
                ? new Answer(410, "{}")
                : path.contains("limit=")
                        ? new Answer(200, FakeServer.list("more", WEB))
                        : new Answer(200, FakeServer.list("", WEB, DB));
        follow(detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""));

        assertThat(sink.state()).hasSize(4);
    }

    @Test
    void apiServer_thatCompresses_isRead_alsoWhenItFails() throws Exception {
        server.isCompressing = true;
        KubernetesCollector collector =
                detected("source = apiserver\npull-interval = 20ms\napiserver.kubeconfig = \"" + kubeconfig() + "\"");
        follow(collector);
        assertThat(sink.state()).hasSize(4);

        server.answers = path -> new Answer(500, "boom");
        assertThatThrownBy(() -> detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""))
                .hasMessageContaining("500: boom");
        server.pods(WEB);
        await().until(() -> sink.state().size() == 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answers_inChunks_areReadToTheirEnd_byOneConnection(boolean isList) throws Exception {
        server.isChunking = true;
        server.answers = path -> new Answer(200, "{\"items\":[],\"metadata\":{\"name\":\"shop\"}}");
        ApiClient apiServer = sources(both("")).apiServer();
        resources.push(apiServer);
        Request request = new Request("/any", "no rule", Duration.ofSeconds(5));
        for (int i = 0; i < 20; i++) {
            if (isList) {
                assertThat(apiServer
                                .list(request, "", 10, ResourceRules.Item.class, UnaryOperator.identity())
                                .items())
                        .isEmpty();
            } else {
                assertThat(apiServer
                                .get(request, body -> ItemList.readOne(body, ResourceRules.Item.class))
                                .metadata()
                                .name())
                        .isEqualTo("shop");
            }
        }

        assertThat(server.connections()).isOne();
    }

    @Test
    void apiServer_thatKnowsNoPodsOfANodeWhoseNameIsGuessed_isNoSource() throws Exception {
        environment.put("NODE_NAME", "");
        server.answers = path -> new Answer(200, FakeServer.list(""));

        assertThatThrownBy(() -> detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""))
                .isInstanceOf(CollectorUnavailableException.class)
                .hasMessageContaining("no pods on the node 'test-host'")
                .hasMessageContaining("NODE_NAME");
    }

    @Test
    void apiServer_thatForbids_namesTheRule() throws Exception {
        server.answers = path -> new Answer(403, "{\"kind\":\"Status\"}");

        assertThatThrownBy(() -> detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""))
                .isInstanceOf(CollectorUnavailableException.class)
                .hasMessageContaining("resources: [\"pods\"], verbs: [\"list\", \"watch\"]");
    }

    @Test
    void auto_takesTheApiServer_ifTheKubeletFails() throws Exception {
        server.answers = path -> path.equals("/pods") ? new Answer(500, "") : new Answer(200, FakeServer.list("", WEB));
        follow(detected("kubelet.url = \"" + server.url() + "\"\napiserver.kubeconfig = \"" + kubeconfig() + "\""));

        assertThat(sink.state()).hasSize(2);
    }

    @Test
    void auto_goesBackToTheKubelet_whenThatAnswersAgain() throws Exception {
        server.answers = path -> path.equals("/pods") ? new Answer(503, "") : new Answer(200, FakeServer.list("", WEB));
        String settings = "service-tags = false\nfacts-interval = 100ms\nkubelet.url = \"" + server.url()
                + "\"\napiserver.kubeconfig = \"" + kubeconfig() + "\"";
        KubernetesCollector collector = detected(settings);
        CompletableFuture<Void> stream = follow(collector);
        assertThat(collector.mode()).isEqualTo(CollectorMode.STREAM);
        server.answers =
                path -> path.equals("/pods") ? new Answer(200, FakeServer.list("", WEB, DB)) : new Answer(500, "");

        assertThatThrownBy(() -> stream.get(10, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IOException.class)
                .hasMessageContaining("the kubelet at " + server.url() + " answers again");
        KubernetesCollector next = detected(settings);
        assertThat(next.mode()).isEqualTo(CollectorMode.PULL);
        next.pull(sink);
        assertThat(sink.state()).hasSize(4);
    }

    // Services and namespaces.

    @Test
    void services_comeFromTheSlices_ofTheNamespacesThatHavePodsHere() throws Exception {
        cluster("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices", new Answer(200, SLICES));
        KubernetesCollector collector = detected(both(""));
        awaitTag(collector, "u1", "kube_service:front");
        awaitTag(collector, "u1", "kube_service:back");

        assertThat(sink.state().get(EntityId.pod("u2")).low()).noneMatch(tag -> tag.startsWith("kube_service"));
        assertThat(sink.state().get(EntityId.container("c1")).low()).contains("kube_service:back");
        assertThat(server.asked()).noneMatch(path -> path.startsWith("/api/v1/namespaces"));
        int sent = sink.infos().size();
        collector.pull(sink);
        assertThat(sink.infos()).hasSize(sent);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404})
    void services_withoutSlices_areFoundByTheirSelectors(int code) throws Exception {
        String services = Pods.json("{items: [{metadata: {name: 'labelled'}, spec: {selector: {app: 'web'}}},"
                + " {metadata: {name: 'other'}, spec: {selector: {app: 'web', tier: 'x'}}},"
                + " {metadata: {name: 'alias'}, spec: {type: 'ExternalName', selector: {app: 'web'}}},"
                + " {metadata: {name: 'external'}, spec: {}}, {metadata: {name: 'empty'}, spec: {selector: {}}}]}");
        server.answers = path -> path.equals("/pods")
                ? new Answer(200, FakeServer.list("", pod("web", "u1", "c1", "labels: {app: 'web'},"), DB))
                : path.startsWith("/api/v1/namespaces/shop/services")
                        ? new Answer(200, services)
                        : new Answer(code, "");
        KubernetesCollector collector = detected(both(""));
        awaitTag(collector, "u1", "kube_service:labelled");

        assertThat(sink.state().get(EntityId.pod("u1")).low())
                .filteredOn(tag -> tag.startsWith("kube_service"))
                .containsExactly("kube_service:labelled");
        assertThat(sink.state().get(EntityId.pod("u2")).low()).noneMatch(tag -> tag.startsWith("kube_service"));
    }

    @Test
    void namespaces_areAskedForOnlyIfARuleWantsThem() throws Exception {
        cluster(
                "/api/v1/namespaces/shop",
                new Answer(200, Pods.json("{metadata: {name: 'shop', labels: {team: 'core'}}}")));
        KubernetesCollector collector =
                detected(both("service-tags = false\nnamespace-labels-as-tags { team = ns_team }"));
        awaitTag(collector, "u1", "ns_team:core");

        assertThat(server.asked()).noneMatch(path -> path.contains("endpointslices"));
    }

    @Test
    void facts_thatAreForbidden_leaveTheTagsOfThePodAlone() throws Exception {
        cluster("/nothing", new Answer(200, ""));
        KubernetesCollector collector = detected(both("namespace-labels-as-tags { team = ns_team }"));
        collector.pull(sink);
        await().until(() ->
                server.asked().stream().anyMatch(path -> path.startsWith("/api/v1/namespaces/shop/services")));
        collector.pull(sink);

        assertThat(sink.state()).hasSize(4);
    }

    @Test
    void tags_sentBeforeTheServicesAreKnown_areIncomplete() throws Exception {
        server.answers = path -> path.equals("/pods") ? new Answer(200, FakeServer.list("", WEB)) : new Answer(500, "");
        KubernetesCollector collector = detected(both("facts-interval = 1s"));
        collector.pull(sink);

        assertThat(sink.state().values()).hasSize(2).noneMatch(TagInfo::complete);
        long asked = askedForPods(); // the services go on being asked for in the background
        assertThat(PodSink.withoutAttributes(collector.fetch(EntityId.container("c1"))))
                .hasSize(2)
                .noneMatch(TagInfo::complete);
        assertThat(askedForPods()).as("from what was pulled").isEqualTo(asked);
    }

    private long askedForPods() {
        return server.asked().stream().filter(path -> path.contains("/pods")).count();
    }

    @Test
    void facts_thatFail_areSaidOnce_untilTheyGoWell_andStayAsTheyWere() throws Exception {
        FactsFixture facts = new FactsFixture("service-tags = true");
        server.answers = path -> new Answer(200, SLICES);
        facts.present(WEB);
        assertThat(facts.services()).containsExactly("back", "front");

        server.answers = path -> new Answer(500, "");
        for (int i = 0; i < 3; i++) {
            facts.advance(Duration.ofMinutes(1));
        }
        assertThat(facts.problems).singleElement().asString().contains("endpointslices", "500");
        assertThat(facts.services()).containsExactly("back", "front");

        server.answers = path -> new Answer(200, SLICES);
        facts.advance(Duration.ofMinutes(1));
        server.answers = path -> new Answer(500, "");
        facts.advance(Duration.ofMinutes(1));
        assertThat(facts.problems).hasSize(2);
    }

    @Test
    void facts_thatAreRefused_areAskedForAgain_atGrowingPauses() throws Exception {
        FactsFixture facts = new FactsFixture("namespace-labels-as-tags { team = t }");
        server.answers = path -> new Answer(403, "");
        facts.present(WEB);
        int asked = server.asked().size();
        assertThat(facts.problems)
                .hasSize(3)
                .anySatisfy(problem -> assertThat(problem)
                        .contains("apiGroups: [\"discovery.k8s.io\"], resources: [\"endpointslices\"],"
                                + " verbs: [\"list\", \"watch\"]"))
                .anySatisfy(problem ->
                        assertThat(problem).contains("resources: [\"services\"], verbs: [\"list\", \"watch\"]"))
                .anySatisfy(problem ->
                        assertThat(problem).contains("resources: [\"namespaces\"], verbs: [\"get\", \"watch\"]"));
        for (int i = 0; i < 15; i++) {
            facts.advance(Duration.ofMinutes(1));
        }
        assertThat(server.asked()).as("after 1, 2, 4 and 8 minutes").hasSize(asked * 5);
        assertThat(facts.isWhole()).as("nothing more is going to be known").isTrue();

        server.answers = path -> path.contains("endpointslices") ? new Answer(200, SLICES) : new Answer(403, "");
        for (int i = 0; i < 10; i++) {
            facts.advance(Duration.ofMinutes(1));
        }
        assertThat(facts.services()).as("granted meanwhile").containsExactly("back", "front");
        assertThat(facts.problems).as("said once").hasSize(3);
    }

    @Test
    void facts_ofANewPod_areAskedForSooner_whereThereIsNoWatch() throws Exception {
        FactsFixture facts = new FactsFixture("");
        server.answers = path -> new Answer(200, SLICES);
        String bank = "{metadata: {namespace: 'bank', name: 'vault', uid: 'u9'}}";
        facts.present(WEB, bank);
        int asked = server.asked().size();
        assertThat(facts.isWhole()).isTrue();

        facts.added(DB);
        assertThat(server.asked()).as("it has just been asked").hasSize(asked);
        assertThat(facts.of(DB).isWhole()).as("of the new one nothing is known").isFalse();
        facts.advance(Duration.ofSeconds(6));
        assertThat(server.asked()).hasSize(asked + 1);
        assertThat(facts.of(DB).isWhole()).isTrue();
        assertThat(facts.services()).containsExactly("back", "front");
    }

    @Test
    void pod_withoutAnAddress_isIncomplete_becauseItsServicesComeLater() throws Exception {
        FactsFixture facts = new FactsFixture("");
        server.answers = path -> new Answer(200, SLICES);
        facts.present(WEB);
        String young = "{metadata: {namespace: 'shop', name: 'x', uid: 'u9'}, status: {phase: 'Pending'}}";

        assertThat(facts.of(young).isWhole()).isFalse();
        assertThat(facts.of(young.replace("Pending", "Running")).isWhole()).isFalse();
        assertThat(facts.of(young.replace("Pending", "Succeeded")).isWhole()).isTrue();
        assertThat(facts.of(young.replace("'Pending'", "'Pending', podIP: '10.0.0.1'"))
                        .isWhole())
                .isTrue();
    }

    @Test
    void facts_thatAreNoAnswerAtAll_concernTheirQuestionAlone() throws Exception {
        FactsFixture facts = new FactsFixture("namespace-labels-as-tags { team = t }");
        server.answers = path -> new Answer(200, path.contains("endpointslices") ? SLICES : "null");
        facts.present(WEB);

        assertThat(facts.services()).containsExactly("back", "front");
        assertThat(facts.isWhole()).isFalse();
        assertThat(facts.problems).singleElement().asString().contains(server.url(), "/api/v1/namespaces/shop", "null");
    }

    @Test
    void facts_areAskedForEveryMinute_orWhenThereIsANewNamespace() throws Exception {
        FactsFixture facts = new FactsFixture("");
        server.answers = path -> new Answer(200, SLICES);
        facts.present(WEB);
        facts.present(WEB);
        facts.advance(Duration.ofSeconds(59));
        assertThat(server.asked()).hasSize(1);
        facts.advance(Duration.ofSeconds(1));
        assertThat(server.asked()).hasSize(2);
        facts.present(WEB, "{metadata: {namespace: 'bank', uid: 'u9'}}");
        assertThat(server.asked()).as("the new one").hasSize(3);
    }

    /** Facts with a separate clock, requested on the caller's thread; the server sends no version, and has no watch. */
    private final class FactsFixture {
        final List<String> problems = new ArrayList<>();
        private final ManualTime time = new ManualTime();
        private final ClusterFacts facts;

        FactsFixture(String settings) throws Exception {
            KubernetesSettings read = KubernetesSettings.of(settings(both(settings)));
            Pace pace = new Pace(
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(10),
                    time.clock(),
                    millis -> millis == 0
                            ? Runnable::run
                            : task -> time.scheduler().schedule(task, millis, TimeUnit.MILLISECONDS));
            ClusterFacts.Changes nobody = new ClusterFacts.Changes() {
                @Override
                public void pods(Set<String> names) {}

                @Override
                public void namespace(String namespace) {}

                @Override
                public void resources(Set<EntityId> entities) {}
            };
            ApiClient apiServer = sources(both(settings)).apiServer();
            facts = new ClusterFacts(
                    apiServer,
                    new ClusterFacts.Place("node-1", EntityId.host("test-host")),
                    read.facts(),
                    pace,
                    nobody,
                    problems::add);
            resources.push(facts::close);
            facts.start();
        }

        /** The namespaces of these pods are the present namespaces. */
        void present(String... pods) {
            facts.namespaces(Stream.of(pods)
                    .map(pod -> Pods.pod(pod).metadata().namespace())
                    .collect(Collectors.toSet()));
        }

        void added(String pod) {
            facts.added(Pods.pod(pod));
        }

        void advance(Duration duration) {
            time.advance(duration);
        }

        Set<String> services() {
            return of(WEB).services();
        }

        boolean isWhole() {
            return of(WEB).isWhole();
        }

        PodTags.Surroundings of(String pod) {
            return facts.of(Pods.pod(pod));
        }
    }

    // Further resources.

    @Test
    void resources_haveTheTagsThatTheRulesSay_whereTheyHavePodsHere() throws Exception {
        Map<String, String> bodies = Map.of(
                "/pods",
                FakeServer.list("", WEB, DB),
                "/apis/apps",
                Pods.json("{preferredVersion: {groupVersion: 'apps/v1'}}"),
                "/apis/apps/v1",
                Pods.json("{resources: [{name: 'deployments/status', namespaced: true}, {name: 'deployments',"
                        + " namespaced: true}]}"),
                "/api/v1",
                Pods.json("{resources: [{name: 'nodes', namespaced: false}, {name: 'namespaces', namespaced: false}]}"),
                "/apis/apps/v1/namespaces/shop/deployments?resourceVersion=0&limit=500",
                Pods.json("{items: [{metadata: {name: 'web', namespace: 'shop', labels: {team: 'core'},"
                        + " annotations: {tier: '1'}}}, {metadata: {name: 'db', namespace: 'shop'}}]}"),
                "/api/v1/namespaces/shop",
                Pods.json("{metadata: {name: 'shop', labels: {team: 'shop'}}}"),
                "/api/v1/nodes/node-1",
                Pods.json("{metadata: {name: 'node-1', labels: {zone: 'a'}}}"));
        server.answers =
                path -> bodies.containsKey(path) ? new Answer(200, bodies.get(path)) : new Answer(404, "no " + path);
        KubernetesCollector collector = detected(both("""
                service-tags = false
                resources-labels-as-tags {
                  "deployments.apps" { team = kube_team }
                  namespaces { team = "%%label%%", "*" = "+any" }
                  nodes { zone = zone }
                }
                resources-annotations-as-tags { "deployments.apps" { tier = tier } }
                """));
        collector.pull(sink);

        assertThat(sink.state().values())
                .filteredOn(info -> !info.entity().prefix().matches("container_id|kubernetes_pod_uid"))
                .extracting(TagInfo::toString)
                .containsExactlyInAnyOrder(
                        "kubernetes says of deployment://shop/web: low [kube_team:core, tier:1] orchestrator [] high []",
                        "kubernetes says of kubernetes_metadata:///namespaces//shop: low [team:shop] orchestrator [] high"
                                + " [any:shop]",
                        "kubernetes says of kubernetes_metadata:///nodes//node-1: low [zone:a] orchestrator [] high []");
        assertThat(collector.fetch(EntityId.parse("deployment://shop/web"))).hasSize(1);
        assertThat(collector.fetch(EntityId.parse("deployment://shop/other"))).isEmpty();

        server.answers = path -> new Answer(500, "");
        assertThatThrownBy(() -> collector.pull(sink)).isInstanceOf(IOException.class);
        assertThat(sink.state()).hasSize(7);
    }

    @Test
    void resources_ofANamespaceThatHasNoPodsHereAnyMore_areDeleted() throws Exception {
        String namespace = Pods.json("{metadata: {name: 'shop', labels: {team: 'shop'}}}");
        server.answers = path -> path.equals("/pods")
                ? new Answer(200, FakeServer.list("", WEB, "{metadata: {namespace: 'bank', uid: 'u9'}}"))
                : path.endsWith("/shop") ? new Answer(200, namespace) : new Answer(404, "");
        KubernetesCollector collector =
                detected(both("service-tags = false\nresources-labels-as-tags { namespaces { team = team } }"));
        EntityId shop = EntityId.parse("kubernetes_metadata:///namespaces//shop");
        collector.pull(sink);
        assertThat(sink.state()).containsKey(shop);

        server.answers = path -> path.equals("/pods")
                ? new Answer(200, FakeServer.list("", "{metadata: {namespace: 'bank', uid: 'u9'}}"))
                : new Answer(404, "");
        await().until(() -> {
            collector.pull(sink);
            return !sink.state().containsKey(shop);
        });
        assertThat(sink.state().keySet()).extracting(EntityId::id).containsExactly("u9");
    }

    @Test
    void resources_thatAreGone_areNotDiscoveredAgainEachRound() throws Exception {
        server.answers = path -> path.equals("/api/v1")
                ? new Answer(200, Pods.json("{resources: [{name: 'configmaps', namespaced: true}]}"))
                : new Answer(404, "");
        FactsFixture facts =
                new FactsFixture("service-tags = false\nresources-labels-as-tags { configmaps { team = t } }");
        facts.present(WEB);
        for (int i = 0; i < 9; i++) {
            facts.advance(Duration.ofMinutes(1));
        }
        assertThat(server.asked()).filteredOn("/api/v1"::equals).hasSize(1);
        assertThat(server.asked())
                .filteredOn(path -> path.contains("/configmaps"))
                .as("after 1, 2 and 4 minutes")
                .hasSize(4);

        facts.advance(Duration.ofMinutes(1));
        assertThat(server.asked())
                .filteredOn("/api/v1"::equals)
                .as("an upgrade of the cluster may have removed the version")
                .hasSize(2);
    }

    @Test
    void resources_thatDoNotExist_areNamed_withTheWayOut() throws Exception {
        server.answers = path -> new Answer(200, Pods.json("{resources: [{name: 'pods', namespaced: true}]}"));
        FactsFixture facts =
                new FactsFixture("service-tags = false\nresources-labels-as-tags { deployments.apps { team = t } }");

        assertThat(facts.problems)
                .singleElement()
                .asString()
                .contains("no resource 'deployments' in /api/v1", "in quotes: \"deployments.apps\"");
    }

    private static final String SLICES = Pods.json("""
            {items: [{metadata: {labels: {'kubernetes.io/service-name': 'front'}},
                      endpoints: [{targetRef: {kind: 'Pod', name: 'web', uid: 'u1'}}, {targetRef: {kind: 'Node', name: 'db'}}, {}]},
                     {metadata: {labels: {'kubernetes.io/service-name': 'back'}}, endpoints: [{targetRef: {kind: 'Pod', name: 'web', uid: 'u1'}}]},
                     {metadata: {}, endpoints: [{targetRef: {kind: 'Pod', name: 'db'}}]},
                     {metadata: {labels: {'kubernetes.io/service-name': 'none'}}, endpoints: null}]}
            """);

    /** A kubelet and an API server in one server, which permits a single path. */
    private void cluster(String allowed, Answer answer) {
        server.answers = path -> path.equals("/pods")
                ? new Answer(200, FakeServer.list("", WEB, DB))
                : path.startsWith(allowed) ? answer : new Answer(403, "");
    }

    private String both(String more) throws IOException {
        return "source = kubelet\nkubelet.url = \"" + server.url() + "\"\napiserver.kubeconfig = \"" + kubeconfig()
                + "\"\n" + more;
    }

    private void awaitTag(KubernetesCollector collector, String pod, String tag) {
        await().until(() -> {
            collector.pull(sink);
            return sink.state().get(EntityId.pod(pod)).low().contains(tag);
        });
    }

    // Detection.

    @Test
    void detect_withoutKubernetes_isAbsent() {
        assertThatThrownBy(() -> detected(""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isTrue())
                .hasMessageContaining("KUBERNETES_SERVICE_HOST");
    }

    @Test
    void detect_nobodyAnswers_isTriedAgain_andNamesBoth() throws Exception {
        server.answers = path -> new Answer(500, "");

        assertThatThrownBy(() -> detected(
                        "kubelet.url = \"" + server.url() + "\"\napiserver.kubeconfig = \"" + kubeconfig() + "\""))
                .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                        .isFalse())
                .hasMessageContaining("/pods")
                .hasMessageContaining("/api/v1/pods");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source = docker",
                "pull-interval = 0s",
                "facts-interval = 0s",
                "kubelet.url = \"node:10250\"",
                "kubelet.read-only-port = 70000",
                "kubelet.client-key-path = /key",
                "apiserver.page-size = 0",
                "node-name = \"*\"",
                "pod-labels-as-tags { \"a[*\" = x }",
                "resources-labels-as-tags { namespaces = team }"
            })
    void settings_thatAreWrong_areNamed(String setting) {
        String key = setting.substring(0, setting.indexOf(' ')).replace("client-key-path", "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KubernetesCollector(environment).check(settings(setting)))
                .withMessageContaining("tagger.collectors.kubernetes." + key.replaceAll("\\.$", ""));
    }

    @Test
    void kubelet_thatIsNotThere_isNamedInWords() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        assertThatThrownBy(() -> detected("kubelet.url = \"http://127.0.0.1:" + port + "\""))
                .hasMessageContaining("http://127.0.0.1:" + port
                        + " can't be asked: the connection is refused, because no" + " server listens there")
                .hasMessageNotContaining("Exception");
        assertThatThrownBy(() -> detected("kubelet.url = \"http://no-such-host.invalid:1\""))
                .hasMessageContaining("the host name")
                .hasMessageContaining("is unknown to the resolver")
                .hasMessageNotContaining("Exception");
    }

    @Test
    void kubelet_thatRefusesTheToken_mayHaveLostTheApiServer() {
        server.answers = path -> new Answer(401, "Unauthorized");

        assertThatThrownBy(this::kubeletWithToken)
                .hasMessageContaining("(401)")
                .hasMessageContaining("while it can't reach the API server, which checks the token");
    }

    private KubernetesCollector kubeletWithToken() throws Exception {
        Path token = Files.writeString(folder.resolve("a-token"), "t");
        return detected("kubelet { url = \"" + server.url() + "\", token-path = \"" + token + "\" }");
    }

    /** A server of Go without a certificate answers a handshake with the alert 80, internal error. */
    @Test
    void kubelet_withoutACertificate_waitsForAnApproval() throws Exception {
        try (ServerSocket tls = new ServerSocket(0)) {
            Thread answering = new Thread(() -> {
                while (true) {
                    try (Socket caller = tls.accept()) {
                        caller.getInputStream().read(new byte[1]);
                        caller.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, 80});
                        caller.getInputStream().readAllBytes();
                    } catch (IOException e) {
                        return; // the test is over
                    }
                }
            });
            answering.start();

            assertThatThrownBy(() -> detected("kubelet.url = \"https://127.0.0.1:" + tls.getLocalPort() + "\""))
                    .hasMessageContaining("the kubelet has no certificate yet")
                    .hasMessageContaining("kubectl certificate approve");
        }
    }

    @Test
    void serverName_isRequiredInTheCertificate_inPlaceOfTheAddress() throws Exception {
        FakeServer.Identity identity =
                FakeServer.Identity.make(folder, "node", "EC", "DNS:node-7.internal,DNS:*.nodes.internal");
        FakeServer kubelet = FakeServer.tls(identity, 0);
        resources.push(kubelet);
        kubelet.pods(WEB);
        Path ca = Files.writeString(folder.resolve("node.crt"), identity.pem());
        String settings = "kubelet { url = \"" + kubelet.url() + "\", ca-path = \"" + ca + "\", server-name = \"%s\" }";

        assertThatThrownBy(() -> detected(settings.formatted("")))
                .as("the address is not in the certificate")
                .hasMessageContaining("kubelet.server-name");
        for (String name : List.of("node-7.internal", "NODE-7.internal", "a.nodes.internal")) {
            KubernetesCollector collector = detected(settings.formatted(name));
            collector.pull(sink);
            assertThat(sink.state()).isNotEmpty();
        }
        for (String name : List.of("node-8.internal", "nodes.internal", "a.b.nodes.internal", "127.0.0.1")) {
            assertThatThrownBy(() -> detected(settings.formatted(name)))
                    .as(name)
                    .hasMessageContaining("does not have the name '" + name.toLowerCase(Locale.ROOT) + "'")
                    .hasMessageContaining("node-7.internal");
        }
        Path other = Files.writeString(
                folder.resolve("other.crt"),
                FakeServer.Identity.make(folder, "other").pem());
        assertThatThrownBy(
                        () -> detected(settings.formatted("node-7.internal").replace(ca.toString(), other.toString())))
                .as("signed by another authority")
                .isInstanceOf(CollectorUnavailableException.class);
    }

    @Test
    void kubeconfigs_areMergedAsByKubectl() throws Exception {
        Path clusters = Files.writeString(folder.resolve("clusters"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s"}}]
                current-context: x
                """.formatted(server.url()));
        Path users = Files.writeString(folder.resolve("users"), """
                apiVersion: v1
                kind: Config
                contexts: [{name: x, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: merged}}]
                current-context: other
                """);
        server.token = "merged";
        environment.put("KUBECONFIG", folder.resolve("missing") + ":" + clusters + ":" + users);
        follow(detected("source = apiserver, service-tags = false"));

        assertThat(sink.state()).hasSize(4);
        environment.put("KUBECONFIG", folder.resolve("missing") + ":" + folder.resolve("gone"));
        assertThatThrownBy(() -> detected("source = apiserver"))
                .hasMessageContaining("there is no file " + folder.resolve("missing"));
    }

    @Test
    void node_thatDoesNotExist_isNamed() throws Exception {
        server.answers =
                path -> path.contains("/nodes/") ? new Answer(404, "{}") : new Answer(200, FakeServer.list(""));
        assertThatThrownBy(() -> detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\""))
                .hasMessageContaining("knows of no node 'node-1'")
                .hasMessageContaining("NODE_NAME");

        server.answers =
                path -> path.contains("/nodes/") ? new Answer(403, "{}") : new Answer(200, FakeServer.list(""));
        detected("source = apiserver\napiserver.kubeconfig = \"" + kubeconfig() + "\"");
        assertThat(server.asked()).anyMatch(path -> path.endsWith("/api/v1/nodes/node-1"));
    }

    @Test
    void podsApi_withoutItsSocket_isNamed() {
        assertThatThrownBy(() -> detected(
                        "source = pods-api, kubelet.pods-api-socket = \"" + folder.resolve("none.sock") + "\""))
                .isInstanceOf(CollectorUnavailableException.class)
                .hasMessageContaining("none.sock is not there")
                .hasMessageContaining("1.37");
    }

    // Misses.

    @Test
    void fetch_findsAPodByItsUid_orByAContainer() throws Exception {
        KubernetesCollector collector = kubelet();

        assertThat(PodSink.withoutAttributes(collector.fetch(EntityId.pod("u1"))))
                .extracting(info -> info.entity().id())
                .containsExactly("u1", "c1");
        assertThat(PodSink.withoutAttributes(collector.fetch(EntityId.container("c2"))))
                .extracting(info -> info.entity().id())
                .containsExactly("u2", "c2");
    }

    @Test
    void fetch_byMany_isOneList() throws Exception {
        KubernetesCollector collector = kubelet();
        int before = server.asked().size();
        CountDownLatch go = new CountDownLatch(1);
        server.answers = path -> {
            awaitUninterrupted(go);
            return new Answer(200, FakeServer.list("", WEB, DB));
        };
        List<CompletableFuture<List<TagInfo>>> answers = new ArrayList<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            EntityId entity = EntityId.container(i % 2 == 0 ? "c1" : "c2");
            CompletableFuture<List<TagInfo>> answer = new CompletableFuture<>();
            answers.add(answer);
            Thread caller = new Thread(() -> {
                try {
                    answer.complete(collector.fetch(entity));
                } catch (Exception e) {
                    answer.completeExceptionally(e);
                }
            });
            caller.start();
            callers.add(caller);
        }
        await().until(() -> callers.stream()
                .allMatch(caller ->
                        caller.getState() == Thread.State.WAITING || caller.getState() == Thread.State.TIMED_WAITING));
        go.countDown();
        assertThat(answers).allSatisfy(answer -> assertThat(PodSink.withoutAttributes(answer.get()))
                .hasSize(2));
        assertThat(server.asked()).hasSize(before + 1);
    }

    @Test
    void fetch_thatFails_isNoAnswer() throws Exception {
        KubernetesCollector collector = kubelet();
        server.answers = path -> new Answer(500, "");

        assertThatThrownBy(() -> collector.fetch(EntityId.pod("u1"))).isInstanceOf(IOException.class);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server is being closed
        }
    }

    /** Streams until the end of the test; returns when the collector has synced. */
    private CompletableFuture<Void> follow(KubernetesCollector collector) throws Exception {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                collector.stream(sink);
                end.complete(null);
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        });
        thread.start();
        resources.push(thread::interrupt);
        if (!sink.awaitSynced(Duration.ofSeconds(10), end::isDone)) {
            end.get(1, TimeUnit.SECONDS);
        }
        return end;
    }

    private PodSources sources(String settings) {
        Pace never = new Pace(
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Clock.systemUTC(),
                millis -> task -> {});
        return new PodSources(
                KubernetesSettings.of(settings(settings)), environment, "test-host", never, Runnable::run);
    }

    private KubernetesCollector kubelet() throws Exception {
        return detected("kubelet.url = \"" + server.url() + "\"");
    }

    private KubernetesCollector detected(String more) throws Exception {
        return detected(more, Clock.systemUTC());
    }

    private KubernetesCollector detected(String more, Clock clock) throws Exception {
        KubernetesCollector collector = new KubernetesCollector(environment);
        resources.push(collector::close);
        context = new TestContext(settings(more), clock);
        resources.push(context);
        collector.detect(context);
        return collector;
    }

    private static Map<String, Object> settings(String more) {
        return ConfigLayers.empty()
                .text("tagger.collectors.kubernetes {\nhost-tags = false\n" + more + "\n}")
                .build()
                .collector("kubernetes");
    }

    private Path kubeconfig() throws IOException {
        return FakeServer.kubeconfig(folder, server.url());
    }

    private static String pod(String name, String uid, String container, String more) {
        return "{metadata: {" + more + " name: '" + name + "', namespace: 'shop', uid: '" + uid + "'},"
                + " spec: {containers: [{name: 'main', image: 'shop/" + name + ":1'}]},"
                + " status: {phase: 'Running', podIP: '10.0.0.1', containerStatuses: [{name: 'main', containerID: 'containerd://"
                + container
                + "'}]}}";
    }
}
