package io.tagger.runtime.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import io.tagger.testkit.RecordingListener;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hosting of collectors from the class path: starts, retries, threads, limits. */
class HostingTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final EntityId C2 = EntityId.container("c2");
    private static final Duration RETRY = Duration.ofMillis(1_300);

    private final Script docker = new Script("docker");
    private final Script good = new Script("good");
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @SafeVarargs
    private void start(Supplier<io.tagger.api.collector.Collector>... collectors) {
        rig.close();
        rig = new Rig(collectors);
    }

    // Life.

    @Test
    void stream_sendsAndSyncs_isRunningAndReady() {
        start(docker.streamer());
        rig.awaitState("docker", CollectorState.RUNNING);
        assertThat(rig.tagger.status().ready()).isFalse();
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        assertThat(rig.tagger.cached(C1, Cardinality.LOW))
                .as("visible when send has returned")
                .containsExactly("a:1");
        docker.streaming(0).synced();

        CollectorStatus status = rig.status("docker");
        assertThat(status.synced()).isTrue();
        assertThat(status.entities()).isEqualTo(1);
        assertThat(status.counters().infos()).isEqualTo(1);
        assertThat(status.counters().starts()).isEqualTo(1);
        assertThat(rig.tagger.status().ready()).isTrue();
    }

    @Test
    void streamerAndPuller_isHostedInTheModeOfTheInstance() {
        docker.mode = CollectorMode.PULL;
        docker.pull = sink -> sink.send(List.of(docker.info(C1).low("a", "1").build()));
        start(docker.streamerOrPuller());
        await().until(() -> rig.status("docker").synced());
        assertThat(rig.status("docker").mode()).isEqualTo(CollectorMode.PULL);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");

        docker.mode = CollectorMode.STREAM;
        docker.pull = sink -> {
            throw new IOException("the source now streams");
        };
        rig.advance(Duration.ofSeconds(5));
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(RETRY);

        await().until(() -> rig.tagger
                .cached(EntityId.container("streamed"), Cardinality.LOW)
                .equals(List.of("a:b")));
        assertThat(rig.status("docker").mode()).isEqualTo(CollectorMode.STREAM);
        await().untilAsserted(
                        () -> assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty());
    }

    @Test
    void modeWithoutItsInterface_isAnErrorOfTheInstance() {
        docker.detect = () -> docker.mode = CollectorMode.FETCH;
        start(docker.streamerOrPuller());

        rig.awaitState("docker", CollectorState.WAITING);
        assertThat(rig.status("docker").reason())
                .contains("mode() returned fetch, and the class does not implement that interface");
    }

    @Test
    void stream_thatThrows_isStartedAgainAsANewInstance_andWhatItSentStays() {
        start(docker.streamer());
        docker.streaming(0)
                .send(
                        docker.info(C1).low("a", "1").build(),
                        docker.info(C2).low("a", "1").build());
        docker.streaming(0).synced();
        docker.streaming(0).fail(new IllegalStateException("the daemon is gone"));
        rig.awaitState("docker", CollectorState.WAITING);
        assertThat(rig.status("docker").reason())
                .startsWith("IllegalStateException: the daemon is gone at io.tagger.runtime.collect.");
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");
        rig.advance(RETRY);
        docker.streaming(1).send(docker.info(C2).low("a", "2").build());
        assertThat(rig.tagger.cached(C1, Cardinality.LOW))
                .as("until the new one has synced")
                .containsExactly("a:1");
        docker.streaming(1).synced();

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
        assertThat(rig.tagger.cached(C2, Cardinality.LOW)).containsExactly("a:2");
        assertThat(docker.instances).hasSize(2).doesNotHaveDuplicates();
        await().until(() -> docker.instances.get(0).closes.get() == 1);
        assertThat(docker.instances.get(1).closes).hasValue(0);
        assertThat(rig.status("docker").counters().starts()).isEqualTo(2);
        assertThat(rig.status("docker").lastError()).contains("the daemon is gone at");
    }

    @Test
    void stream_thatEnds_isStartedAgain() {
        start(docker.streamer());
        docker.streaming(0).end();
        rig.awaitState("docker", CollectorState.WAITING);
        assertThat(rig.status("docker").reason()).isEqualTo("the stream ended");
        rig.advance(RETRY);

        assertThat(docker.streaming(1)).isNotSameAs(docker.instances.get(0));
    }

    @Test
    void retries_growFromOneToThirtySeconds_andBeginAnewAfterAWhile() {
        docker.detect = () -> {
            throw CollectorUnavailableException.retry("not yet");
        };
        start(docker.streamer());
        long[] atLeast = {1_000, 2_000, 4_000, 8_000, 16_000, 22_500, 22_500}; // 30 s, less a quarter
        for (int i = 0; i < atLeast.length; i++) {
            rig.awaitState("docker", CollectorState.WAITING);
            rig.advance(Duration.ofMillis(atLeast[i] - 1));
            assertThat(docker.instances).as("pause %d", i).hasSize(i + 1);
            if (i == atLeast.length - 1) {
                docker.detect = () -> {};
            }
            rig.advance(Duration.ofMillis((atLeast[i] == 22_500 ? 7_500 : atLeast[i] / 4) + 1));
            int expected = i + 2;
            await().until(() -> docker.instances.size() == expected);
        }
        rig.awaitState("docker", CollectorState.RUNNING);
        rig.advance(Duration.ofSeconds(31));
        docker.streaming(7).fail(new IllegalStateException("once more"));
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(RETRY);

        await().until(() -> docker.instances.size() == 9);
    }

    @Test
    void absent_isLookedForAgainQuietly_andDoesNotHoldUpReadiness() {
        docker.detect = () -> {
            throw CollectorUnavailableException.absent("no socket");
        };
        start(docker.streamer());
        rig.awaitState("docker", CollectorState.ABSENT);
        for (int look = 2; look < 5; look++) {
            int looks = look;
            awaitClosed(looks - 1);
            Instant since = rig.status("docker").since();
            rig.advance(Duration.ofSeconds(30));
            await().until(() -> docker.instances.size() == looks);
            assertThat(rig.status("docker").state()).isEqualTo(CollectorState.ABSENT);
            assertThat(rig.status("docker").since()).as("nothing has changed").isEqualTo(since);
        }
        assertThat(rig.status("docker").reason()).isEqualTo("no socket");
        assertThat(rig.status("docker").counters().failures()).isZero();
        assertThat(rig.status("docker").counters().starts()).isEqualTo(1);
        assertThat(rig.tagger.status().ready()).isTrue();
        assertThat(rig.tagger.entity(C1))
                .as("complete: nobody knows the entity")
                .isEmpty();

        awaitClosed(4);
        docker.detect = () -> {};
        rig.advance(Duration.ofSeconds(30));
        rig.awaitState("docker", CollectorState.RUNNING);
        assertThat(rig.status("docker").counters().starts()).isEqualTo(2);
        assertThat(rig.tagger.status().ready())
                .as("a detected source is waited for")
                .isFalse();
    }

    /** Waits for the end of an instance; the next start is scheduled then. */
    private void awaitClosed(int number) {
        await().until(() -> docker.instances.size() == number
                && docker.instances.get(number - 1).closes.get() == 1);
    }

    // Readiness.

    @Test
    void readiness_requiredCollector_isWaitedForAlways() {
        docker.detect = () -> {
            throw new IllegalArgumentException("docker.host is nonsense");
        };
        rig.close();
        rig = new Rig("tagger.collectors.docker.enabled = true", docker.streamer());
        rig.awaitState("docker", CollectorState.WAITING);
        assertThat(rig.status("docker").reason()).contains("docker.host is nonsense");
        rig.advance(Duration.ofMinutes(2));

        assertThat(rig.tagger.status().ready()).isFalse();
        assertThat(rig.status("docker").degraded()).isFalse();
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isFalse();
    }

    @Test
    void readiness_detectedCollectorThatNeverSyncs_isDegradedAfterTheTimeout() throws Exception {
        start(docker.streamer());
        rig.awaitState("docker", CollectorState.RUNNING);
        await().until(() -> rig.time.pending() == 3);
        rig.advance(Duration.ofMillis(29_999));
        assertThat(rig.tagger.status().ready()).isFalse();
        assertThat(rig.status("docker").degraded()).isFalse();
        assertThat(rig.status("docker").reason()).isEqualTo("has not said synced() for 29 s");
        CompletableFuture<Boolean> ready = CompletableFuture.supplyAsync(() -> {
            try {
                return rig.tagger.awaitReady(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        rig.advance(Duration.ofMillis(1));

        assertThat(ready.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.status("docker").degraded()).isTrue();
        assertThat(rig.tagger.entity(C1).orElseThrow().complete())
                .as("the collector may still report the entity")
                .isFalse();
        docker.streaming(0).synced();
        assertThat(rig.status("docker").degraded()).isFalse();
        assertThat(rig.status("docker").reason()).isEmpty();
    }

    @Test
    void readiness_detectedCollectorThatFailsAgainAndAgain_isDegradedAfterTheTimeout() {
        start(docker.streamer());
        docker.streaming(0).fail(new IllegalStateException("no list"));
        rig.awaitState("docker", CollectorState.WAITING);
        assertThat(rig.tagger.status().ready()).isFalse();
        rig.advance(RETRY);
        docker.streaming(1).fail(new IllegalStateException("no list"));
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(Duration.ofSeconds(29));

        assertThat(rig.status("docker").degraded()).isTrue();
        assertThat(rig.tagger.status().ready()).isTrue();
    }

    @Test
    void failed_collector_makesNoTruth() {
        docker.fetch = entity -> List.of();
        start(docker.streamer());
        docker.streaming(0).synced();
        assertThat(rig.tag(C1)).isEmpty();
        assertThat(rig.tagger.entity(C1)).as("docker does not know it").isEmpty();
        docker.streaming(0).fail(new NoClassDefFoundError("com/acme/Missing"));
        rig.awaitState("docker", CollectorState.FAILED);

        assertThat(rig.tagger.entity(C2).orElseThrow().complete()).isFalse();
        assertThat(rig.tagger.entity(C1).orElseThrow().complete())
                .as("a container of this id may have started meanwhile")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void collector_thatIsAway_makesNoTruth_andIsNamedByReadiness(boolean required) {
        rig.close();
        rig = new Rig("tagger.collectors.docker.enabled = " + (required ? "true" : "auto"), docker.streamer());
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        docker.streaming(0).synced();
        rig.tag(C1);
        rig.tag(C2);
        assertThat(rig.tagger.entity(C1).orElseThrow().complete()).isTrue();
        assertThat(rig.tagger.entity(C2)).isEmpty();
        docker.streaming(0).fail(new IllegalStateException("the daemon hangs"));
        rig.awaitState("docker", CollectorState.WAITING);

        assertThat(rig.tag(C1)).as("the last known tags, at once").containsExactly("a:1");
        assertThat(rig.tagger.lookup(C1).orElseThrow().complete()).isFalse();
        assertThat(rig.tagger.lookup(C2).orElseThrow().complete()).isFalse();
        assertThat(rig.status("docker").degraded()).isEqualTo(!required);
        assertThat(rig.tagger.status().ready()).isEqualTo(!required);
        rig.advance(RETRY);
        docker.streaming(1).send(docker.info(C1).low("a", "1").build());
        docker.streaming(1).synced();
        assertThat(rig.tagger.status().ready()).isTrue();
        assertThat(rig.status("docker").degraded()).isFalse();
        assertThat(rig.tagger.lookup(C1).orElseThrow().complete()).isTrue();
        rig.tagger.close();
        assertThat(rig.tagger.status().ready()).isFalse();
        assertThat(rig.tagger.lookup(C1).orElseThrow().complete()).isFalse();
    }

    @Test
    void progress_isShownWhileTheInstanceRuns() {
        start(docker.streamer());
        Script.StreamerInstance instance = docker.streaming(0);
        instance.context.progress("14 of 15 containers; 1 can't be read: 500");
        instance.synced();
        assertThat(rig.status("docker").reason()).isEqualTo("14 of 15 containers; 1 can't be read: 500");
        instance.context.progress("x".repeat(1_000));
        assertThat(rig.status("docker").reason()).hasSize(500);
        instance.fail(new IllegalStateException("gone"));
        rig.awaitState("docker", CollectorState.WAITING);

        assertThat(rig.status("docker").reason()).contains("gone").doesNotContain("xxx");
    }

    @Test
    void absent_afterItWasThere_isOnlyGoneForAWhile() {
        start(docker.streamer());
        docker.streaming(0).send(docker.info(C1).low("a", "1").build());
        docker.streaming(0).synced();
        docker.detect = () -> {
            throw CollectorUnavailableException.absent("no socket");
        };
        docker.streaming(0).end();
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(RETRY);
        await().until(() -> rig.status("docker").reason().equals("no socket"));
        assertThat(rig.status("docker").state()).isEqualTo(CollectorState.WAITING);
        docker.detect = () -> {};
        rig.advance(Duration.ofSeconds(3));
        docker.streaming(2).synced();

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
    }

    @Test
    void failed_afterItWasThere_doesNotHoldUpReadiness() {
        start(docker.streamer());
        docker.streaming(0).fail(new NoClassDefFoundError("com/acme/Missing"));
        rig.awaitState("docker", CollectorState.FAILED);

        assertThat(rig.status("docker").ready()).isTrue();
        assertThat(rig.tagger.status().ready()).isTrue();
    }

    @Test
    void detect_thatComesBackAfterItsDeadline_isClosedAndNeverStreams() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        docker.detect = () -> {
            boolean waiting = true;
            while (waiting) {
                try {
                    letGo.await();
                    waiting = false;
                } catch (InterruptedException e) {
                    // The interrupt is ignored.
                }
            }
        };
        start(docker.streamer());
        await().until(() -> docker.instances.size() == 1);
        rig.advance(Duration.ofSeconds(5));
        rig.awaitState("docker", CollectorState.WAITING);
        Script.StreamerInstance first = (Script.StreamerInstance) docker.instances.get(0);
        await().until(() -> first.closes.get() == 1);
        letGo.countDown();
        rig.advance(RETRY);
        docker.streaming(1).synced();

        assertThat(first.hasStreamed()).isFalse();
        assertThat(first.closes).hasValue(1);
    }

    @Test
    void absent_whereItIsRequired_isAFailure_andLookedForAgain() {
        docker.detect = () -> {
            throw CollectorUnavailableException.absent("no socket");
        };
        rig.close();
        rig = new Rig("tagger.collectors.docker.enabled = true", docker.streamer());
        rig.awaitState("docker", CollectorState.FAILED);
        assertThat(rig.status("docker").reason()).contains("no socket").contains("further attempts follow");
        docker.detect = () -> {};
        rig.advance(RETRY);

        rig.awaitState("docker", CollectorState.RUNNING);
    }

    @Test
    void switchedOff_isNeverTouched() {
        rig.close();
        rig = new Rig("tagger.collectors.docker.enabled = false", docker.streamer());

        assertThat(rig.status("docker").state()).isEqualTo(CollectorState.STOPPED);
        assertThat(rig.status("docker").reason()).contains("tagger.collectors.docker.enabled");
        assertThat(docker.instances).isEmpty();
        assertThat(rig.tagger.status().ready()).isTrue();
        assertThat(rig.tag(C1)).isEmpty();
        assertThat(docker.fetches).hasValue(0);
    }

    @Test
    void pull_goesOnAtItsInterval_andTheFirstIsASync() {
        docker.pull = sink -> sink.send(
                List.of(docker.info(C1).low("pull", "" + docker.pulls.get()).build()));
        start(docker.puller());
        awaitPull(1);
        assertThat(docker.pulls).hasValue(1);
        rig.advance(Duration.ofMillis(4_999));
        assertThat(docker.pulls).hasValue(1);
        rig.advance(Duration.ofMillis(1));

        await().untilAsserted(
                        () -> assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("pull:2"));
        assertThat(docker.instances).hasSize(1);
    }

    @Test
    void pull_thatFails_leavesEverythingAsItWas() {
        docker.pull = sink -> {
            if (docker.pulls.get() > 1) {
                throw new IOException("500");
            }
            sink.send(List.of(docker.info(C1).low("a", "1").build()));
        };
        start(docker.puller());
        awaitPull(1);
        rig.advance(Duration.ofSeconds(5));
        rig.awaitState("docker", CollectorState.WAITING);

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(rig.status("docker").reason()).contains("500");
    }

    @Test
    void replaceAll_deletesWhatIsMissing_andSendsOnlyChanges() {
        docker.pull = sink -> {
            switch (docker.pulls.get()) {
                case 1 ->
                    sink.replaceAll(List.of(
                            docker.info(C1).low("a", "1").build(),
                            docker.info(C2).low("a", "1").build(),
                            docker.info(C2).low("a", "2").build()));
                case 2 -> sink.replaceAll(List.of(docker.info(C2).low("a", "2").build()));
                case 3 -> sink.replaceAll(List.of(docker.info(C2).build()));
                default -> sink.replaceAll(List.of());
            }
        };
        start(docker.puller());
        awaitPull(1);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(rig.tagger.cached(C2, Cardinality.LOW)).as("the last of two").containsExactly("a:2");

        pullAgain(2);
        rig.tagger.prune();
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).as("missing").isEmpty();
        assertThat(rig.tagger.cached(C2, Cardinality.LOW)).as("unchanged").containsExactly("a:2");
        assertThat(rig.status("docker").counters().infos()).isEqualTo(3);

        pullAgain(3);
        assertThat(rig.tagger.cached(C2, Cardinality.LOW)).as("withdrawn").isEmpty();
        long infos = rig.status("docker").counters().infos();
        pullAgain(4);
        assertThat(rig.status("docker").counters().infos())
                .as("a withdrawn entity needs no deletion")
                .isEqualTo(infos);
    }

    @Test
    void replaceAll_anEntityThatAnotherSourceDeleted_staysAwayUntilItsReportChanges() {
        docker.pull = sink -> sink.replaceAll(List.of(
                docker.info(C1).low("a", docker.pulls.get() < 3 ? "1" : "2").build()));
        start(docker.puller(), good.streamer());
        good.streaming(0).synced();
        awaitPull(1);
        good.streaming(0).send(good.deletion(C1));
        rig.tagger.prune();
        pullAgain(2);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();

        pullAgain(3);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:2");
    }

    @Test
    void replaceAll_ofAnInvalidList_isRefusedAsAWhole_andCounted() {
        List<Throwable> refused = new CopyOnWriteArrayList<>();
        docker.pull = sink -> {
            TagInfo good = docker.info(C1).low("a", "1").build();
            TagInfo foreign = TagInfo.builder("other", C2).low("a", "1").build();
            refused.add(catchThrowable(() -> sink.replaceAll(null)));
            refused.add(catchThrowable(() -> sink.replaceAll(Arrays.asList(good, null))));
            refused.add(catchThrowable(() -> sink.replaceAll(List.of(good, foreign))));
        };
        start(docker.puller());
        awaitPull(1);

        assertThat(refused)
                .extracting(Throwable::getMessage)
                .satisfiesExactly(
                        message -> assertThat(message).contains("null instead of a list of infos"),
                        message -> assertThat(message).contains("null among the infos"),
                        message -> assertThat(message).contains("whose source is 'other'"));
        assertThat(rig.status("docker").counters().rejected()).isEqualTo(3);
        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
    }

    private void awaitPull(int number) {
        await().until(() -> docker.pulled.get() == number);
        await().until(() -> rig.time.pending() == 3); // prune, lapse, and the next pull
    }

    private void pullAgain(int number) {
        rig.advance(Duration.ofSeconds(5));
        awaitPull(number);
    }

    // Deadlines.

    @Test
    void detect_thatHangs_isGivenUpAtItsDeadline() {
        docker.detect = () -> new CountDownLatch(1).await();
        start(docker.streamer(), good.streamer());
        await().until(() -> docker.instances.size() == 1);
        rig.awaitState("good", CollectorState.RUNNING);
        rig.advance(Duration.ofSeconds(5));
        rig.awaitState("docker", CollectorState.WAITING);

        assertThat(rig.status("docker").reason()).isEqualTo("detect took over 5000 ms");
        assertThat(rig.status("docker").counters().timeouts()).isEqualTo(1);
        await().until(() -> docker.instances.get(0).closes.get() == 1);
    }

    @Test
    void pull_thatHangsAndIgnoresItsInterrupt_isLeftBehind_andNothingOfItIsTakenAnyMore() throws Exception {
        CountDownLatch letGo = new CountDownLatch(1);
        AtomicInteger refused = new AtomicInteger();
        docker.pull = sink -> {
            if (docker.pulls.get() == 1) {
                boolean waiting = true;
                while (waiting) {
                    try {
                        letGo.await();
                        waiting = false;
                    } catch (InterruptedException e) {
                        // The interrupt is ignored.
                    }
                }
                try {
                    sink.send(List.of(docker.info(C1).low("stale", "1").build()));
                } catch (IllegalStateException e) {
                    refused.incrementAndGet();
                }
            }
        };
        start(docker.puller());
        await().until(() -> docker.pulls.get() == 1);
        rig.advance(Duration.ofSeconds(30));
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(RETRY);
        await().until(() -> docker.pulls.get() == 2);
        letGo.countDown();
        await().until(() -> refused.get() == 1);

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
        assertThat(rig.status("docker").state()).isEqualTo(CollectorState.RUNNING);
    }

    // Bad plugins.

    @Test
    void plugin_whoseConstructorThrows_isReported_andTheRestWork() {
        docker.construct = () -> {
            throw new IllegalStateException("a bug");
        };
        start(docker.streamer(), good.streamer());
        good.streaming(0).send(good.info(C1).low("a", "1").build());

        assertThat(rig.tag(C1)).containsExactly("a:1");
        assertThat(rig.tagger.status().issues()).singleElement().satisfies(issue -> assertThat(issue.message())
                .contains("a bug")
                .contains("not used"));
        assertThat(rig.tagger.status().collectors())
                .extracting(CollectorStatus::name)
                .containsExactly("good");
    }

    @Test
    void plugin_whoseLaterConstructionThrows_isQuarantined() {
        AtomicInteger constructions = new AtomicInteger();
        docker.construct = () -> {
            // An instance for the inspection, and an instance for the check of the settings.
            if (constructions.incrementAndGet() > 2) {
                throw new IllegalStateException("only once");
            }
        };
        start(docker.streamer(), good.streamer());
        rig.awaitState("docker", CollectorState.FAILED);
        rig.awaitState("good", CollectorState.RUNNING);
        rig.advance(Duration.ofMinutes(10));

        assertThat(rig.status("docker").reason()).contains("only once").contains("no further attempt follows");
        assertThat(constructions).hasValue(3);
    }

    @Test
    void plugin_thatLacksAClass_isQuarantined() {
        docker.detect = () -> {
            throw new NoClassDefFoundError("com/acme/Missing");
        };
        start(docker.streamer(), good.streamer());
        rig.awaitState("docker", CollectorState.FAILED);
        rig.awaitState("good", CollectorState.RUNNING);
        rig.advance(Duration.ofMinutes(10));

        assertThat(rig.status("docker").reason()).contains("com/acme/Missing");
        assertThat(docker.instances).hasSize(1);
    }

    @Test
    void plugin_thatThrowsFromDetectOrStream_isReported_andTheRestWork() {
        docker.detect = () -> {
            throw new IllegalArgumentException("bad setting");
        };
        start(docker.streamer(), good.streamer());
        rig.awaitState("docker", CollectorState.WAITING);
        docker.detect = () -> {};
        rig.advance(RETRY);
        docker.streaming(1).fail(new StackOverflowError("too deep"));
        await().untilAsserted(() -> assertThat(rig.status("docker").lastError()).contains("too deep"));
        good.streaming(0).send(good.info(C1).low("a", "1").build());

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(rig.status("docker").counters().failures()).isEqualTo(2);
    }

    @Test
    void plugin_thatSendsNullOrAForeignSource_isToldAtOnce_andNothingIsTaken() {
        start(docker.streamer(), good.streamer());
        var sink = docker.streaming(0).sink();
        TagInfo mine = docker.info(C1).low("a", "1").build();
        assertThatNullPointerException().isThrownBy(() -> sink.send(null));
        assertThatNullPointerException().isThrownBy(() -> sink.send(Arrays.asList(mine, null)));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        sink.send(List.of(mine, good.info(C2).low("a", "1").build())))
                .withMessageContaining("'good'");

        assertThat(rig.tagger.cached(C1, Cardinality.LOW)).isEmpty();
        assertThat(rig.status("docker").counters().rejected()).isEqualTo(3);
        assertThat(rig.status("docker").lastError()).contains("'good'");
        assertThat(rig.status("docker").state()).isEqualTo(CollectorState.RUNNING);
    }

    @Test
    void plugin_thatFindsItsSettingsWrong_stopsTheStartWithItsSentence() {
        docker.check = settings -> {
            throw new IllegalArgumentException("tagger.collectors.docker.x must be y");
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> new Rig(docker.streamer()))
                .withMessageContaining("tagger.collectors.docker.x must be y");
        docker.check = settings -> {
            throw new UnsupportedOperationException("a bug");
        };
        start(docker.streamer());
        rig.awaitState("docker", CollectorState.RUNNING);
    }

    @Test
    void plugin_thatFailsToClose_isReplacedAllTheSame() {
        docker.close = () -> {
            throw new IllegalStateException("can't close");
        };
        start(docker.streamer());
        docker.streaming(0).end();
        rig.awaitState("docker", CollectorState.WAITING);
        rig.advance(RETRY);

        assertThat(docker.streaming(1)).isNotNull();
    }

    @Test
    void plugin_withAZeroInterval_isAFailureAndNoLoop() {
        Script zero = new Script("zero");
        start(() -> new Puller() {
            @Override
            public String name() {
                return "zero";
            }

            @Override
            public CollectorPriority priority() {
                return CollectorPriority.NODE_RUNTIME;
            }

            @Override
            public Set<String> entityPrefixes() {
                return Set.of("x");
            }

            @Override
            public void detect(CollectorContext context) {}

            @Override
            public void pull(TagSink sink) {
                zero.pulls.incrementAndGet();
            }

            @Override
            public Duration pullInterval() {
                return Duration.ZERO;
            }
        });
        rig.awaitState("zero", CollectorState.WAITING);

        assertThat(rig.status("zero").reason()).contains("pullInterval() returned PT0S");
        assertThat(zero.pulls).hasValue(1);
    }

    @Test
    void sink_ofAnInstanceThatWasGivenUp_refuses() {
        start(docker.streamer());
        var first = docker.streaming(0);
        first.fail(new IllegalStateException("gone"));
        rig.awaitState("docker", CollectorState.WAITING);
        await().until(() -> first.closes.get() == 1);

        assertThatIllegalStateException()
                .isThrownBy(() ->
                        first.sink().send(List.of(docker.info(C1).low("a", "1").build())))
                .withMessageContaining("given up");
        assertThatIllegalStateException().isThrownBy(() -> first.sink().synced());
        assertThatIllegalStateException()
                .isThrownBy(() -> first.context.executor().execute(() -> {}));
    }

    // The context, and the order.

    @Test
    void context_lendsSettingsClockHostNameAndThreads() throws Exception {
        rig.close();
        rig = new Rig(
                "tagger { hostname = h1, collectors.docker { enabled = auto, nested { key = [1, two] } } }",
                docker.streamer());
        var context = docker.streaming(0).context;
        CountDownLatch ran = new CountDownLatch(1);
        context.executor().execute(() -> {
            assertThat(Thread.currentThread().isDaemon()).isTrue();
            ran.countDown();
        });

        assertThat(context.settings()).containsEntry("nested", Map.of("key", List.of(1, "two")));
        assertThat(context.clock()).isSameAs(rig.time.clock());
        assertThat(context.hostName()).isEqualTo("h1");
        assertThat(context.loggerName()).isEqualTo("tagger.collectors.docker");
        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void status_isInTheOrderOfPriorityThenName() {
        good.priority = CollectorPriority.CLUSTER_ORCHESTRATOR;
        start(docker.streamer(), new Script("alpha").streamer(), good.streamer());

        assertThat(rig.tagger.status().collectors())
                .extracting(CollectorStatus::name)
                .containsExactly("good", "alpha", "docker");
    }

    // The end.

    @Test
    void close_closesEachInstanceOnce_inReverseOrder() {
        List<String> closed = new CopyOnWriteArrayList<>();
        docker.close = () -> closed.add("docker");
        good.close = () -> closed.add("good");
        start(docker.streamer(), good.streamer());
        docker.streaming(0).synced();
        good.streaming(0).synced();
        rig.tagger.close();
        rig.tagger.close();

        assertThat(closed).containsExactly("good", "docker");
        assertThat(rig.status("docker").state()).isEqualTo(CollectorState.STOPPED);
        rig.advance(Duration.ofMinutes(1));
        assertThat(docker.instances).hasSize(1);
    }

    @Test
    void close_leavesNothingInTheSchedule_andTellsNobodyAnything() {
        start(docker.streamer());
        docker.streaming(0).synced();
        RecordingListener listener = new RecordingListener();
        rig.tagger.subscribe(EntityFilter.all(), listener);
        await().until(() -> listener.events().contains("synced"));
        rig.tagger.close();

        assertThat(rig.time.pending()).isZero();
        assertThat(rig.tagger.status().size().subscriptions()).isZero();
    }

    @Test
    void close_ofACollectorThatHangs_isBounded() {
        CountDownLatch never = new CountDownLatch(1);
        docker.close = never::await;
        start(docker.streamer());
        docker.streaming(0).synced();

        assertTimeoutPreemptively(Duration.ofSeconds(15), rig.tagger::close);
        never.countDown();
    }
}
