package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.FakeTagger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tagger relays the tags of another tagger, over the real socket. */
class RemoteCollectorTest {
    private static final EntityId C1 = EntityId.container("c1");

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void sourcesOfTheOther_areMerged_withTheirPriorities() {
        LocalTagger other = opened(tagger("", new Telling("kubernetes", CollectorPriority.NODE_ORCHESTRATOR)));
        await().until(() -> other.status().ready());
        opened(new TestAgent(socket("b"), other));
        LocalTagger tagger = opened(tagger(follow("b"), new Telling("docker", CollectorPriority.NODE_RUNTIME)));

        await().untilAsserted(() -> assertThat(tagger.cached(C1, Cardinality.LOW))
                .containsExactly("from:kubernetes", "has_docker:yes", "has_kubernetes:yes"));
        assertThat(tagger.entity(C1).orElseThrow().sources()).containsOnlyKeys("docker", "remote/kubernetes");
        assertThat(tagger.entity(C1).orElseThrow().priority("remote/kubernetes"))
                .isEqualTo(CollectorPriority.NODE_ORCHESTRATOR);
        await().until(() -> tagger.status().ready());
        assertThat(tagger.status().lineage())
                .hasSize(2)
                .endsWith(other.status().lineage().get(0));
    }

    @Test
    void whatTheOtherForgets_isWithdrawn_andWhatIsSaidHereStays() {
        TestAgent other = opened(new TestAgent(socket("b")));
        other.tagger.set(TagInfo.builder("x", C1).low("a", "b").build());
        other.tagger.set(TagInfo.builder("x", EntityId.pod("p")).low("a", "b").build());
        LocalTagger tagger = opened(tagger(follow("b"), new Telling("docker", CollectorPriority.NODE_RUNTIME)));
        await().until(() -> tagger.cached(C1, Cardinality.LOW).contains("a:b"));

        other.tagger.set(TagInfo.builder("y", C1).low("a", "c").build());
        await().untilAsserted(() ->
                assertThat(tagger.entity(C1).orElseThrow().sources()).containsOnlyKeys("docker", "remote/y"));
        other.tagger.set(TagInfo.deletion("y", C1));
        other.tagger.set(TagInfo.deletion("x", EntityId.pod("p")));
        await().untilAsserted(() ->
                assertThat(tagger.entity(C1).orElseThrow().sources()).containsOnlyKeys("docker"));
        await().untilAsserted(() -> assertThat(tagger.entity(EntityId.pod("p"))).isEmpty());
    }

    @Test
    void otherThatIsStartedAnew_isFollowedAgain() {
        TestAgent other = opened(new TestAgent(socket("b")));
        other.tagger.set(TagInfo.builder("x", C1).low("a", "b").build());
        LocalTagger tagger = opened(tagger(follow("b")));
        await().until(() -> tagger.cached(C1, Cardinality.LOW).contains("a:b"));
        other.close();
        await().until(() -> remote(tagger).state() == CollectorState.WAITING);
        assertThat(tagger.cached(C1, Cardinality.LOW)).containsExactly("a:b");
        other.restart(new FakeTagger());

        await().untilAsserted(
                        () -> assertThat(tagger.cached(C1, Cardinality.LOW)).isEmpty());
    }

    @Test
    void loop_isRefused_byWhoWouldCloseIt() {
        LocalTagger a = opened(tagger(follow("c")));
        opened(new TestAgent(socket("a"), a));
        LocalTagger b = opened(tagger(follow("a")));
        opened(new TestAgent(socket("b"), b));
        await().until(() -> b.status().lineage().size() == 2); // c is not there yet, and would follow b
        LocalTagger c = opened(tagger(follow("b")));
        await().until(() -> c.status().lineage().size() == 3);
        opened(new TestAgent(socket("c"), c));

        await().untilAsserted(() -> assertThat(remote(a).reason()).contains("would be a loop"));
        assertThat(a.status().lineage()).hasSize(1);
        assertThat(remote(c).state()).isEqualTo(CollectorState.RUNNING);
    }

    @Test
    void notConfigured_isAbsent_andWhatIsWrongIsNamed() {
        LocalTagger tagger = opened(tagger(""));
        await().until(() -> remote(tagger).state() == CollectorState.ABSENT);
        assertThat(remote(tagger).reason()).contains("tagger.collectors.remote.agent");

        assertThatThrownBy(() -> tagger("agent = \"somewhere\"")).hasMessageContaining("'somewhere' is no place");
        assertThatThrownBy(() -> tagger("agent = \"unix:/x\", prefixes = [No]"))
                .hasMessageContaining("'No' is no prefix");
    }

    private static CollectorStatus remote(LocalTagger tagger) {
        return tagger.status().collectors().stream()
                .filter(collector -> collector.name().equals("remote"))
                .findFirst()
                .orElseThrow();
    }

    private Path socket(String name) {
        return directory.resolve(name);
    }

    private String follow(String name) {
        return "agent = \"unix:" + socket(name) + "\"";
    }

    private static LocalTagger tagger(String remote, Telling... collectors) {
        LocalTagger.Builder builder = LocalTagger.builder().collector(RemoteCollector::new);
        for (Telling collector : collectors) {
            builder.collector(() -> new Telling(collector.name(), collector.priority()));
        }
        builder.configure(ConfigLayers.empty()
                .text("tagger { collect { retry-min = 50ms, retry-max = 200ms }, collectors.remote { " + remote
                        + " } }"));
        return builder.build();
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private static final class Telling implements Streamer {
        private final String name;
        private final CollectorPriority priority;

        Telling(String name, CollectorPriority priority) {
            this.name = name;
            this.priority = priority;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public CollectorPriority priority() {
            return priority;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of();
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public void stream(TagSink sink) throws InterruptedException {
            sink.send(List.of(TagInfo.builder(name, C1)
                    .low("from", name)
                    .low("has_" + name, "yes")
                    .build()));
            sink.synced();
            new CountDownLatch(1).await();
        }
    }
}
