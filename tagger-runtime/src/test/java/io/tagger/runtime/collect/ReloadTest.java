package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Another configuration of a running tagger: who is started anew, and what lookups and subscribers see meanwhile. */
class ReloadTest {
    private static final EntityId WEB = EntityId.container("web");
    private static final EntityId DB = EntityId.container("db");

    private final Script one = new Script("one");
    private final Script two = new Script("two");

    @SafeVarargs
    private static CompletableFuture<Reloaded> reload(
            Rig rig, String configuration, Supplier<? extends Collector>... collectors) {
        TaggerSetup setup = new TaggerSetup();
        for (Supplier<? extends Collector> collector : collectors) {
            setup.collector(collector);
        }
        ConfigLayers layers = ConfigLayers.empty().text(configuration).anyCollector();
        TaggerConfig config = setup.configure(layers);
        return rig.tagger.reload(setup, config);
    }

    @Test
    void collector_withTheSameSettings_goesOn() {
        try (Rig rig = new Rig(one.streamer(), two.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();

            Reloaded reloaded = reload(rig, "", one.streamer(), two.streamer()).join();

            assertThat(reloaded).isEqualTo(new Reloaded(List.of(), List.of(), List.of(), List.of("one", "two")));
            assertThat(one.instances).hasSize(1);
            one.streaming(0).send(one.info(WEB).low("a", "2").build());
            assertThat(rig.tag(WEB)).containsExactly("a:2");
        }
    }

    @Test
    void changedCollector_isStartedBesideItsPredecessor_whoseTagsStayUntilTheSync() {
        try (Rig rig = new Rig(one.streamer(), two.streamer())) {
            Script.StreamerInstance old = one.streaming(0);
            old.send(
                    one.info(WEB).low("a", "1").build(),
                    one.info(DB).low("a", "1").build());
            old.synced();
            CountDownLatch detect = new CountDownLatch(1);
            one.detect = detect::await;

            CompletableFuture<Reloaded> reload =
                    reload(rig, "tagger.collectors.one.enabled = true", one.streamer(), two.streamer());
            await().until(() -> one.instances.size() == 2);

            assertThat(rig.status("one").state()).isEqualTo(CollectorState.RUNNING);
            old.send(one.info(DB).low("a", "still").build());
            assertThat(rig.tag(DB)).containsExactly("a:still");
            detect.countDown();
            assertThat(reload.join().restarted()).containsExactly("one");

            assertThatThrownBy(() -> old.send(one.info(WEB).low("a", "late").build()))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(rig.tag(WEB)).containsExactly("a:1");
            one.streaming(1).send(one.info(WEB).low("a", "2").build());
            assertThat(rig.tag(WEB)).containsExactly("a:2");
            assertThat(rig.tag(DB)).as("not reported again yet").containsExactly("a:still");
            one.streaming(1).synced();
            assertThat(rig.tag(DB)).isEmpty();
            assertThat(two.instances).hasSize(1);
            rig.advance(Duration.ofSeconds(3));
            await().untilAsserted(() -> assertThat(old.closes).hasValue(1));
        }
    }

    @Test
    void successor_thatCanNotBeDetected_takesOver_andTheTagsStay() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();
            one.detect = () -> {
                throw CollectorUnavailableException.retry("refused");
            };

            assertThat(reload(rig, "tagger.collectors.one.enabled = true", one.streamer())
                            .join()
                            .restarted())
                    .containsExactly("one");

            assertThat(rig.status("one").state()).isEqualTo(CollectorState.WAITING);
            assertThat(rig.tag(WEB)).containsExactly("a:1");
        }
    }

    @Test
    void successor_whoseSourceIsAbsent_withdrawsTheTags() {
        try (Rig rig = new Rig("tagger.collectors.one.enabled = true", one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();
            one.detect = () -> {
                throw CollectorUnavailableException.absent("no socket");
            };

            reload(rig, "", one.streamer()).join();

            assertThat(rig.status("one").state()).isEqualTo(CollectorState.ABSENT);
            assertThat(rig.tag(WEB)).isEmpty();
        }
    }

    @Test
    void collector_switchedOff_andOnAgain() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();

            reload(rig, "tagger.collectors.one.enabled = false", one.streamer()).join();
            assertThat(rig.tag(WEB)).isEmpty();
            assertThat(rig.status("one").reason()).contains("switched off");
            assertThat(rig.tagger.status().ready()).isTrue();

            reload(rig, "", one.streamer()).join();
            one.streaming(1).send(one.info(WEB).low("a", "2").build());
            assertThat(rig.tag(WEB)).containsExactly("a:2");
        }
    }

    @Test
    void addedAndRemovedCollectors() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();

            Reloaded reloaded = reload(rig, "", two.streamer()).join();
            two.streaming(0).send(two.info(WEB).low("b", "2").build());

            assertThat(reloaded).isEqualTo(new Reloaded(List.of(), List.of("two"), List.of("one"), List.of()));
            assertThat(rig.tag(WEB)).containsExactly("b:2");
            assertThat(rig.tagger.status().collectors())
                    .extracting(status -> status.name())
                    .containsExactly("two");
        }
    }

    @Test
    void anotherPriority_countsFromTheSync() {
        one.priority = CollectorPriority.NODE_RUNTIME;
        two.priority = CollectorPriority.NODE_ORCHESTRATOR;
        try (Rig rig = new Rig(one.streamer(), two.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").low("old", "x").build());
            two.streaming(0).send(two.info(WEB).low("a", "2").build());
            one.streaming(0).synced();
            one.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;

            reload(rig, "tagger.collectors.one.enabled = true", one.streamer(), two.streamer())
                    .join();
            one.streaming(1).send(one.info(WEB).low("a", "1").build());
            one.streaming(1).synced();

            assertThat(rig.tag(WEB)).containsExactly("a:1");
        }
    }

    @Test
    void fetchedTags_areFetchedAgain_andServedMeanwhile() {
        one.fetch = entity -> List.of(one.info(entity).low("rule", "1").build());
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            assertThat(rig.tag(WEB)).containsExactly("rule:1");
            assertThat(rig.tag(DB)).containsExactly("rule:1");
            CountDownLatch answer = new CountDownLatch(1);
            one.fetch = entity -> {
                answer.await();
                return List.of(one.info(entity).low("rule", "2").build());
            };

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();

            await().untilAsserted(() -> assertThat(one.fetches).hasValue(4));
            assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).containsExactly("rule:1");
            assertThat(rig.tagger.entity(WEB))
                    .hasValueSatisfying(tags -> assertThat(tags.complete()).isFalse());
            answer.countDown();
            await().untilAsserted(() ->
                    assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).containsExactly("rule:2"));
            await().untilAsserted(() ->
                    assertThat(rig.tagger.cached(DB, Cardinality.HIGH)).containsExactly("rule:2"));
            assertThat(one.fetches).hasValue(4);
        }
    }

    @Test
    void fetchedTags_areFetchedAgain_afterAFirstDetectionThatFailed() {
        one.fetch = entity -> List.of(one.info(entity).low("rule", "1").build());
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            assertThat(rig.tag(WEB)).containsExactly("rule:1");
            one.fetch = entity -> List.of(one.info(entity).low("rule", "2").build());
            one.detect = () -> {
                throw CollectorUnavailableException.retry("refused");
            };

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();
            assertThat(rig.tag(WEB)).containsExactly("rule:1");
            one.detect = () -> {};

            await().untilAsserted(() -> {
                rig.advance(Duration.ofMillis(500)); // until the next attempt
                assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).containsExactly("rule:2");
            });
        }
    }

    @Test
    void fetchedTags_ofEarlierSettings_go_whenTheNewSettingsGiveNone() {
        one.fetch = entity -> List.of(one.info(entity).low("rule", "1").build());
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            assertThat(rig.tag(WEB)).containsExactly("rule:1");
            one.fetch = entity -> List.of();

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();

            await().untilAsserted(() ->
                    assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).isEmpty());
        }
    }

    @Test
    void fetchedTags_ofAnotherPriority_areFetchedAgain_andTheFormerOnesGo() {
        one.fetch = entity ->
                List.of(one.info(entity).low("rule", "1").low("old", "x").build());
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            assertThat(rig.tag(WEB)).contains("rule:1");
            CountDownLatch answer = new CountDownLatch(1);
            one.fetch = entity -> {
                answer.await();
                return List.of(one.info(entity).low("rule", "2").build());
            };
            one.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();

            assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).contains("rule:1");
            answer.countDown();
            await().untilAsserted(() ->
                    assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).containsExactly("rule:2"));
        }
    }

    @Test
    void fetchedTags_staySoLongAsTheSourceIsDown_andAreFetchedLater() {
        one.fetch = entity ->
                List.of(one.info(entity).low("rule", "1").low("old", "x").build());
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            assertThat(rig.tag(WEB)).contains("rule:1");
            one.fetch = entity -> {
                throw CollectorUnavailableException.retry("down");
            };
            one.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();
            await().untilAsserted(() -> assertThat(one.fetches).hasValue(2));
            await().untilAsserted(
                            () -> assertThat(rig.status("one").lastError()).contains("down"));
            assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).contains("rule:1");
            one.fetch = entity -> List.of(one.info(entity).low("rule", "2").build());

            await().untilAsserted(() -> {
                rig.advance(Duration.ofMillis(500));
                assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).containsExactly("rule:2");
            });
        }
    }

    @Test
    void fetch_ofThePredecessor_thatEndsLate_doesNotCount() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        one.fetch = entity -> {
            late.await();
            return List.of(one.info(entity).low("rule", "1").build());
        };
        try (Rig rig = new Rig(one.fetchOnly())) {
            rig.awaitState("one", CollectorState.RUNNING);
            CompletableFuture<List<String>> asked = rig.ask(DB);
            await().untilAsserted(() -> assertThat(one.fetches).hasValue(1));
            one.fetch = entity -> List.of(one.info(entity).low("rule", "2").build());

            reload(rig, "tagger.collectors.one.enabled = true", one.fetchOnly()).join();
            late.countDown();
            asked.get(10, TimeUnit.SECONDS);

            assertThat(rig.tagger.cached(DB, Cardinality.HIGH)).doesNotContain("rule:1");
            assertThat(rig.tag(DB)).containsExactly("rule:2");
        }
    }

    @Test
    void secondReload_beforeTheSyncOfTheFirst_withdrawsTheFormerTagsToo() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("old", "x").build());
            one.streaming(0).synced();
            one.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;
            reload(rig, "tagger.collectors.one.enabled = true", one.streamer()).join();
            reload(rig, "", one.streamer()).join();
            assertThat(rig.tag(WEB)).containsExactly("old:x");

            one.streaming(2).send(one.info(WEB).low("new", "y").build());
            one.streaming(2).synced();

            await().untilAsserted(() -> assertThat(rig.tag(WEB)).containsExactly("new:y"));
        }
    }

    @Test
    void successor_whoseSourceGoesAwayAfterAFirstFailure_withdrawsTheTags() {
        try (Rig rig = new Rig("tagger.collectors.one.enabled = true", one.streamer())) {
            one.streaming(0).send(one.info(WEB).low("a", "1").build());
            one.streaming(0).synced();
            one.detect = () -> {
                throw CollectorUnavailableException.retry("refused");
            };
            one.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;
            reload(rig, "", one.streamer()).join();
            assertThat(rig.tag(WEB)).containsExactly("a:1");
            one.detect = () -> {
                throw CollectorUnavailableException.absent("no socket");
            };

            await().untilAsserted(() -> {
                rig.advance(Duration.ofMillis(500));
                assertThat(rig.tagger.cached(WEB, Cardinality.HIGH)).isEmpty();
            });
        }
    }

    @Test
    void predecessor_thatEndsDuringTheReload_isNotStartedAgain() {
        try (Rig rig = new Rig(one.streamer())) {
            Script.StreamerInstance old = one.streaming(0);
            old.send(one.info(WEB).low("a", "1").build());
            old.synced();
            CountDownLatch detect = new CountDownLatch(1);
            one.detect = detect::await;
            CompletableFuture<Reloaded> reload = reload(rig, "tagger.collectors.one.enabled = true", one.streamer());
            await().until(() -> one.instances.size() == 2);

            old.end();
            rig.awaitState("one", CollectorState.WAITING);
            rig.advance(Duration.ofSeconds(4));
            detect.countDown();
            reload.join();
            one.streaming(1).send(one.info(WEB).low("a", "2").build());
            one.streaming(1).synced();

            assertThat(rig.tag(WEB)).containsExactly("a:2");
            assertThat(one.instances).hasSize(2);
        }
    }

    @Test
    void constructorThatHangs_isGivenUp_andTheNextReloadGoesOn() {
        CountDownLatch never = new CountDownLatch(1);
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0);
            one.construct = () -> {
                if (Thread.currentThread().getName().equals("tagger-one")) {
                    never.await();
                }
            };
            CompletableFuture<Reloaded> reload = reload(rig, "tagger.collectors.one.enabled = true", one.streamer());

            await().untilAsserted(() -> {
                rig.advance(Duration.ofSeconds(5));
                assertThat(reload).isDone();
            });
            assertThat(rig.status("one").lastError()).contains("the constructor took over 5000 ms");
            one.construct = () -> {};
            assertThat(reload(rig, "", one.streamer()).join().restarted()).containsExactly("one");
        }
    }

    @Test
    void subscribers_hearOfRealDifferencesAlone() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0)
                    .send(
                            one.info(WEB).low("a", "1").build(),
                            one.info(DB).low("a", "1").build());
            one.streaming(0).synced();
            List<String> events = new CopyOnWriteArrayList<>();
            CountDownLatch synced = new CountDownLatch(1);
            rig.tagger.subscribe(EntityFilter.all(), new TagListener() {
                @Override
                public void added(EntityTags tags) {
                    events.add("added " + tags.entity().id());
                }

                @Override
                public void modified(EntityTags tags) {
                    events.add("modified " + tags.entity().id());
                }

                @Override
                public void deleted(EntityId entity) {
                    events.add("deleted " + entity.id());
                }

                @Override
                public void synced() {
                    synced.countDown();
                }
            });
            await().until(() -> synced.getCount() == 0);
            events.clear();

            reload(rig, "tagger.collectors.one.enabled = true", one.streamer()).join();
            one.streaming(1)
                    .send(
                            one.info(WEB).low("a", "1").build(),
                            one.info(DB).low("a", "2").build());
            one.streaming(1).synced();
            one.streaming(1)
                    .send(one.info(EntityId.container("last")).low("a", "1").build());

            await().until(() -> events.contains("added last"));
            assertThat(events).containsExactlyInAnyOrder("modified db", "added last");
        }
    }

    @Test
    void namesOfTags_changeWithoutARestart() {
        try (Rig rig = new Rig("tagger.tag-names.drop = [secret]", one.streamer())) {
            one.streaming(0)
                    .send(one.info(WEB)
                            .low("team", "core")
                            .low("secret", "1")
                            .low("git.sha", "2")
                            .build());
            assertThat(rig.tag(WEB)).containsExactly("git.sha:2", "team:core");

            reload(rig, "tagger.tag-names { drop = [\"git.*\"], rename { team = squad } }", one.streamer())
                    .join();

            assertThat(rig.tag(WEB)).containsExactly("secret:1", "squad:core");
            assertThat(one.instances).hasSize(1);
        }
    }

    @Test
    void boundsOfAllCollectors_startAllOfThemAnew() {
        try (Rig rig = new Rig(one.streamer(), two.streamer())) {
            one.streaming(0);
            two.streaming(0);

            assertThat(reload(rig, "tagger.collect.max-entities = 200", one.streamer(), two.streamer())
                            .join()
                            .restarted())
                    .containsExactly("one", "two");
        }
    }

    @Test
    void secondReload_isRefused_whileTheFirstIsUnderWay() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0);
            CountDownLatch detect = new CountDownLatch(1);
            one.detect = detect::await;
            CompletableFuture<Reloaded> first = reload(rig, "tagger.collectors.one.enabled = true", one.streamer());

            assertThatThrownBy(() -> reload(rig, "", one.streamer())).hasMessageContaining("a reload is under way");
            detect.countDown();
            first.join();
            assertThat(reload(rig, "", one.streamer()).join().restarted()).containsExactly("one");
        }
    }

    @Test
    void closedTagger_isNotReloaded() {
        Rig rig = new Rig(one.streamer());
        rig.close();

        assertThatThrownBy(() -> reload(rig, "", one.streamer())).hasMessage("the tagger is closed");
    }

    @Test
    void wrongNamesOfTags_areRefused() {
        assertThatThrownBy(() -> new Rig("tagger.tag-names { drop = [\"a:b\"], rename { c = \"\" } }"))
                .hasMessageContaining("has 'a:b', and must have names of tags");
    }

    @Test
    void explanation_ofACollectorThatCanNotTell_hasItsTags() {
        try (Rig rig = new Rig(one.streamer())) {
            one.streaming(0).send(TagInfo.builder("one", WEB).low("a", "1").build());

            var explanation = rig.tagger.explain(WEB, "a").toCompletableFuture().join();

            assertThat(explanation.findings()).containsExactly("a:1 comes from one");
            assertThat(explanation.sources()).singleElement().satisfies(source -> assertThat(source.answer())
                    .isEqualTo("has reported tags"));
        }
    }
}
