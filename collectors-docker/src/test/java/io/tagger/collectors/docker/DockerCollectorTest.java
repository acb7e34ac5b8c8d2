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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The collector against a fake daemon with failures on demand. */
class DockerCollectorTest extends ConnectingCollectorContractTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    @TempDir
    Path directory;

    private final RecordingSink sink = new RecordingSink("docker");
    private final List<AutoCloseable> resources = new ArrayList<>();
    private FakeDaemon daemon;
    private TestContext context;

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
        context = new TestContext(settings(daemon.host(), more));
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
        assertThat(env(A)).as("what the list tells").isEqualTo("[]");
        assertThat(sink.state().get(EntityId.container(A)).complete()).isFalse();
        assertThat(context.progress()).isEqualTo("1 of 2 containers; 1 can't be read: " + A + ": HTTP 500: busy");

        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:bad]"));
        assertThat(context.progress()).isEmpty();
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
        await().until(() -> daemon.paths.contains("/v1.44/version"));
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

        assertThatThrownBy(() -> collector.fetch(EntityId.container(A)))
                .isInstanceOf(CollectorUnavailableException.class);
        never.countDown();
    }

    private static String container(String id, String image, String more) {
        return "{\"Id\":\"" + id + "\",\"Name\":\"/n\",\"Image\":\"sha256:11\",\"State\":{\"Running\":true},"
                + "\"Config\":{\"Image\":\"" + image + "\",\"Env\":[\"DD_ENV=prod\"],\"Labels\":{}}" + more + "}";
    }

    private List<String> low(String id) {
        TagInfo info = sink.state().get(EntityId.container(id));
        return info == null ? List.of() : info.low();
    }

    // Images: what the container was started from.

    @Test
    void image_ofAContainerStartedByName_isThatName_andIsNotInspected() throws Exception {
        daemon.containers.put(A, container(A, "acme/cache", ""));
        daemon.imageAnswer = "{\"RepoTags\":[\"aaa/other:main\",\"acme/cache:latest\"]}";
        stream(detected(""));
        awaitSynced();

        assertThat(low(A))
                .contains("docker_image:acme/cache", "image_name:acme/cache", "short_image:cache")
                .noneMatch(tag -> tag.startsWith("image_tag:"));
        assertThat(sink.state().get(EntityId.container(A)).complete()).isTrue();
        assertThat(daemon.paths).noneMatch(path -> path.contains("/images/"));
    }

    @Test
    void image_ofAContainerStartedById_isLookedUpOnce_andALaterNameChangesNothing() throws Exception {
        daemon.containers.put(A, container(A, "sha256:11", ""));
        daemon.imageAnswer = "{\"RepoTags\":[\"acme/web:2\"]}";
        stream(detected(""));
        awaitSynced();
        await().untilAsserted(() -> assertThat(low(A)).contains("docker_image:acme/web:2", "image_tag:2"));
        daemon.imageAnswer = "{\"RepoTags\":[\"aaa/later:main\",\"acme/web:2\"]}";
        daemon.containers.put(B, container(B, "sha256:11", ""));
        daemon.event("start", B);
        daemon.event("rename", A);

        await().untilAsserted(() -> assertThat(low(B)).contains("docker_image:acme/web:2"));
        assertThat(low(A)).contains("docker_image:acme/web:2");
        assertThat(sink.state().get(EntityId.container(B)).complete()).isTrue();
        assertThat(daemon.paths).filteredOn(path -> path.contains("/images/")).hasSize(1);
    }

    @Test
    void image_withoutAName_isKnownByItsId() throws Exception {
        daemon.containers.put(A, container(A, "sha256:11", ""));
        daemon.imageAnswer = "{\"RepoTags\":null,\"RepoDigests\":7}";
        stream(detected(""));

        await().untilAsserted(() -> assertThat(low(A)).contains("docker_image:sha256:11"));
        assertThat(sink.state().get(EntityId.container(A)).complete()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"400", "403", "500"})
    void image_thatCantBeInspected_costsOnlyItsName_andIsAskedForAgain(int status) throws Exception {
        daemon.containers.put(A, container(A, "acme/web@sha256:22", ""));
        daemon.containers.put(B, container(B, "sha256:11", ""));
        AtomicBoolean refuses = new AtomicBoolean(true);
        daemon.beforeImage = exchange -> {
            if (refuses.get()) {
                FakeDaemon.answer(exchange, status, "{\"message\":\"no images\"}");
                throw new IllegalStateException("answered");
            }
        };
        daemon.imageAnswer = "{\"RepoTags\":[\"acme/web:2\"]}";
        stream(detected(""));
        awaitSynced();

        assertThat(low(A)).contains("env:prod", "image_name:acme/web", "docker_image:acme/web", "image_id:sha256:11");
        assertThat(low(B)).contains("env:prod", "image_id:sha256:11").noneMatch(tag -> tag.startsWith("docker_image"));
        assertThat(sink.state().get(EntityId.container(A)).complete()).isFalse();
        refuses.set(false);
        await().untilAsserted(() -> {
            assertThat(low(A)).contains("docker_image:acme/web:2");
            assertThat(low(B)).contains("docker_image:acme/web:2");
            assertThat(sink.state().get(EntityId.container(B)).complete()).isTrue();
        });
    }

    @Test
    void image_whoseInspectionNeverEnds_holdsUpNothing() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeImage = exchange -> never.await();
        for (int i = 0; i < 20; i++) {
            String id = String.format("%064d", i);
            daemon.containers.put(
                    id,
                    container(id, "sha256:" + i, "")
                            .replace("\"Image\":\"sha256:11\"", "\"Image\":\"sha256:" + i + "\""));
        }
        stream(detected(""));
        awaitSynced();

        assertThat(sink.state()).hasSize(20).allSatisfy((entity, info) -> {
            assertThat(info.standard()).containsExactly("env:prod");
            assertThat(info.complete()).isFalse();
        });
        daemon.run(A, "next");
        daemon.event("start", A);
        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:next]"));
        never.countDown();
    }

    @Test
    void fetch_imageNotKnownYet_isIncomplete_andCompleteLater() throws Exception {
        daemon.containers.put(A, container(A, "sha256:11", ""));
        daemon.imageAnswer = "{\"RepoTags\":[\"acme/web:2\"]}";
        DockerCollector collector = detected("");
        assertThat(collector.fetch(EntityId.container(A)).get(0).standard()).containsExactly("env:prod");

        await().untilAsserted(
                        () -> assertThat(collector.fetch(EntityId.container(A)).get(0))
                                .satisfies(info -> {
                                    assertThat(info.complete()).isTrue();
                                    assertThat(info.low()).contains("image_tag:2");
                                }));
    }

    // Odd answers: each field by itself.

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"HostConfig\":{\"CapDrop\":[\"all\"],\"CapAdd\":[\"net_admin\",7,null]}",
                ",\"HostConfig\":[]",
                ",\"HostConfig\":{\"Memory\":\"much\",\"RestartPolicy\":7,\"PortBindings\":[{}],\"LogConfig\":\"none\"}",
                ",\"NetworkSettings\":{\"Ports\":{\"x\":{\"y\":1}},\"Networks\":\"none\"}",
                ",\"Mounts\":{\"a\":1},\"Created\":12,\"SizeRw\":1e400,\"Volumes\":[[[]]]",
                ",\"GraphDriver\":null,\"Path\":{},\"Args\":5,\"RestartCount\":\"none\",\"Config2\":[1,2"
                        + ",{\"deep\":[[[[[[1]]]]]]}]"
            })
    void inspect_oddFieldsThatNoTagNeeds_costNothing(String more) throws Exception {
        daemon.containers.put(A, container(A, "acme/web:1", more));
        stream(detected(""));
        awaitSynced();

        assertThat(low(A)).contains("env:prod", "image_name:acme/web", "image_id:sha256:11");
        assertThat(sink.state().get(EntityId.container(A)).complete()).isTrue();
    }

    @Test
    void inspect_oddNeededFields_eachCostsItselfOnly() throws Exception {
        daemon.containers.put(
                A,
                "{\"Name\":[],\"Image\":{},\"State\":{\"Running\":true},\"Config\":{\"Image\":\"acme/web:1\",\"Env\":[7,null,\"DD_ENV=prod\"],"
                        + "\"Labels\":{\"com.datadoghq.tags.service\":null,\"com.docker.compose.project\":\"shop\",\"a\":[1]}}}");
        daemon.containers.put(
                B,
                "{\"Name\":\"/b\",\"Image\":\"sha256:11\",\"State\":{\"Running\":true},\"Config\":{\"Image\":\"acme/web:1\",\"Env\":\"none\",\"Labels\":[]}}");
        stream(detected(""));
        awaitSynced();

        assertThat(low(A))
                .containsExactlyInAnyOrder(
                        "docker_image:acme/web:1",
                        "image_name:acme/web",
                        "short_image:web",
                        "image_tag:1",
                        "env:prod",
                        "compose_project:shop");
        assertThat(low(B)).contains("image_name:acme/web");
        assertThat(sink.state().get(EntityId.container(B)).high()).contains("container_name:b");
    }

    @Test
    void list_oddItems_costOnlyThemselves() throws Exception {
        daemon.run(A, "prod");
        daemon.listAnswer = "[null,7,{},{\"Id\":null},{\"Id\":\"" + A
                + "\",\"Names\":7,\"Ports\":\"odd\",\"Labels\":[],\"State\":{}}]";
        stream(detected(""));
        awaitSynced();

        assertThat(sink.state()).containsOnlyKeys(EntityId.container(A));
        assertThat(env(A)).isEqualTo("[env:prod]");
    }

    @Test
    void events_oddOnes_costOnlyThemselves() throws Exception {
        stream(detected(""));
        awaitSynced();
        daemon.send("null\n7\n[]\n{\"Actor\":7,\"Action\":[]}\n{\"status\":\"start\",\"id\":null}\n");
        daemon.run(A, "prod");
        daemon.send("{\"status\":\"start\",\"id\":\"" + A + "\",\"Actor\":{\"Attributes\":[]},\"time\":\"odd\"}\n");

        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:prod]"));
    }

    // Containers that die at once.

    @Test
    void container_thatIsGoneBeforeItsInspect_hasTheTagsOfItsEvent_beforeItsDeletion() throws Exception {
        stream(detected(""));
        awaitSynced();
        daemon.event(
                "start",
                A,
                "{\"image\":\"acme/job:1\",\"name\":\"job\",\"com.datadoghq.tags.service\":\"batch\",\"exitCode\":0}");
        daemon.event("die", A);
        daemon.event("destroy", A);

        TagInfo deletion = TagInfo.deletion("docker", EntityId.container(A));
        await().untilAsserted(() -> assertThat(sink.infos()).last().isEqualTo(deletion));
        TagInfo tags = sink.infos().get(0);
        assertThat(tags.low()).contains("image_name:acme/job", "image_tag:1", "service:batch");
        assertThat(tags.high()).containsExactly("container_id:" + A, "container_name:job");
        assertThat(tags.complete()).isFalse();
    }

    @Test
    void container_thatIsDeadAtItsInspect_hasAllTags_beforeItsDeletion() throws Exception {
        stream(detected(""));
        awaitSynced();
        daemon.containers.put(
                A,
                container(A, "acme/job:1", "")
                        .replace("{\"Running\":true}", "{\"Running\":false,\"Status\":\"exited\"}"));
        daemon.event("start", A, "{\"image\":\"acme/job:1\",\"name\":\"job\"}");
        daemon.event("die", A);

        TagInfo deletion = TagInfo.deletion("docker", EntityId.container(A));
        await().untilAsserted(() -> assertThat(sink.infos()).last().isEqualTo(deletion));
        assertThat(sink.infos().get(0).standard()).containsExactly("env:prod");
        assertThat(sink.infos().get(0).complete()).isTrue();
    }

    @Test
    void container_whoseInspectFails_hasTheTagsOfItsEvent_untilTheInspectSucceeds() throws Exception {
        stream(detected(""));
        awaitSynced();
        daemon.run(A, "prod");
        AtomicInteger tries = new AtomicInteger();
        daemon.beforeInspect = exchange -> {
            if (tries.incrementAndGet() < 4) {
                FakeDaemon.answer(exchange, 500, "{\"message\":\"busy\"}");
                throw new IllegalStateException("answered");
            }
        };
        daemon.event("start", A, "{\"image\":\"acme/web:1\",\"name\":\"web\"}");

        await().untilAsserted(() -> assertThat(env(A)).isEqualTo("[env:prod]"));
        assertThat(sink.infos().get(0).complete()).isFalse();
        assertThat(sink.infos().get(0).low()).contains("image_name:acme/web");
    }

    /** The daemon refuses every inspect. */
    private void refuseInspects() {
        daemon.beforeInspect = exchange -> {
            FakeDaemon.answer(exchange, 403, "{\"message\":\"no inspects\"}");
            throw new IllegalStateException("answered");
        };
    }

    @Test
    void container_whoseInspectIsRefused_staysDeletedAfterItsDeath() throws Exception {
        stream(detected(""));
        awaitSynced();
        refuseInspects();
        daemon.event("start", A, "{\"image\":\"acme/web:1\",\"name\":\"web\"}");
        await().until(() -> !sink.infos().isEmpty());
        daemon.event("die", A);
        await().until(() -> sink.infos().size() == 2);
        // A retry of the refused inspect would come within these retries of another container.
        daemon.event("start", B, "{\"image\":\"acme/web:1\",\"name\":\"other\"}");
        await().until(() ->
                daemon.paths.stream().filter(path -> path.contains(B)).count() >= 5);

        assertThat(sink.infos().stream().filter(info -> info.entity().equals(EntityId.container(A))))
                .extracting(TagInfo::deleteEntity)
                .containsExactly(false, true);
        assertThat(context.progress()).contains(B).doesNotContain(A);
    }

    @Test
    void container_thatEndsAtOnce_andWhoseInspectIsRefused_isReportedOnce() throws Exception {
        daemon.run(A, "slow");
        CountDownLatch inspecting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> {
            inspecting.countDown();
            goOn.await();
        };
        stream(detected("tagger.collectors.docker.parallel-inspects = 1"));
        inspecting.await();
        daemon.event("start", B, "{\"image\":\"acme/web:1\",\"name\":\"b\"}"); // waits for the one worker
        daemon.event("die", B);
        await().until(() -> daemon.events() == 2);
        refuseInspects();
        goOn.countDown();
        await().until(() -> sink.infos().size() >= 3);
        daemon.event("rename", A);
        await().until(() ->
                daemon.paths.stream().filter(path -> path.contains(A)).count() >= 5);

        assertThat(sink.infos().stream().filter(info -> info.entity().equals(EntityId.container(B))))
                .extracting(TagInfo::deleteEntity)
                .containsExactly(false, true);
    }

    @Test
    void container_thatEndsAtOnce_startedById_getsTheNameOfItsImage() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        daemon.beforeImage = exchange -> goOn.await();
        daemon.imageAnswer = "{\"RepoTags\":[\"sha256:22\",\"acme/web:2\"]}";
        stream(detected(""));
        awaitSynced();
        daemon.containers.put(A, container(A, "sha256:11", "").replace("{\"Running\":true}", "{\"Running\":false}"));
        daemon.event("start", A, "{\"image\":\"sha256:11\",\"name\":\"job\"}");
        daemon.event("die", A);
        await().until(() -> sink.infos().stream().anyMatch(TagInfo::deleteEntity));
        goOn.countDown();

        await().untilAsserted(() -> assertThat(sink.infos())
                .filteredOn(info -> info.low().contains("docker_image:acme/web:2"))
                .isNotEmpty());
        await().untilAsserted(() -> assertThat(sink.infos())
                .last()
                .extracting(TagInfo::deleteEntity)
                .isEqualTo(true));
    }

    @Test
    void nulls_areNoNames() throws Exception {
        daemon.containers.put(
                A,
                "{\"Name\":null,\"Image\":null,\"State\":{\"Running\":true},\"Config\":{\"Image\":null,\"Env\":null,\"Labels\":null}}");
        stream(detected(""));
        awaitSynced();
        daemon.send("{\"status\":\"start\",\"id\":null,\"Actor\":{\"ID\":null}}\n");
        daemon.listAnswer = "[{\"Id\":null}]";
        daemon.event("rename", A);
        await().until(() ->
                daemon.paths.stream().filter(path -> path.contains(A)).count() >= 2);

        assertThat(sink.infos()).allMatch(info -> info.entity().equals(EntityId.container(A)));
        assertThat(sink.infos().get(0).high()).containsExactly("container_id:" + A);
        assertThat(sink.infos().get(0).low()).isEmpty();
    }

    @Test
    void container_thatDiesAgainAndAgain_isKeptByItsLastStart() throws Exception {
        stream(detected(""));
        awaitSynced();
        daemon.run(A, "prod");
        for (int i = 0; i < 20; i++) {
            daemon.event("start", A, "{\"image\":\"acme/web:1\",\"name\":\"web\"}");
            daemon.event("die", A);
        }
        daemon.event("start", A, "{\"image\":\"acme/web:1\",\"name\":\"web\"}");

        await().untilAsserted(() -> {
            assertThat(env(A)).isEqualTo("[env:prod]");
            assertThat(sink.infos()).last().extracting(TagInfo::deleteEntity).isEqualTo(false);
        });
    }

    // A daemon that hangs, over its Unix socket.

    private DockerCollector detectedOnASocket(String more) throws Exception {
        return detectedOnASocket(more, Executors.newCachedThreadPool());
    }

    private DockerCollector detectedOnASocket(String more, ExecutorService threads) throws Exception {
        resources.add(threads::shutdownNow);
        Path socket = directory.resolve("door.sock");
        resources.add(new UnixDoor(socket, daemon.port()));
        DockerCollector collector = new DockerCollector();
        resources.add(collector::close);
        context = new TestContext(
                        settings("unix://" + socket, "tagger.collectors.docker.request-timeout = 300ms\n" + more))
                .runningOn(threads);
        resources.add(context);
        collector.detect(context);
        return collector;
    }

    @Test
    void socket_hangingInspect_costsThatContainerOnly() throws Exception {
        for (int i = 0; i < 10; i++) {
            daemon.run(String.format("%064d", i), "e" + i);
        }
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> {
            if (exchange.getRequestURI().getPath().matches(".*/0+[0-3]/json")) {
                never.await();
            }
        };
        stream(detectedOnASocket("tagger.collectors.docker.inspect-patience = 1s"));
        awaitSynced();

        assertThat(sink.state()).hasSize(10);
        for (int i = 0; i < 10; i++) {
            TagInfo info = sink.state().get(EntityId.container(String.format("%064d", i)));
            assertThat(info.complete()).as("container %d", i).isEqualTo(i > 3);
        }
        never.countDown();
    }

    @Test
    void socket_hangingList_endsTheStream() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeList = exchange -> never.await();
        CompletableFuture<Void> end = stream(detectedOnASocket(""));

        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS))
                .hasMessageContaining("no answer to /v1.44/containers/json within 300 ms");
        never.countDown();
    }

    @Test
    void socket_daemonThatStopsDuringTheFirstSync_isNoticedByThePing() throws Exception {
        daemon.run(A, "prod");
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> never.await();
        CompletableFuture<Void> end = stream(detectedOnASocket("tagger.collectors.docker.ping-interval = 50ms"));
        await().until(() -> daemon.paths.stream().anyMatch(path -> path.contains(A)));
        daemon.beforeVersion = exchange -> never.await();

        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS)).hasMessageContaining("within 300 ms");
        assertThat(sink.syncs()).isZero();
        never.countDown();
    }

    /** Fewer threads than questions that hang: the deadlines hold all the same. */
    @Test
    void socket_stoppedDaemon_isNoticedWithAllThreadsInQuestions() throws Exception {
        for (int i = 0; i < 40; i++) {
            daemon.run(String.format("%064d", i), "e" + i);
        }
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeInspect = exchange -> never.await();
        DockerCollector collector = detectedOnASocket(
                "tagger.collectors.docker { parallel-inspects = 16, inspect-patience = 1s }",
                Executors.newFixedThreadPool(7));
        stream(collector);

        awaitSynced();
        assertThat(sink.state()).hasSize(40);
        never.countDown();
    }

    @Test
    void socket_stoppedDaemon_isNoticedByThePing() throws Exception {
        CompletableFuture<Void> end = stream(detectedOnASocket("tagger.collectors.docker.ping-interval = 50ms"));
        awaitSynced();
        CountDownLatch never = new CountDownLatch(1);
        daemon.beforeVersion = exchange -> never.await();

        assertThatThrownBy(() -> end.get(20, TimeUnit.SECONDS)).hasMessageContaining("within 300 ms");
        never.countDown();
    }

    @Test
    void firstSync_inspectsInParallel_andEventsHaveTheirShare() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore permits = new Semaphore(0);
        for (int i = 0; i < 1_000; i++) {
            daemon.run(String.format("%064d", i), "e" + i);
        }
        daemon.beforeInspect = exchange -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            permits.acquire();
            now.decrementAndGet();
        };
        stream(detectedOnASocket("tagger.collectors.docker { parallel-inspects = 4, request-timeout = 60s }"));
        await().until(() -> now.get() == 4);
        daemon.run(A, "started");
        daemon.event("start", A);
        await().until(() -> daemon.events() == 1);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            permits.release(); // one inspect for each look: the event's inspect comes before the end of the list
            return sink.state().containsKey(EntityId.container(A));
        });
        assertThat(sink.syncs()).isZero();
        permits.release(2_000);
        awaitSynced();

        assertThat(most).hasValue(4);
        assertThat(sink.state()).hasSize(1_001);
    }

    @Test
    void events_thatTheDaemonDropped_areMadeUpForByTheList() throws Exception {
        daemon.run(A, "stays");
        stream(detected("tagger.collectors.docker { ping-interval = 20ms, relist-interval = 100ms }"));
        awaitSynced();
        int inspects =
                (int) daemon.paths.stream().filter(path -> path.contains(A)).count();
        daemon.run(B, "unnoticed"); // without an event
        await().untilAsserted(() -> assertThat(env(B)).isEqualTo("[env:unnoticed]"));
        daemon.containers.put(B, daemon.containers.get(B).replace("\"/n\"", "\"/renamed\""));
        await().untilAsserted(() ->
                assertThat(sink.state().get(EntityId.container(B)).high()).contains("container_name:renamed"));
        daemon.containers.remove(B);
        await().untilAsserted(() -> assertThat(sink.state()).containsOnlyKeys(EntityId.container(A)));

        assertThat(daemon.paths.stream().filter(path -> path.contains(A)).count())
                .as("inspects of the container that did not change")
                .isEqualTo(inspects);
    }

    @Test
    void container_thatAnotherCollectorDeleted_isReportedAgainAtTheNextLook() throws Exception {
        daemon.run(A, "stays");
        stream(detected("tagger.collectors.docker { ping-interval = 20ms, relist-interval = 50ms }"));
        awaitSynced();
        int before = sink.infos().size();
        context.deletedByAnother(EntityId.container(A));

        await().until(() -> sink.infos().size() > before);
        assertThat(sink.infos().get(before).entity()).isEqualTo(EntityId.container(A));
    }

    @Test
    void pingInterval_isConfigured() {
        assertThat(DockerSettings.of(settings(daemon.host(), "tagger.collectors.docker.ping-interval = 7s"))
                        .intervals()
                        .ping())
                .isEqualTo(Duration.ofSeconds(7));
    }
}
