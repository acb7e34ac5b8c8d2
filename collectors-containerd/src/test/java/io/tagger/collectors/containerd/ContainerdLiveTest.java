package io.tagger.collectors.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.TestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The collector with a real containerd and real containers, made by ctr. */
@EnabledIfEnvironmentVariable(
        named = "TESTS_CONTAINERD",
        matches = "required",
        disabledReason = "wants root, containerd and runc: set TESTS_CONTAINERD=required; .ci/run does")
class ContainerdLiveTest extends CollectorContractTest {
    @TempDir
    static Path folder;

    private static Containerd containerd;
    private int number;
    private LocalTagger tagger;

    @BeforeAll
    static void start() throws Exception {
        containerd = new Containerd(folder);
        containerd.importImage("ns1");
        containerd.importImage("k8s.io");
        containerd.importImage("moby");
    }

    @AfterAll
    static void stop() throws Exception {
        if (containerd != null) {
            containerd.close();
        }
    }

    @AfterEach
    void close() {
        if (tagger != null) {
            tagger.close();
        }
    }

    @Override
    protected Collector collector() {
        return new ContainerdCollector(Map.of());
    }

    @Override
    protected Map<String, Object> settings() {
        return settings("");
    }

    private static Map<String, Object> settings(String more) {
        return ConfigLayers.empty().text(block(more)).build().collector("containerd");
    }

    private static String block(String more) {
        return "tagger.collectors.containerd { enabled = true, socket = \"" + containerd.socket() + "\"\n" + more
                + "\n}";
    }

    private LocalTagger tagger(String more) {
        tagger = LocalTagger.builder()
                .config(ConfigLayers.empty()
                        .text(
                                "tagger.container { labels-as-tags { team = team }, env-as-tags { COLOUR = \"+colour\" } }\n"
                                        + block(more))
                        .build())
                .collector(() -> new ContainerdCollector(Map.of()))
                .build();
        await().until(() -> status().synced());
        return tagger;
    }

    private CollectorStatus status() {
        return tagger.status().collectors().stream()
                .filter(collector -> collector.name().equals("containerd"))
                .findFirst()
                .orElseThrow();
    }

    private static void run(String namespace, String id, String... options) throws Exception {
        containerd.container(namespace, id, options);
    }

    private static void remove(String namespace, String id) throws Exception {
        containerd.ctr("-n", namespace, "task", "kill", "-s", "KILL", id);
        await().until(() -> !containerd.ctr("-n", namespace, "task", "list").contains(id + " ")
                || containerd.ctr("-n", namespace, "task", "list").contains("STOPPED"));
        containerd.ctr("-n", namespace, "task", "delete", "-f", id);
        containerd.ctr("-n", namespace, "container", "delete", id);
    }

    private List<String> tags(String id) {
        return tagger.cached(EntityId.container(id), Cardinality.HIGH);
    }

    @Test
    void containers_haveTheirTags_beforeAndAfterTheSync_untilTheyAreRemoved() throws Exception {
        run("ns1", "before", "--label", "team=core", "--env", "DD_ENV=prod", "--env", "COLOUR=blue");
        tagger("");
        String[] expected = {
            "container_id:before",
            "docker_image:docker.io/acme/tiny:1.0",
            "image_name:docker.io/acme/tiny",
            "short_image:tiny",
            "image_tag:1.0",
            "image_id:" + containerd.imageId(),
            "env:prod",
            "service:tiny",
            "team:core",
            "colour:blue"
        };
        assertThat(tags("before")).containsExactlyInAnyOrder(expected);

        run("ns1", "after", "--label", "nerdctl/name=web", "--label", "com.docker.compose.project=shop");
        await().until(() -> tags("after").contains("container_id:after"));
        assertThat(tags("after")).contains("container_name:web", "compose_project:shop", "service:tiny");
        containerd.ctr("-n", "ns1", "container", "label", "after", "team=moved");
        await().until(() -> tags("after").contains("team:moved"));

        remove("ns1", "before");
        remove("ns1", "after");
        await().until(() -> {
            tagger.prune();
            return tags("before").isEmpty() && tags("after").isEmpty();
        });
    }

    @Test
    void namespaces_areAllFollowed_butMoby_andNewOnesToo() throws Exception {
        run("moby", "dockers");
        run("k8s.io", "pause", "--label", "io.cri-containerd.kind=sandbox");
        run("k8s.io", "main", "--label", "io.cri-containerd.kind=container");
        tagger("");
        assertThat(tags("main")).contains("container_id:main");
        assertThat(tags("dockers")).isEmpty();
        assertThat(tags("pause")).isEmpty();
        assertThat(tagger.tag(EntityId.container("dockers"), Cardinality.HIGH)).isEmpty();
        assertThat(tagger.tag(EntityId.container("pause"), Cardinality.HIGH)).isEmpty();

        containerd.importImage("new");
        run("new", "in-a-new-namespace");
        await().until(() -> tags("in-a-new-namespace").contains("container_id:in-a-new-namespace"));

        run("new", "main", "--env", "DD_SERVICE=other");
        await().until(() -> tags("main").contains("service:other"));
        remove("new", "main");
        await().until(() -> {
            tagger.prune();
            return tags("main").contains("service:tiny") && !tags("main").contains("service:other");
        });
        tagger.close();
        tagger("exclude-namespaces = [], namespaces = [moby]");
        assertThat(tags("dockers")).contains("container_id:dockers");
        assertThat(tags("main")).isEmpty();
        for (String id : List.of("dockers", "pause", "main", "in-a-new-namespace")) {
            remove(id.equals("dockers") ? "moby" : id.startsWith("in") ? "new" : "k8s.io", id);
        }
    }

    @Test
    void image_thatIsGone_costsItsIdAlone() throws Exception {
        containerd.importImage("gone");
        run("gone", "orphan");
        containerd.ctr("-n", "gone", "image", "rm", Containerd.IMAGE);
        tagger("");

        assertThat(tags("orphan"))
                .contains("image_name:docker.io/acme/tiny")
                .noneMatch(tag -> tag.startsWith("image_id"));
        remove("gone", "orphan");
    }

    @Test
    void containerd_thatEndsOrHangs_losesNothing() throws Exception {
        run("ns1", "steady");
        run("ns1", "leaves");
        tagger("request-timeout = 3s");
        assertThat(tags("steady")).isNotEmpty();

        containerd.stop(false);
        await().until(() -> status().state() == CollectorState.WAITING);
        assertThat(tags("steady")).isNotEmpty();
        containerd.start();
        remove("ns1", "leaves");
        run("ns1", "came");
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            tagger.prune();
            return tags("came").contains("container_id:came") && tags("leaves").isEmpty();
        });
        assertThat(tags("steady")).isNotEmpty();

        containerd.signal("STOP");
        assertThat(tagger.lookup(EntityId.container("unknown"))).isNotNull();
        assertThat(tags("steady")).isNotEmpty();
        containerd.signal("CONT");
        remove("ns1", "steady");
        remove("ns1", "came");
    }

    @Test
    void detect_withoutASocket_isAbsent() {
        ContainerdCollector collector = new ContainerdCollector(Map.of("CONTAINERD_ADDRESS", "/nowhere/c.sock"));
        Map<String, Object> settings = ConfigLayers.empty().build().collector("containerd");
        try (TestContext context = new TestContext(settings)) {
            assertThatThrownBy(() -> collector.detect(context))
                    .isInstanceOfSatisfying(CollectorUnavailableException.class, e -> assertThat(e.isAbsent())
                            .isTrue())
                    .hasMessageContaining("no socket /nowhere/c.sock");
        }
    }
}
