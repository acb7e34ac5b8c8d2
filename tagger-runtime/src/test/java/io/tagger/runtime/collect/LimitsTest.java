package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.config.InvalidConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of one collector in the common resources. */
class LimitsTest {
    private static final String LIMITS =
            "tagger.collect { max-entities = 100, max-tags = 10, max-tag-bytes = 1000, max-threads = 10 }";

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
        String endless = "x".repeat(2_000);
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
        assertThat(rig.status("greedy").lastError())
                .contains("4 of 8 tags of container_id://c1 were left out", "max-tag-bytes");
        assertThat(rig.status("greedy").counters().rejected()).isEqualTo(1);
    }

    @Test
    void tagsAtTheLimits_areTaken() {
        start(script);
        TagInfo.Builder ten = script.info(entity(2));
        IntStream.range(0, 10).forEach(i -> ten.high("t", "" + i));
        script.streaming(0)
                .send(script.info(entity(1)).low("a", "\u00e4".repeat(499)).build(), ten.build());

        assertThat(rig.tagger.cached(entity(1), Cardinality.LOW)).hasSize(1);
        assertThat(rig.tagger.cached(entity(2), Cardinality.HIGH)).hasSize(10);
        assertThat(rig.status("greedy").counters().rejected()).isZero();
    }

    @Test
    void tooManyTags_theLongestAreLeftOut_andTheEntityIsIncomplete() {
        start(script);
        TagInfo.Builder many = script.info(entity(1));
        IntStream.range(0, 30).forEach(i -> many.high("t", "x".repeat(30 - i)));
        script.streaming(0).send(many.build());

        assertThat(rig.tagger.cached(entity(1), Cardinality.HIGH))
                .hasSize(10)
                .contains("t:x")
                .allMatch(tag -> tag.length() <= 12);
        assertThat(rig.tagger.entity(entity(1)).orElseThrow().complete()).isFalse();
        assertThat(rig.status("greedy").lastError()).contains("20 of 30 tags of container_id://c1", "max-tags");
    }

    @Test
    void tagsOfSeveralSources_shareTheBytes_andEachHasAQuarter() {
        Script second = new Script("second");
        rig.close();
        rig = new Rig(LIMITS, script.streamer(), second.streamer());
        script.streaming(0)
                .send(script.info(entity(1)).low("a", "x".repeat(950)).build());
        second.streaming(0)
                .send(second.info(entity(1))
                        .low("b", "y".repeat(200))
                        .low("c", "z".repeat(210))
                        .build());

        assertThat(rig.tagger.cached(entity(1), Cardinality.LOW)).hasSize(2).contains("b:" + "y".repeat(200));
    }

    @Test
    void deletionOfAKindThatTheCollectorNeverReported_isRefused() {
        script.prefixes = Set.of("process");
        Script other = new Script("other");
        rig.close();
        rig = new Rig(LIMITS, script.streamer(), other.streamer());
        other.streaming(0).send(other.info(entity(1)).low("a", "1").build());
        EntityId process = EntityId.process(1);
        script.streaming(0)
                .send(
                        script.deletion(entity(1)),
                        script.info(process).low("b", "2").build());
        rig.tagger.prune();
        assertThat(rig.tagger.cached(entity(1), Cardinality.LOW)).containsExactly("a:1");
        assertThat(rig.tagger.cached(process, Cardinality.LOW)).containsExactly("b:2");
        assertThat(rig.status("greedy").counters().rejected()).isEqualTo(1);
        assertThat(rig.status("greedy").lastError())
                .contains("the deletion of container_id://c1 was left out", "entityPrefixes()");

        script.streaming(0).send(script.info(entity(2)).low("c", "3").build());
        assertThat(script.streaming(0).context.holds(entity(2))).isTrue();
        script.streaming(0).send(script.deletion(entity(1)), script.deletion(process));
        rig.tagger.prune();
        assertThat(rig.tagger.entities(EntityFilter.all()))
                .as("a kind that the collector has reported, and a kind that it names")
                .extracting(EntityTags::entity)
                .containsExactly(entity(2));
        assertThat(other.streaming(0).context.holds(entity(1))).isFalse();
    }

    /** The limits of an entity hold for all sources of a collector together. */
    @Test
    void relayedSources_shareTheLimitsOfTheirCollector() throws Exception {
        start(script);
        TagSink sink = script.streaming(0).sink();
        for (int i = 0; i < 20; i++) {
            String name = "greedy/source" + i;
            sink.relay("source" + i, CollectorPriority.NODE_RUNTIME)
                    .send(List.of(TagInfo.builder(name, entity(1))
                            .low("a" + i, "x".repeat(90))
                            .low("b" + i, "x".repeat(90))
                            .build()));
        }
        EntityTags byBytes = rig.tagger.entity(entity(1)).orElseThrow();
        assertThat(byBytes.tags(Cardinality.HIGH).stream()
                        .mapToInt(String::length)
                        .sum())
                .isBetween(900, 1_000);
        assertThat(byBytes.complete()).isFalse();
        for (int i = 0; i < 20; i++) {
            sink.relay("source" + i, CollectorPriority.NODE_RUNTIME)
                    .send(List.of(TagInfo.builder("greedy/source" + i, entity(2))
                            .low("a" + i, "x")
                            .build()));
        }

        assertThat(rig.tagger.cached(entity(2), Cardinality.HIGH)).hasSize(10);
        assertThat(rig.status("greedy").counters().rejected()).isPositive();
    }

    @Test
    void kindsOverTheLimit_areNotRemembered_andTheirDeletionsAreRefused() {
        script.prefixes = Set.of();
        start(script);
        for (int i = 0; i < 1_001; i++) {
            EntityId entity = EntityId.of("kind" + i, "x");
            script.streaming(0).send(script.info(entity).low("a", "1").build());
            script.streaming(0).send(script.deletion(entity));
            rig.tagger.prune();
        }

        assertThat(rig.tagger.entities(EntityFilter.all()))
                .extracting(EntityTags::entity)
                .containsExactly(EntityId.of("kind1000", "x"));
    }

    @Test
    void relayedSourcesOverTheLimit_areRefused() {
        start(script);
        TagSink sink = script.streaming(0).sink();
        for (int i = 0; i < 1_000; i++) {
            sink.relay("source" + i, CollectorPriority.NODE_RUNTIME);
        }

        assertThatIllegalStateException()
                .isThrownBy(() -> sink.relay("further", CollectorPriority.NODE_RUNTIME))
                .withMessageContaining("relays 1000 sources already");
        sink.relay("source7", CollectorPriority.NODE_RUNTIME);
    }

    @Test
    void tasksOverTheLimit_waitForAThread_andThenAreRefused() {
        start(script);
        Executor executor = script.streaming(0).context.executor();
        CountDownLatch end = new CountDownLatch(1);
        int taken = 0;
        String refusal = "";
        try {
            while (taken < 100_000) {
                executor.execute(() -> awaitQuietly(end));
                taken++;
            }
        } catch (IllegalStateException e) {
            refusal = e.getMessage();
        }

        assertThat(refusal).isEqualTo("too many tasks of greedy wait for a thread");
        assertThat(taken).isEqualTo(10_007); // three quarters of 10 threads, and those that wait
        assertThat(threads("tagger-greedy")).isLessThanOrEqualTo(10);
        end.countDown();
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
    @ValueSource(strings = {"max-entities = 0", "max-tags = 0", "max-tag-bytes = 10", "max-threads = 0"})
    void limitOutOfBounds_isNamed(String setting) {
        Assertions.assertThatThrownBy(() -> new Rig("tagger.collect { " + setting + " }", script.streamer()).close())
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("tagger.collect." + setting.substring(0, setting.indexOf(' ')));
    }
}
