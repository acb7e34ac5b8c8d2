package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.config.InvalidConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of one collector in the common resources. */
class LimitsTest {
    private static final String LIMITS =
            "tagger.collect { max-entities = 100, max-tag-length = 200, max-threads = 10 }";

    private final Script script = new Script("greedy");
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void start(Script collector) {
        rig.close();
        rig = new Rig(LIMITS, collector.streamer());
    }

    private TagInfo[] infos(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> script.info(entity(i)).low("i", "" + i).build())
                .toArray(TagInfo[]::new);
    }

    private static EntityId entity(int number) {
        return EntityId.container("c" + number);
    }

    @Test
    void entitiesOverTheLimit_areRefused_asAWhole_andTheRestGoesOn() {
        start(script);
        var stream = script.streaming(0);
        stream.send(infos(0, 99));

        assertThatIllegalStateException()
                .isThrownBy(() -> stream.send(infos(98, 101)))
                .withMessageContaining("it has 99 entities, and 2 more are over the limit of 100")
                .withMessageContaining("tagger.collect.max-entities");
        assertThat(rig.status("greedy").entities()).isEqualTo(99);
        assertThat(rig.status("greedy").counters().rejected()).isEqualTo(1);

        stream.send(infos(98, 100)); // a further entity, and a known entity
        stream.send(infos(0, 100)); // all are known
        assertThat(rig.status("greedy").entities()).isEqualTo(100);

        stream.send(script.deletion(entity(0)));
        rig.tagger.prune();
        stream.send(infos(200, 201));
        assertThat(rig.tagger.cached(entity(200), Cardinality.LOW)).containsExactly("i:200");
    }

    @Test
    void fetchOverTheLimit_couldNotTell_andIsNotTakenForNotFound() {
        script.fetch = entity -> List.of(infos(0, 101));
        start(script);
        rig.awaitState("greedy", CollectorState.RUNNING);

        assertThat(rig.tag(entity(0))).isEmpty();
        assertThat(rig.status("greedy").lastError()).contains("over the limit of 100");
        Assertions.assertThat(rig.tagger.entity(entity(0))).get().satisfies(tags -> assertThat(tags.complete())
                .isFalse());
    }

    @Test
    void endlessTags_areLeftOut_andTheRestOfTheInfoIsTaken() {
        start(script);
        String endless = "x".repeat(1_000);
        Instant expiry = rig.time.clock().instant().plusSeconds(60);
        script.streaming(0)
                .send(script.info(entity(1))
                        .low("a", "1")
                        .low("b", endless)
                        .orchestrator("c", "2")
                        .orchestrator("d", endless)
                        .high("e", "3")
                        .high("f", endless)
                        .standard("env", "prod")
                        .standard("service", endless)
                        .expiry(expiry)
                        .incomplete()
                        .build());

        assertThat(rig.tagger.entity(entity(1)).orElseThrow().sources().get("greedy"))
                .isEqualTo(script.info(entity(1))
                        .low("a", "1")
                        .orchestrator("c", "2")
                        .high("e", "3")
                        .standard("env", "prod")
                        .expiry(expiry)
                        .incomplete()
                        .build());
        assertThat(rig.status("greedy").lastError()).contains("container_id://c1", "max-tag-length");
        assertThat(rig.status("greedy").counters().rejected()).isEqualTo(1);
    }

    @Test
    void tagAtTheLimit_isTaken() {
        start(script);
        script.streaming(0)
                .send(script.info(entity(1)).low("a", "x".repeat(198)).build());

        assertThat(rig.tagger.cached(entity(1), Cardinality.LOW)).hasSize(1);
    }

    @Test
    void threadsThatPileUp_stopTheCollector_untilTheyHaveEnded() {
        CountDownLatch end = new CountDownLatch(1);
        script.detect = () -> {
            for (int i = 0; i < 12; i++) {
                Thread thread = new Thread(() -> awaitQuietly(end));
                thread.setDaemon(true);
                thread.start();
            }
        };
        start(script);
        script.streaming(0).synced();
        rig.advance(Duration.ofSeconds(10));
        rig.awaitState("greedy", CollectorState.WAITING);
        assertThat(rig.status("greedy").reason())
                .contains("threads of the collector are alive, more than the 10 of tagger.collect.max-threads");
        rig.advance(Duration.ofSeconds(2));
        rig.awaitState("greedy", CollectorState.FAILED);
        assertThat(rig.status("greedy").reason()).contains("the next start follows when enough threads have ended");
        assertThat(script.instances).hasSize(1);

        script.detect = () -> {};
        end.countDown();
        await().until(() -> threads("tagger-greedy") == 0);
        rig.advance(Duration.ofSeconds(30));
        script.streaming(1).synced();
        rig.awaitState("greedy", CollectorState.RUNNING);
    }

    /** The number of threads in the named group. */
    private static long threads(String group) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getThreadGroup() != null
                        && thread.getThreadGroup().getName().equals(group))
                .count();
    }

    private static void awaitQuietly(CountDownLatch end) {
        boolean over = false;
        while (!over) {
            try {
                end.await();
                over = true;
            } catch (InterruptedException e) {
                // The interrupt is ignored.
            }
        }
    }

    @Test
    void threadThatAnErrorEnds_isTheCollectorsAffair() {
        script.detect = () -> new Thread(
                        () -> {
                            throw new AssertionError("a bug");
                        },
                        "aside")
                .start();
        start(script);

        await().untilAsserted(() -> assertThat(rig.status("greedy").lastError())
                .startsWith(
                        "its thread aside has ended: AssertionError: a bug at io.tagger.runtime.collect.LimitsTest"));
        assertThat(rig.status("greedy").counters().failures()).isEqualTo(1);
        rig.awaitState("greedy", CollectorState.RUNNING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-entities = 0", "max-tag-length = 10", "max-threads = 0"})
    void limitOutOfBounds_isNamed(String setting) {
        Assertions.assertThatThrownBy(() -> new Rig("tagger.collect { " + setting + " }", script.streamer()).close())
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("tagger.collect." + setting.substring(0, setting.indexOf(' ')));
    }
}
