package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.ConnectingCollectorContractTest;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.SilentServer;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The collector against a fake daemon with failures on demand. */
class DockerCollectorTest extends ConnectingCollectorContractTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    @TempDir
    Path directory;

    private final RecordingSink sink = new RecordingSink("docker");
    private final List<AutoCloseable> resources = new ArrayList<>();
    private FakeDaemon daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new FakeDaemon("1.44", "1.53");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        daemon.close();
    }

    @Override
    protected Collector collector() {
        return new DockerCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return settings(daemon.host(), "");
    }

    @Override
    protected Map<String, Object> settingsOfASilentSource() throws Exception {
        Path socket = directory.resolve("silent.sock");
        resources.add(SilentServer.onSocket(socket));
        return settings("unix://" + socket, "");
    }

    private static Map<String, Object> settings(String host, String more) {
        return ConfigLayers.empty()
                .text("tagger.collectors.docker.host = \"" + host + "\"\n" + more)
                .build()
                .collector("docker");
    }

    private DockerCollector detected(String more) throws Exception {
        DockerCollector collector = new DockerCollector();
        resources.add(collector::close);
        TestContext context = new TestContext(settings(daemon.host(), more));
        resources.add(context);
        collector.detect(context);
        return collector;
    }

    private CompletableFuture<Void> stream(DockerCollector collector) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                collector.stream(sink);
                end.complete(null);
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        resources.add(0, thread::interrupt);
        return end;
    }

    private void awaitSynced() {
        await().until(() -> sink.syncs() == 1);
    }

    private Object env(String id) {
        TagInfo info = sink.state().get(EntityId.container(id));
        return info == null ? "" : info.standard().toString();
    }

    // Versions.

    @ParameterizedTest
    @CsvSource({"1.12, 1.41, 1.41", "1.24, 1.44, 1.44", "1.44, 1.53, 1.44", "1.60, 1.75, 1.60"})
    void version_isNegotiated(String oldest, String newest, String spoken) throws Exception {
        daemon.close();
        daemon = new FakeDaemon(oldest, newest);
        daemon.run(A, "prod");
        stream(detected(""));
        awaitSynced();

        assertThat(env(A)).isEqualTo("[env:prod]");
        assertThat(daemon.paths).contains("/v" + spoken + "/containers/json", "/v" + spoken + "/events");
        assertThat(daemon.paths)
                .filteredOn(path -> path.startsWith("/v") && !path.startsWith("/version"))
                .allMatch(path -> path.startsWith("/v" + spoken + "/"));
    }

    // No gap between the list and the events.

    @Test
    void stream_subscribesBeforeItLists() throws Exception {
        daemon.beforeList = exchange -> assertThat(daemon.subscribed.getCount()).isZero();
        stream(detected(""));
        awaitSynced();

        assertThat(daemon.paths.indexOf("/v1.44/events")).isBetween(0, daemon.paths.indexOf("/v1.44/containers/json"));
    }

    @Test
    void stream_asksForEventsFromBeforeItSubscribed() throws Exception {
        long before = System.currentTimeMillis() / 1_000;
        stream(detected(""));
        awaitSynced();

        assertThat(daemon.since).matches(".*since=\\d+.*");
        assertThat(Long.parseLong(daemon.since.replaceAll(".*since=(\\d+).*", "$1")))
                .isLessThan(before);
    }

    @Test
    void stream_eventsThatAreRefused_saysWhyAtOnce() throws Exception {
        daemon.beforeEvents = exchange -> {
            FakeDaemon.answer(exchange, 403, "{\"message\":\"events are forbidden by the proxy\"}");
            throw new IllegalStateException("answered");
        };
        CompletableFuture<Void> end = stream(detected(""));

        assertThatThrownBy(() -> end.get(4, TimeUnit.SECONDS))
                .hasMessageContaining("events are forbidden by the proxy");
    }

    @Test
    void stream_containerThatStartsWhileItLists_isNotMissed() throws Exception {
        daemon.beforeList = exchange -> {
            daemon.run(A, "late");
            daemon.event("start", A);
        };
        stream(detected(""));
        awaitSynced();

        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:late]"));
    }

    @Test
    void stream_containerThatDiesWhileItLists_isNotKept() throws Exception {
        daemon.run(A, "short");
        daemon.run(B, "long");
        daemon.beforeList = exchange -> {
            daemon.containers.remove(A);
            daemon.event("die", A);
        };
        stream(detected(""));
        awaitSynced();

        await().untilAsserted(() -> assertThat(sink.state()).containsOnlyKeys(EntityId.container(B)));
    }

    @Test
    void stream_containerThatDiesWhileItIsInspected_isDeletedAfterIt() throws Exception {
        daemon.run(A, "prod");
        CountDownLatch inspecting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> {
            inspecting.countDown();
            goOn.await();
        };
        stream(detected(""));
        assertThat(inspecting.await(10, TimeUnit.SECONDS)).isTrue();
        daemon.event("die", A);
        daemon.event("destroy", A);
        goOn.countDown();
        awaitSynced();

        await().untilAsserted(() ->
                assertThat(sink.infos()).last().isEqualTo(TagInfo.deletion("docker", EntityId.container(A))));
        assertThat(sink.state()).isEmpty();
    }

    // Events.

    @Test
    void events_startRenameUpdate_lookAgain_dieDestroy_delete() throws Exception {
        stream(detected(""));
        awaitSynced();
        for (String action : List.of("start", "rename", "update")) {
            daemon.run(A, action);
            daemon.event(action, A);
            await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:" + action + "]"));
        }
        for (String action : List.of("die", "destroy", "died", "remove")) {
            daemon.run(A, "again");
            daemon.event("start", A);
            await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:again]"));
            daemon.event(action, A);
            await().untilAsserted(() -> assertThat(sink.state()).isEmpty());
        }
        daemon.event("exec_start: sh", A);
        daemon.event("start", B);
        await().untilAsserted(() ->
                assertThat(sink.infos()).last().isEqualTo(TagInfo.deletion("docker", EntityId.container(B))));
    }

    @Test
    void events_garbageBetweenThem_endsTheStream() throws Exception {
        CompletableFuture<Void> end = stream(detected(""));
        awaitSynced();
        daemon.event("start\"},,,{{{", A);

        assertThatThrownBy(() -> end.get(10, TimeUnit.SECONDS)).hasMessageContaining("Docker daemon");
    }

    // Failures.

    @Test
    void inspect_thatFails_isTriedAgain_andTheSyncWaitsForIt() throws Exception {
        daemon.run(A, "prod");
        AtomicInteger tries = new AtomicInteger();
        daemon.beforeInspect = exchange -> {
            if (tries.incrementAndGet() < 4) {
                FakeDaemon.answer(exchange, 500, "{\"message\":\"busy\"}");
                throw new IllegalStateException("answered");
            }
        };
        stream(detected(""));
        awaitSynced();

        assertThat(tries).hasValue(4);
        assertThat(env(A)).isEqualTo("[env:prod]");
    }

    @Test
    void inspect_thatGoesOnFailing_doesNotHoldUpTheOthers_andSucceedsInTheEnd() throws Exception {
        daemon.run(A, "bad");
        daemon.run(B, "good");
        String patience = "tagger.collectors.docker.inspect-patience = 1s";
        AtomicInteger tries = new AtomicInteger();
        daemon.beforeInspect = exchange -> {
            if (exchange.getRequestURI().getPath().contains(A) && tries.incrementAndGet() <= 5) {
                FakeDaemon.answer(exchange, 500, "{\"message\":\"busy\"}");
                throw new IllegalStateException("answered");
            }
        };
        stream(detected(patience));
        awaitSynced();
        assertThat(env(B)).isEqualTo("[env:good]");
        assertThat(env(A)).isEqualTo("");

        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:bad]"));
    }

    @Test
    void inspect_parallelism_isBounded() throws Exception {
        for (int i = 0; i < 30; i++) {
            daemon.run(String.format("%064d", i), "e" + i);
        }
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        daemon.beforeInspect = exchange -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            two.countDown();
            two.await();
            inside.decrementAndGet();
        };
        stream(detected("tagger.collectors.docker.parallel-inspects = 2"));
        awaitSynced();

        assertThat(sink.state()).hasSize(30);
        assertThat(most).hasValue(2);
    }

    @Test
    void connection_thatIsLost_endsTheStream() throws Exception {
        CompletableFuture<Void> end = stream(detected(""));
        awaitSynced();
        daemon.endEvents();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> end.get(10, TimeUnit.SECONDS))
                .withMessageContaining("Docker daemon");
    }

    @Test
    void connection_thatIsSilentAndDead_isNoticedByThePing() throws Exception {
        CompletableFuture<Void> end =
                stream(detected("tagger.collectors.docker { ping-interval = 100ms, request-timeout = 500ms }"));
        awaitSynced();
        await().until(() -> daemon.paths.contains("/v1.44/_ping"));
        daemon.close();

        assertThatThrownBy(() -> end.get(10, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    }

    @Test
    void detect_daemonThatDoesNotAnswer_isToBeRetried() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                TestContext context = new TestContext(settings(
                        "tcp://127.0.0.1:" + silent.getLocalPort(),
                        "tagger.collectors.docker.request-timeout = 200ms"))) {
            DockerCollector collector = new DockerCollector();
            assertThatExceptionOfType(CollectorUnavailableException.class)
                    .isThrownBy(() -> collector.detect(context))
                    .withMessageContaining("does not answer")
                    .satisfies(error -> assertThat(error.isAbsent()).isFalse());
            collector.close();
        }
    }

    @Test
    void detect_settingOutOfBounds_isRefused() {
        assertThatThrownBy(() -> detected("tagger.collectors.docker.parallel-inspects = 0"))
                .hasMessageContaining("1 to 64");
        assertThatThrownBy(() -> detected("tagger.container.labels-as-tags { \"[x*\" = y }"))
                .hasMessageContaining("tagger.container.labels-as-tags")
                .hasMessageContaining("[x*");
    }

    // Fetch, and images.

    @Test
    void fetch_runningContainer_isFound_others_areNot() throws Exception {
        daemon.run(A, "prod");
        daemon.containers.put(
                B, "{\"Id\":\"" + B + "\",\"State\":{\"Running\":false,\"Status\":\"exited\"},\"Config\":{}}");
        DockerCollector collector = detected("");

        assertThat(collector.fetch(EntityId.container(A))).singleElement().satisfies(info -> assertThat(info.standard())
                .containsExactly("env:prod"));
        assertThat(collector.fetch(EntityId.container(B))).isEmpty();
        assertThat(collector.fetch(EntityId.container("c".repeat(64)))).isEmpty();
        int asked = daemon.paths.size();
        assertThat(collector.fetch(EntityId.container("../../version"))).isEmpty();
        assertThat(collector.fetch(EntityId.container("web"))).isEmpty();
        assertThat(daemon.paths).as("no id, so nothing is asked").hasSize(asked);
    }

    @Test
    void fetch_thatFails_throws() throws Exception {
        daemon.run(A, "prod");
        DockerCollector collector = detected("tagger.collectors.docker.request-timeout = 300ms");
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> never.await();

        assertThatThrownBy(() -> collector.fetch(EntityId.container(A))).isInstanceOf(RuntimeException.class);
        never.countDown();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"RepoTags\":[\"acme/web:1\",\"acme/web:2\"]}                                  | docker_image:acme/web:1",
                "{\"RepoTags\":[\"<none>:<none>\"],\"RepoDigests\":[\"acme/dig@sha256:22\"]}     | docker_image:acme/dig",
                "{\"RepoTags\":[],\"RepoDigests\":[]}                                            | docker_image:sha256:11",
                "{}                                                                             | docker_image:sha256:11"
            },
            quoteCharacter = '\0')
    void image_isNamedByItsFirstTag_elseItsDigestsName_elseItsId(String answer, String expected) throws Exception {
        daemon.imageAnswer = answer;
        daemon.run(A, "prod");

        assertThat(detected("").fetch(EntityId.container(A)).get(0).low()).contains(expected);
    }

    @Test
    void image_isLookedUpOnce_andAnErrorIsNotRemembered() throws Exception {
        daemon.run(A, "prod");
        DockerCollector collector = detected("");
        daemon.imageAnswer = "this is no JSON";
        assertThatThrownBy(() -> collector.fetch(EntityId.container(A))).isInstanceOf(RuntimeException.class);
        daemon.imageAnswer = "{\"RepoTags\":[\"acme/web:1\"]}";
        collector.fetch(EntityId.container(A));
        collector.fetch(EntityId.container(A));

        assertThat(daemon.paths).filteredOn(path -> path.contains("/images/")).hasSize(2);
    }

    @Test
    void pingInterval_isConfigured() {
        assertThat(DockerSettings.of(settings(daemon.host(), "tagger.collectors.docker.ping-interval = 7s"))
                        .pingInterval())
                .isEqualTo(Duration.ofSeconds(7));
    }
}
