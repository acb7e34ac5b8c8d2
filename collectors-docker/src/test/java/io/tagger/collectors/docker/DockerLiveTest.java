package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The collector in a real tagger on a real daemon. */
class DockerLiveTest {
    private LiveDocker docker;
    private LocalTagger tagger;

    @BeforeEach
    void connect() throws Exception {
        docker = LiveDocker.connect();
    }

    @AfterEach
    void close() throws Exception {
        if (tagger != null) {
            tagger.close();
        }
        if (docker != null) {
            docker.close();
        }
    }

    private void start(String more) {
        tagger = LocalTagger.builder()
                .collector(DockerCollector::new)
                .config(ConfigLayers.empty()
                        .text("tagger.collectors.docker { enabled = true, host = \"" + docker.host + "\" }\n" + more)
                        .build())
                .build();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> tagger.status().ready() && status().equals(CollectorState.RUNNING));
    }

    private CollectorState status() {
        return tagger.status().collectors().get(0).state();
    }

    private List<String> cached(String id) {
        return tagger.cached(EntityId.container(id), Cardinality.HIGH);
    }

    @Test
    void container_thatRunsAlready_hasExactlyTheTagsOfTheCatalogue() {
        String id = docker.run(
                Map.of("com.datadoghq.tags.service", "web", "com.datadoghq.ad.tags", "[\"owner:me\",\"broken\"]"),
                List.of("DD_ENV=prod", "TEAM=core", "PATHLIKE=a,b"));
        start(
                "tagger { container.env-as-tags { team = \"+squad\", pathlike = part }, tag-value-split-separator { part = \",\" } }");
        String name = docker.client.inspectContainerCmd(id).exec().getName().substring(1);

        assertThat(tagger.entity(EntityId.container(id)).orElseThrow().sources().get("docker"))
                .isEqualTo(TagInfo.builder("docker", EntityId.container(id))
                        .low("docker_image", "acme/web:1.2.3")
                        .low("image_name", "acme/web")
                        .low("short_image", "web")
                        .low("image_tag", "1.2.3")
                        .low("image_id", docker.imageId())
                        .low("part", "a")
                        .low("part", "b")
                        .standard("env", "prod")
                        .standard("service", "web")
                        .high("container_id", id)
                        .high("container_name", name)
                        .high("squad", "core")
                        .high("owner", "me")
                        .build());
    }

    @Test
    void container_startedRenamedStoppedAndRemoved_isFollowed() {
        start("");
        String id = docker.create(Map.of(), List.of());
        assertThat(tagger.tag(EntityId.container(id), Cardinality.HIGH))
                .as("created, not running")
                .isEmpty();
        docker.client.startContainerCmd(id).exec();
        await().untilAsserted(() -> assertThat(cached(id)).contains("image_name:acme/web"));
        docker.client.renameContainerCmd(id).withName("renamed-by-test").exec();
        await().untilAsserted(() -> assertThat(cached(id)).contains("container_name:renamed-by-test"));
        docker.client.killContainerCmd(id).exec();
        docker.client.startContainerCmd(id).exec();
        await().untilAsserted(() -> {
            tagger.prune();
            assertThat(cached(id)).as("restarted under its id").contains("container_name:renamed-by-test");
        });
        docker.remove(id);
        await().untilAsserted(() -> {
            tagger.prune();
            assertThat(cached(id)).isEmpty();
        });
    }

    @Test
    void container_thatIsAskedForBeforeItsEventCame_isFetched() {
        start("");
        for (int i = 0; i < 10; i++) {
            String id = docker.run(Map.of(), List.of("DD_ENV=e" + i));
            assertThat(tagger.tag(EntityId.container(id), Cardinality.LOW)).contains("env:e" + i);
        }
    }

    @Test
    void container_paused_isRunning() {
        String id = docker.run(Map.of(), List.of("DD_ENV=paused"));
        docker.client.pauseContainerCmd(id).exec();
        start("");

        assertThat(cached(id)).contains("env:paused");
        docker.client.unpauseContainerCmd(id).exec();
    }

    @Test
    void image_isWhatTheContainerWasStartedFrom_whateverItsNamesBecome() {
        String named = docker.run(Map.of(), List.of());
        String byId = docker.start(docker.create(docker.imageId(), Map.of(), List.of("sleep", "3600"), false));
        docker.client.tagImageCmd(docker.imageId(), "ci/cache", "main").exec();
        start("");
        await().untilAsserted(() -> assertThat(cached(byId)).anyMatch(tag -> tag.startsWith("docker_image:")));
        List<String> before = cached(named);
        List<String> beforeById = cached(byId);
        assertThat(before)
                .contains("docker_image:acme/web:1.2.3", "image_name:acme/web", "short_image:web", "image_tag:1.2.3");
        assertThat(beforeById).contains("docker_image:acme/web:1.2.3");

        docker.client
                .removeImageCmd(LiveDocker.IMAGE + ":" + LiveDocker.TAG)
                .withForce(true)
                .exec();
        docker.client.renameContainerCmd(named).withName("renamed-" + named).exec();
        await().untilAsserted(() -> assertThat(cached(named)).contains("container_name:renamed-" + named));
        assertThat(cached(named)).contains("docker_image:acme/web:1.2.3");
        assertThat(cached(byId)).isEqualTo(beforeById);
        tagger.close();
        start("");
        assertThat(cached(named))
                .contains("docker_image:acme/web:1.2.3", "image_name:acme/web", "short_image:web", "image_tag:1.2.3");
        docker.client.removeImageCmd("ci/cache:main").withForce(true).exec();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void container_thatEndsAtOnce_hasNameImageAndLabelTags(boolean removed) throws Exception {
        start("tagger.container.labels-as-tags { job = job }");
        int containers = Integer.getInteger("tagger.docker.short", 10); // .ci/shows docker-short: 100
        for (int i = 0; i < containers; i++) {
            String label = "j" + i;
            String id = docker.start(docker.create(
                    LiveDocker.IMAGE + ":" + LiveDocker.TAG, Map.of("job", label), List.of("true"), removed));
            await().untilAsserted(() -> assertThat(cached(id))
                    .contains("image_name:acme/web", "job:" + label)
                    .anyMatch(tag -> tag.startsWith("container_name:")));
        }
        await().untilAsserted(() -> {
            tagger.prune();
            assertThat(served()).as("left over").isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"HostConfig\":{\"CapDrop\":[\"all\"]}",
                "\"HostConfig\":{\"CapAdd\":[\"net_admin\",\"CAP_SYS_TIME\",\"Chown\"]}",
                "\"HostConfig\":{\"CapAdd\":[],\"CapDrop\":null,\"Binds\":null,\"ExtraHosts\":null}",
                "\"ExposedPorts\":{\"80/tcp\":{},\"9000/udp\":{}},\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"\"}]}}",
                "\"Volumes\":{\"/data\":{}},\"HostConfig\":{\"Tmpfs\":{\"/t\":\"size=1m\"}}",
                "\"HostConfig\":{\"Devices\":[{\"PathOnHost\":\"/dev/null\",\"PathInContainer\":\"/dev/n\",\"CgroupPermissions\":\"rwm\"}]}",
                "\"HostConfig\":{\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":64,\"Hard\":64}],\"OomScoreAdj\":7}",
                "\"HostConfig\":{\"LogConfig\":{\"Type\":\"none\",\"Config\":null}}",
                "\"HostConfig\":{\"LogConfig\":{\"Type\":\"local\",\"Config\":{}}}",
                "\"HostConfig\":{\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":2}}",
                "\"Healthcheck\":{\"Test\":[\"NONE\"]},\"StopSignal\":\"SIGRTMIN+3\",\"Domainname\":\"\",\"User\":\"\"",
                "\"Entrypoint\":[],\"HostConfig\":{\"NetworkMode\":\"host\",\"IpcMode\":\"host\",\"CgroupnsMode\":\"private\"}"
            })
    void container_withUnusualOptions_isTaggedAtOnce(String options) throws Exception {
        String id = docker.start(docker.createByCurl(options));
        start("tagger.container.labels-as-tags { large = large }");

        assertThat(cached(id))
                .contains("image_name:acme/web", "env:odd", "large:" + "x".repeat(100_000))
                .anyMatch(tag -> tag.startsWith("container_name:"));
        assertThat(tagger.entity(EntityId.container(id)).orElseThrow().complete())
                .isTrue();
    }

    @Test
    void label_withANewlineAndALargeOne_areServedAsTheyAre() {
        String large = "x".repeat(1_000_000);
        String id = docker.run(
                Map.of("nl", "a\nb", "large", large, "com.datadoghq.ad.tags", "{no json"), List.of("NOEQUALS"));
        start("tagger.container.labels-as-tags { nl = nl, large = large }");

        assertThat(cached(id)).contains("nl:a\nb", "large:" + large, "image_name:acme/web");
    }

    @Test
    void burst_ofStartsAndRemovals_noWrongAnswerAndNothingMissed() throws Exception {
        start("tagger.store { prune-interval = 200ms, deletion-grace = 0s }");
        int containers = Integer.getInteger("tagger.docker.burst", 20); // .ci/shows docker-burst: 60
        ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong lookups = new AtomicLong();
        ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Thread> readers = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            Thread reader = new Thread(() -> {
                while (!done.get()) {
                    for (String id : ids) {
                        List<String> tags = tagger.tag(EntityId.container(id), Cardinality.HIGH);
                        lookups.incrementAndGet();
                        if (!tags.isEmpty() && !tags.contains("container_id:" + id)) {
                            wrong.add(id + " has " + tags);
                        }
                    }
                    LockSupport.parkNanos(200_000); // two spinning readers would take the daemon's processors
                }
            });
            reader.start();
            readers.add(reader);
        }
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < containers; i++) {
            String id = docker.run(Map.of(), List.of("DD_ENV=e" + i));
            ids.add(id);
            assertThat(tagger.tag(EntityId.container(id), Cardinality.LOW))
                    .as("container %d", i)
                    .contains("env:e" + i);
            if (i % 3 == 0) {
                kept.add(id);
            } else {
                docker.remove(id);
            }
        }
        await().untilAsserted(() -> assertThat(served()).containsExactlyInAnyOrderElementsOf(docker.running()));
        done.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(docker.running()).containsAll(kept);
        assertThat(lookups.get()).isPositive();
    }

    private List<String> served() {
        return tagger.entities(EntityFilter.prefixes(EntityId.CONTAINER)).stream()
                .map(EntityTags::entity)
                .map(EntityId::id)
                .toList();
    }
}
