package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.testkit.RecordingListener;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The miss logic: every rule, and every known failure of such a design elsewhere. */
class MissTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final EntityId C2 = EntityId.container("c2");

    private final Script docker = new Script("docker");
    private final Script ecs = new Script("ecs");
    private final Script other = new Script("other");
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void start() {
        rig.close();
        rig = new Rig(docker.streamer(), ecs.fetchOnly());
        rig.awaitState("docker", CollectorState.RUNNING);
        rig.awaitState("ecs", CollectorState.RUNNING);
    }

    private void startAlone() {
        rig.close();
        rig = new Rig(ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
    }

    // The rules.

    @Test
    void miss_asksAndReturnsWhatWasFound_andTheNextIsAHit() {
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "web").build());
        start();

        assertThat(rig.tag(C1)).containsExactly("task:web");
        assertThat(rig.tag(C1)).containsExactly("task:web");
        assertThat(ecs.fetches).hasValue(1);
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        assertThat(rig.tagger.status().counters().misses()).isEqualTo(1);
    }

    @Test
    void miss_firstAnswerEqualsTheSecond_mergeIncluded() {
        docker.fetch = entity -> List.of(
                docker.info(entity).low("image", "docker").high("own", "1").build());
        Script kubernetes = new Script("kubernetes");
        kubernetes.priority = CollectorPriority.NODE_ORCHESTRATOR;
        kubernetes.fetch =
                entity -> List.of(kubernetes.info(entity).low("image", "k8s").build());
        rig.close();
        rig = new Rig(docker.streamer(), kubernetes.puller());
        rig.awaitState("docker", CollectorState.RUNNING);
        rig.awaitState("kubernetes", CollectorState.RUNNING);

        List<String> first = rig.tag(C1);
        assertThat(first).containsExactly("image:k8s", "own:1").isEqualTo(rig.tag(C1));
    }

    @Test
    void miss_onlyThoseThatHaveNotAnsweredAreAsked() {
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());

        rig.tag(C1);
        assertThat(docker.fetches).hasValue(0);
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void incomplete_countsTheKnownEntitiesThatWereAskedAboutInVain_andNoneThatNobodyAskedAbout() {
        ecs.fetch = entity -> {
            throw CollectorUnavailableException.retry("the endpoint is down");
        };
        start();
        docker.streaming(0)
                .send(
                        docker.info(C1).low("a", "1").build(),
                        docker.info(C2).low("a", "1").build());
        await().until(() -> rig.tagger.status().entities() == 2);
        assertThat(rig.tagger.incomplete()).as("nobody has asked yet").isZero();

        rig.tag(C1);
        assertThat(rig.tagger.incomplete()).isEqualTo(1);
    }

    // Callers outside of this process.

    private Optional<EntityTags> lookupFor(String caller, EntityId entity) {
        return rig.tagger.lookupFor(caller, entity).join();
    }

    @Test
    void caller_mayCauseSoManyQuestions_andFurtherAnswersAreIncomplete() {
        rig.close();
        rig = new Rig("tagger.lookup { caller-rate = 2, caller-burst = 5 }", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        for (int i = 0; i < 5; i++) {
            assertThat(lookupFor("uid 7", EntityId.container("x" + i))).isEmpty();
        }
        assertThat(lookupFor("uid 7", C1).orElseThrow().complete()).isFalse();
        assertThat(ecs.fetches).hasValue(5);
        assertThat(rig.tagger.status().issues()).singleElement().satisfies(issue -> assertThat(issue.toString())
                .contains("1 questions of callers", "uid 7", "more than 2", "tagger.lookup.caller-rate"));

        assertThat(lookupFor("uid 7", EntityId.container("x1")))
                .as("remembered")
                .isEmpty();
        assertThat(lookupFor("uid 8", C1)).as("another caller").isEmpty();
        assertThat(rig.tagger.lookup(C2)).as("a caller in this process").isEmpty();
        rig.advance(Duration.ofMillis(500));
        assertThat(lookupFor("uid 7", EntityId.container("y1"))).isEmpty();
        assertThat(lookupFor("uid 7", EntityId.container("y2"))).isPresent();
        rig.advance(Duration.ofSeconds(20));
        assertThat(rig.tagger.status().issues()).isEmpty();
    }

    @Test
    void callersTogether_mayCauseTenTimesAsManyQuestions() {
        rig.close();
        rig = new Rig("tagger.lookup { caller-rate = 1, caller-burst = 2 }", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        for (int i = 0; i < 3_000; i++) {
            lookupFor("10.0.0." + i, EntityId.container("x" + i));
        }

        assertThat(ecs.fetches).hasValue(20);
    }

    @Test
    void caller_waitsWithoutAThread_untilTheAnswerOrTheDeadline() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        ecs.fetch = entity -> {
            answer.await();
            return List.of(ecs.info(entity).low("task", "web").build());
        };
        rig.close();
        rig = new Rig("tagger.lookup { caller-burst = 1000, deadline = 3s, fetch-deadline = 3s }", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        int before = Thread.activeCount();
        List<CompletableFuture<Optional<EntityTags>>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            answers.add(rig.tagger.lookupFor("uid 7", EntityId.container("x" + i)));
        }
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        assertThat(Thread.activeCount())
                .as("besides the threads of this test, the fetches of the collector")
                .isLessThanOrEqualTo(before + 8);
        answer.countDown();
        assertThat(answers.get(0).get(10, TimeUnit.SECONDS).orElseThrow().tags(Cardinality.LOW))
                .containsExactly("task:web");
        for (CompletableFuture<Optional<EntityTags>> one : answers) {
            one.get(10, TimeUnit.SECONDS);
        }
        ecs.fetch = entity -> {
            new CountDownLatch(1).await();
            return List.of();
        };
        CompletableFuture<Optional<EntityTags>> hanging = rig.tagger.lookupFor("uid 7", C1);
        assertThat(hanging).isNotDone();
        rig.advance(Duration.ofSeconds(3));

        assertThat(hanging.get(10, TimeUnit.SECONDS).orElseThrow().complete()).isFalse();
    }

    @Test
    void rememberedAnswers_areBoundedInBytes() {
        rig.close();
        rig = new Rig("tagger.lookup.max-remembered-bytes = 100000", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        for (int i = 0; i < 1_000; i++) {
            rig.tag(EntityId.container("x".repeat(400) + i));
        }

        assertThat(rig.tagger.rememberedAnswers()).isBetween(80, 110); // of 936 bytes each
    }

    @Test
    void miss_manyCallersOfOneEntity_shareOneQuestion() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        ecs.fetch = entity -> {
            answer.await();
            return List.of(ecs.info(entity).low("task", "web").build());
        };
        start();
        List<CompletableFuture<List<String>>> callers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            callers.add(rig.ask(C1));
        }
        await().until(() -> ecs.fetches.get() == 1);
        answer.countDown();

        for (CompletableFuture<List<String>> caller : callers) {
            assertThat(caller.get(10, TimeUnit.SECONDS)).containsExactly("task:web");
        }
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void miss_collectorsAreAskedBesideEachOther_offTheCallersThread() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        AtomicReference<String> thread = new AtomicReference<>("");
        Script.Fetch meeting = entity -> {
            both.countDown();
            both.await();
            thread.set(Thread.currentThread().getName());
            return List.of();
        };
        docker.fetch = meeting;
        ecs.fetch = meeting;
        start();

        assertThat(rig.ask(C1).get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(thread.get()).matches("tagger-(docker|ecs)-fetch-\\d+");
    }

    @Test
    void miss_otherEntitiesAreServedMeanwhile() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ecs.fetch = entity -> {
            if (entity.equals(C1)) {
                never.await();
            }
            return List.of(ecs.info(entity).low("task", "web").build());
        };
        start();
        CompletableFuture<List<String>> stuck = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);

        assertThat(rig.tag(C2)).containsExactly("task:web");
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(stuck).isNotDone();
        never.countDown();
    }

    @Test
    void miss_pastTheCollectorsDeadline_returnsWhatThereIs_andInterruptsTheFetch() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        ecs.fetch = entity -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return List.of();
        };
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        rig.advance(Duration.ofMillis(1_999));
        assertThat(caller).isNotDone();
        rig.advance(Duration.ofMillis(1));

        assertThat(caller.get(10, TimeUnit.SECONDS)).containsExactly("a:1");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.status("ecs").counters().timeouts()).isEqualTo(1);
        assertThat(rig.status("ecs").counters().failures()).isEqualTo(1);
        assertThat(rig.status("ecs").lastError()).contains("container_id://c1").contains("2000 ms");
        assertThat(rig.status("ecs").state()).isEqualTo(CollectorState.RUNNING);
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isFalse();
    }

    @Test
    void miss_pastTheCallsDeadline_returns_andTheRestLandsInTheStore() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        ecs.fetch = entity -> {
            boolean waits = true;
            while (waits) { // the interrupt is ignored
                try {
                    answer.get();
                    waits = false;
                } catch (InterruptedException e) {
                    // The fetch goes on.
                }
            }
            return List.of(ecs.info(entity).low("task", "late").build());
        };
        rig.close();
        rig = new Rig("tagger.lookup { deadline = 1s, fetch-deadline = 1s }", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        // Two deadlines beside the two periodic tasks: the fetch's and the call's.
        await().until(() -> rig.time.pending() == 4);
        rig.advance(Duration.ofSeconds(1));
        assertThat(caller.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(rig.status("ecs").counters().timeouts()).isEqualTo(1);
        answer.complete(null);

        await().untilAsserted(
                        () -> assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("task:late"));
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void miss_fetchThatIgnoresItsInterrupt_stillLandsInTheStore() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        ecs.fetch = entity -> {
            while (true) {
                try {
                    answer.await();
                    return List.of(ecs.info(entity).low("task", "late").build());
                } catch (InterruptedException e) {
                    // The interrupt is ignored.
                }
            }
        };
        start();
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        rig.advance(Duration.ofSeconds(2));
        assertThat(caller.get(10, TimeUnit.SECONDS)).isEmpty();
        answer.countDown();

        await().untilAsserted(
                        () -> assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("task:late"));
        assertThat(rig.tag(C1)).containsExactly("task:late");
    }

    @Test
    void miss_interruptedCaller_returnsAtOnceWithItsFlagSet() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ecs.fetch = entity -> {
            never.await();
            return List.of();
        };
        start();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            rig.tag(C1);
            flag.complete(Thread.currentThread().isInterrupted());
        });
        caller.start();
        await().until(() -> ecs.fetches.get() == 1);
        caller.interrupt();

        assertThat(flag.get(10, TimeUnit.SECONDS)).isTrue();
        never.countDown();
    }

    @Test
    void notFound_isRememberedForFiveMinutes() {
        start();
        rig.tag(C1);
        rig.advance(Duration.ofSeconds(299));
        rig.tag(C1);
        assertThat(ecs.fetches).hasValue(1);
        rig.advance(Duration.ofSeconds(1));
        rig.tag(C1);

        assertThat(ecs.fetches).hasValue(2);
    }

    @Test
    void notFound_withTagsOfOthers_isAskedAgainWhenItHasRunOut() {
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        rig.tag(C1);
        rig.tag(C1);
        assertThat(ecs.fetches).hasValue(1);
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        rig.advance(Duration.ofMinutes(5).plusSeconds(10));
        rig.tag(C1);

        assertThat(ecs.fetches).hasValue(2);
    }

    @Test
    void failed_isAskedAgainAtGrowingIntervals_upToThirtySeconds() {
        ecs.fetch = entity -> {
            throw new IllegalStateException("the endpoint is down");
        };
        start();
        assertThat(rig.tag(C1)).isEmpty();
        long[] atLeast = {1_000, 2_000, 4_000, 8_000, 16_000, 22_500, 22_500}; // 30 s, less a quarter
        for (int i = 0; i < atLeast.length; i++) {
            rig.advance(Duration.ofMillis(atLeast[i] - 1));
            rig.tag(C1);
            assertThat(ecs.fetches).as("pause %d", i).hasValue(i + 1);
            // The pause is stretched by up to a quarter, and at the longest shortened by up to a quarter.
            rig.advance(Duration.ofMillis((atLeast[i] == 22_500 ? 7_500 : atLeast[i] / 4) + 1));
            rig.tag(C1);
            assertThat(ecs.fetches).as("pause %d", i).hasValue(i + 2);
        }
        assertThat(rig.status("ecs").counters().failures()).isEqualTo(8);
    }

    @Test
    void failed_thenFound_isServed_andForgetsItsFailures() {
        ecs.fetch = entity -> {
            throw new LinkageError("a class is missing");
        };
        start();
        rig.tag(C1);
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "web").build());
        rig.advance(Duration.ofSeconds(2));

        assertThat(rig.tag(C1)).containsExactly("task:web");
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
    }

    @Test
    void incomplete_isServed_andAskedAgainAfterTenSeconds() {
        ecs.fetch = entity ->
                List.of(ecs.info(entity).low("task", "pending").incomplete().build());
        start();
        assertThat(rig.tag(C1)).containsExactly("task:pending");
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isFalse();
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "running").build());
        rig.advance(Duration.ofMillis(9_999));
        assertThat(rig.tag(C1)).containsExactly("task:pending");
        rig.advance(Duration.ofMillis(1));

        assertThat(rig.tag(C1)).containsExactly("task:running");
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        assertThat(ecs.fetches).hasValue(2);
    }

    @Test
    void incompleteAndEmpty_isNotMixedUpWithNotFound() {
        ecs.fetch = entity -> List.of(ecs.info(entity).incomplete().build());
        start();
        assertThat(rig.tag(C1)).isEmpty();
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "running").build());
        rig.advance(Duration.ofSeconds(10));

        assertThat(rig.tag(C1)).containsExactly("task:running");
    }

    @Test
    void cached_neverAsks() {
        start();
        rig.tagger.cached(C1, Cardinality.HIGH);
        rig.tagger.entity(C1);
        rig.tagger.entities(EntityFilter.all());

        assertThat(ecs.fetches).hasValue(0);
        assertThat(docker.fetches).hasValue(0);
    }

    @Test
    void handleAndStandard_askOnce() {
        ecs.fetch = entity -> List.of(ecs.info(entity).standard("env", "prod").build());
        start();

        assertThat(rig.tagger.handle(C1).tags(Cardinality.LOW)).containsExactly("env:prod");
        assertThat(rig.tagger.standard(C1)).containsExactly("env:prod");
        assertThat(rig.tagger.standard(C2)).containsExactly("env:prod");
        assertThat(ecs.fetches).hasValue(2);
    }

    // Known failures of this design elsewhere.

    @Test
    void knownFailure_fetchForOne_losesWhatItLearnedOfTheOther() {
        ecs.fetch = entity -> List.of(
                ecs.info(C1).low("task", "one").build(),
                ecs.info(C2).low("task", "two").build());
        start();
        rig.tag(C1);

        assertThat(rig.tag(C2)).containsExactly("task:two");
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void knownFailure_everyCollectorIsAskedAboutEveryKind() {
        other.prefixes = Set.of(EntityId.POD);
        rig.close();
        rig = new Rig(ecs.fetchOnly(), other.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        rig.awaitState("other", CollectorState.RUNNING);
        rig.tag(C1);
        rig.tag(EntityId.host("h"));

        assertThat(ecs.fetches).hasValue(1);
        assertThat(other.fetches).hasValue(0);
    }

    @Test
    void knownFailure_aHotPathHammersADeadEndpoint() {
        ecs.fetch = entity -> {
            throw new IllegalStateException("down");
        };
        start();
        for (int i = 0; i < 10_000; i++) {
            rig.tag(C1);
        }
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void knownFailure_aFetchResurrectsADeadContainer() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        ecs.fetch = entity -> {
            answer.await();
            return List.of(ecs.info(entity).low("task", "dead").build());
        };
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        docker.streaming(0).send(docker.deletion(C1));
        rig.tagger.prune();
        answer.countDown();

        assertThat(caller.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(rig.tagger.cached(C1, Cardinality.HIGH)).isEmpty();
        assertThat(rig.tagger.status().counters().late()).isEqualTo(1);
    }

    @Test
    void knownFailure_anEmptyFetchWipesAStreamedAnswer() {
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").incomplete().build());
        docker.fetch = entity -> List.of(docker.info(entity).build());

        assertThat(rig.tag(C1)).containsExactly("a:1");
        assertThat(docker.fetches).hasValue(1);
    }

    @Test
    void knownFailure_aCollectorNeverExpiresWhatItSaw() {
        ecs.fetch = entity -> List.of(ecs.info(entity)
                .low("task", "web")
                .expiry(rig.time.clock().instant().plusSeconds(60))
                .build());
        start();
        rig.tag(C1);
        rig.advance(Duration.ofMinutes(5));

        assertThat(rig.tagger.cached(C1, Cardinality.HIGH)).isEmpty();
    }

    @Test
    void memory_ofUnknownEntities_isBounded() {
        rig.close();
        rig = new Rig("tagger.lookup.max-remembered = 100", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        for (int i = 0; i < 1_000; i++) {
            rig.tag(EntityId.container("unknown" + i));
        }
        assertThat(ecs.fetches).hasValue(1_000);
        assertThat(rig.tagger.rememberedAnswers()).isLessThanOrEqualTo(101);
    }

    @Test
    void fetch_nullOrForeignSource_isRefusedWhole_andCounted() {
        ecs.fetch = entity -> List.of(
                ecs.info(C1).low("a", "1").build(),
                TagInfo.builder("docker", C2).low("a", "1").build());
        start();
        assertThat(rig.tag(C1)).isEmpty();
        assertThat(rig.status("ecs").lastError()).contains("'ecs'").contains("'docker'");
        ecs.fetch = entity -> null;
        assertThat(rig.tag(EntityId.container("c3"))).isEmpty();
        assertThat(rig.status("ecs").lastError()).contains("null");

        assertThat(rig.status("ecs").counters().rejected()).isEqualTo(2);
        assertThat(rig.status("ecs").state()).isEqualTo(CollectorState.RUNNING);
        assertThat(rig.tagger.cached(C2, Cardinality.LOW)).isEmpty();
    }

    @Test
    void entity_thatNobodyKnows_isNotMixedUpWithOneThatCouldNotBeTold() {
        start();
        assertThat(rig.tagger.entity(C1)).as("nobody was asked").hasValueSatisfying(tags -> assertThat(tags.complete())
                .isFalse());
        rig.tag(C1);
        assertThat(rig.tagger.entity(C1)).as("nobody has it").isEmpty();
        ecs.fetch = entity -> {
            throw new IllegalStateException("down");
        };
        rig.tag(C2);
        assertThat(rig.tagger.entity(C2)).as("could not be told").hasValueSatisfying(tags -> assertThat(tags.complete())
                .isFalse());
    }

    @Test
    void entity_whoseCollectorIsNotRunning_couldNotBeTold() {
        start();
        docker.streaming(0).fail(new IllegalStateException("gone"));
        rig.awaitState("docker", CollectorState.WAITING);
        rig.tag(C1);

        assertThat(rig.tagger.entity(C1))
                .hasValueSatisfying(tags -> assertThat(tags.complete()).isFalse());
        assertThat(rig.tagger.entity(EntityId.host("nobody-answers-for-hosts-here")))
                .isEmpty();
    }

    @Test
    void fetches_thatHangForGood_areVoid_andTheInstanceIsReplaced() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        ecs.fetch = entity -> {
            while (true) {
                try {
                    letGo.await();
                    return List.of(ecs.info(entity).low("task", "late").build());
                } catch (InterruptedException e) {
                    // The interrupt is ignored.
                }
            }
        };
        rig.close();
        rig = new Rig("tagger.lookup.fetch-threads = 1", ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        rig.advance(Duration.ofSeconds(2));
        assertThat(caller.get(10, TimeUnit.SECONDS)).isEmpty();
        rig.advance(Duration.ofSeconds(10));
        rig.awaitState("ecs", CollectorState.WAITING);
        assertThat(rig.status("ecs").reason()).contains("hang");
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "new").build());
        rig.advance(Duration.ofSeconds(2));
        rig.awaitState("ecs", CollectorState.RUNNING);

        assertThat(rig.tag(C2)).containsExactly("task:new");
        letGo.countDown();
        await().until(() -> rig.tagger.status().counters().late() == 1);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
    }

    @Test
    void close_whileCallersWait_letsThemGo() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ecs.fetch = entity -> {
            never.await();
            return List.of();
        };
        start();
        CompletableFuture<List<String>> caller = rig.ask(C1);
        await().until(() -> ecs.fetches.get() == 1);
        rig.tagger.close();

        assertThat(caller.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(rig.tag(C2)).as("nobody is asked any more").isEmpty();
        assertThat(ecs.fetches).hasValue(1);
    }

    // Answers that hold for a while.

    @Test
    void answer_thatHasRunOut_isServedWhileItIsAskedForAgain() {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicReference<String> owner = new AtomicReference<>("ann");
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> {
            if (ecs.fetches.get() > 1) {
                goOn.await();
            }
            return List.of(ecs.info(entity).low("owner", owner.get()).build());
        };
        start();
        docker.streaming(0).synced();
        assertThat(rig.tag(C1)).containsExactly("owner:ann");
        owner.set("bob");
        rig.advance(Duration.ofSeconds(299));
        assertThat(rig.tag(C1)).containsExactly("owner:ann");
        assertThat(ecs.fetches).as("the answer holds").hasValue(1);

        rig.advance(Duration.ofSeconds(11)); // the check for lapsed answers runs every 10 s
        assertThat(rig.tag(C1)).as("no wait").containsExactly("owner:ann");
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        await().until(() -> ecs.fetches.get() == 2);
        rig.tag(C1);
        goOn.countDown();
        await().untilAsserted(() -> assertThat(rig.tag(C1)).containsExactly("owner:bob"));
        assertThat(ecs.fetches).as("one question").hasValue(2);
    }

    @Test
    void answer_thatHasRunOut_andTheSourceFails_isServedAsIncomplete() {
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> {
            if (ecs.fetches.get() == 2) {
                throw new IllegalStateException("no answer");
            }
            return List.of(ecs.info(entity).low("owner", "ann").build());
        };
        start();
        docker.fetch = entity -> List.of();
        docker.streaming(0).synced();
        rig.tag(C1);
        rig.advance(Duration.ofSeconds(310));
        rig.tag(C1);
        await().untilAsserted(() ->
                assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isFalse());
        assertThat(rig.tag(C1)).containsExactly("owner:ann");
        rig.advance(Duration.ofSeconds(20));
        rig.tag(C1);

        await().untilAsserted(() -> {
            assertThat(ecs.fetches).hasValue(3);
            assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        });
    }

    @Test
    void answer_thatHasRunOut_andTheSourceKnowsTheEntityNoMore_isWithdrawn() {
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> ecs.fetches.get() > 1
                ? List.of()
                : List.of(ecs.info(entity).low("owner", "ann").build());
        start();
        docker.streaming(0).send(docker.info(C1).low("image", "web").build());
        assertThat(rig.tag(C1)).containsExactly("image:web", "owner:ann");
        rig.advance(Duration.ofSeconds(310));
        rig.tag(C1);

        await().untilAsserted(() -> assertThat(rig.tag(C1)).containsExactly("image:web"));
    }

    @Test
    void answer_withAnExpiry_holdsUntilThen_andAnAnswerForEverIsNeverAskedForAgain() {
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> List.of(ecs.info(entity)
                .low("owner", "ann")
                .expiry(rig.time.clock().instant().plus(Duration.ofHours(1)))
                .build());
        other.fetch = entity -> List.of(other.info(entity).low("zone", "a").build());
        rig.close();
        rig = new Rig(ecs.fetchOnly(), other.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        rig.awaitState("other", CollectorState.RUNNING);
        rig.tag(C1);
        rig.advance(Duration.ofMinutes(59));
        assertThat(rig.tag(C1)).containsExactly("owner:ann", "zone:a");
        assertThat(ecs.fetches).hasValue(1);
        rig.advance(Duration.ofMinutes(3));
        rig.tag(C1);

        await().until(() -> ecs.fetches.get() == 2);
        assertThat(other.fetches).hasValue(1);
    }

    @Test
    void answer_aboutFurtherEntities_holdsForTheseToo() {
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> List.of(
                ecs.info(C1).low("task", "t").build(),
                ecs.info(C2).low("task", "t").build());
        start();
        docker.streaming(0).synced();
        rig.tag(C1);
        assertThat(rig.tag(C2)).containsExactly("task:t");
        rig.advance(Duration.ofSeconds(20));
        rig.tag(C2);

        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void answer_thatHasRunOut_isRenewedForCallersOfEntityToo() {
        AtomicReference<String> owner = new AtomicReference<>("ann");
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> List.of(ecs.info(entity).low("owner", owner.get()).build());
        startAlone();
        rig.tag(C1);
        owner.set("bob");
        rig.advance(Duration.ofSeconds(310));
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();

        await().untilAsserted(
                        () -> assertThat(rig.tagger.entity(C1).orElseThrow().tags(Cardinality.LOW))
                                .containsExactly("owner:bob"));
    }

    @Test
    void answer_thatLeftTheStoreWithItsEntity_isAskedForAgain() {
        ecs.answersHoldFor = Optional.of(Duration.ofHours(5));
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "t").build());
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        rig.tag(C1);
        docker.streaming(0).send(docker.deletion(C1));
        rig.tagger.prune();
        docker.streaming(0).send(docker.info(C1).low("a", "2").build());

        assertThat(rig.tag(C1)).containsExactly("a:2", "task:t");
        assertThat(ecs.fetches).hasValue(2);
    }

    @Test
    void answer_renewedWithoutTags_withdrawsTheOld() {
        ecs.answersHoldFor = Optional.of(Duration.ofMinutes(5));
        ecs.fetch = entity -> List.of(
                ecs.fetches.get() > 1
                        ? ecs.info(entity).build()
                        : ecs.info(entity).low("owner", "ann").build());
        start();
        docker.streaming(0).send(docker.info(C1).low("image", "web").build());
        assertThat(rig.tag(C1)).containsExactly("image:web", "owner:ann");
        rig.advance(Duration.ofSeconds(310));
        rig.tag(C1);

        await().untilAsserted(() -> assertThat(rig.tag(C1)).containsExactly("image:web"));
    }

    @Test
    void answersHoldFor_longerThanTime_isForEver() {
        ecs.answersHoldFor = Optional.of(ChronoUnit.FOREVER.getDuration());
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "t").build());
        startAlone();

        assertThat(rig.tag(C1)).containsExactly("task:t");
        rig.advance(Duration.ofHours(1));
        rig.tag(C1);
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        assertThat(ecs.fetches).hasValue(1);
    }

    @Test
    void answersHoldFor_ofZeroOrNull_isRefused() {
        ecs.answersHoldFor = Optional.of(Duration.ZERO);
        rig.close();
        rig = new Rig(ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.WAITING);
        assertThat(rig.status("ecs").reason()).contains("answersHoldFor() returned Optional[PT0S]");
    }

    // Subscribers.

    @Test
    void subscriber_seesWhatAQuestionWouldGive() {
        ecs.fetch = entity ->
                List.of(ecs.info(entity).low("task", "t-" + entity.id()).build());
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        docker.streaming(0).synced();
        assertThat(ecs.fetches).as("nobody asks, nobody subscribes").hasValue(0);
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        docker.streaming(0).send(docker.info(C2).low("a", "1").build());

        await().untilAsserted(() -> assertThat(listener.replica())
                .containsEntry(C1.toString(), List.of("a:1", "task:t-c1"))
                .containsEntry(C2.toString(), List.of("a:1", "task:t-c2")));
        docker.streaming(0).send(docker.info(C2).low("a", "2").build());
        await().untilAsserted(
                        () -> assertThat(listener.replica().get(C2.toString())).contains("a:2"));
        assertThat(ecs.fetches).as("each entity once").hasValue(2);
    }

    @Test
    void subscriber_anAnswerThatIsIncompleteOrFails_isAskedForAgain_untilItIsFinal() {
        ecs.fetch = entity -> switch (ecs.fetches.get()) {
            case 1 -> throw new IllegalStateException("not now");
            case 2 -> List.of(ecs.info(entity).low("task", "half").incomplete().build());
            default -> List.of(ecs.info(entity).low("task", "whole").build());
        };
        start();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        docker.streaming(0).synced();
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        await().until(() -> ecs.fetches.get() == 1);

        await().untilAsserted(() -> {
            rig.advance(Duration.ofSeconds(10));
            assertThat(listener.replica().get(C1.toString())).contains("task:whole");
        });
        rig.advance(Duration.ofMinutes(1));
        assertThat(ecs.fetches).hasValue(3);
    }

    @Test
    void subscriber_collectorThatIsDetectedLater_isAskedAboutEverythingKnown() {
        ecs.fetch = entity -> List.of(ecs.info(entity).low("task", "t").build());
        ecs.detect = () -> {
            throw CollectorUnavailableException.absent("not here");
        };
        rig.close();
        rig = new Rig(docker.streamer(), ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.ABSENT);
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        docker.streaming(0).synced();
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        await().until(() -> ecs.instances.get(0).closes.get() == 1); // the next look is scheduled then
        ecs.detect = () -> {};
        rig.advance(Duration.ofSeconds(30));
        rig.awaitState("ecs", CollectorState.RUNNING);

        await().untilAsserted(() -> {
            rig.advance(Duration.ofSeconds(10));
            assertThat(listener.replica().get(C1.toString())).contains("task:t");
        });
    }

    @Test
    void subscriber_manyEntities_leaveThreadsForCallers() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        ecs.fetch = entity -> {
            if (!entity.equals(C2)) {
                goOn.await();
            }
            return List.of(ecs.info(entity).low("task", "t").build());
        };
        start();
        Script.StreamerInstance instance = docker.streaming(0);
        for (int i = 0; i < 1_000; i++) {
            instance.send(docker.info(EntityId.container("x" + i)).low("a", "1").build());
        }
        instance.synced();
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        await().until(() -> ecs.fetches.get() == 5);

        assertThat(rig.ask(C2).get(10, TimeUnit.SECONDS)).containsExactly("task:t");
        goOn.countDown();
        await().until(() -> ecs.fetches.get() == 1_001);
    }

    @Test
    void subscriber_withTheSettingOff_causesNoQuestion() {
        rig.close();
        rig = new Rig("tagger.lookup.ask-for-subscribers = false", docker.streamer(), ecs.fetchOnly());
        rig.awaitState("ecs", CollectorState.RUNNING);
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        await().until(() -> listener.events().contains("synced"));
        rig.advance(Duration.ofMinutes(1));

        assertThat(ecs.fetches).hasValue(0);
    }
}
