package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.collectors.kubernetes.FakeServer.Answer;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import io.tagger.config.ConfigLayers;
import io.tagger.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A followed collection of a server that does what a real API server does rarely; the fake sends these answers at will. */
class MirrorTest {
    private static final String LIST =
            "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"a\"}}]}";
    private static final String OBJECT = "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"3\"}}";

    @TempDir
    Path folder;

    private final ManualTime time = new ManualTime();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile Error failure; // thrown by the listener; null for none
    private FakeServer server;
    private ApiClient client;
    private Mirror<Item> mirror;

    @BeforeEach
    void start() throws Exception {
        server = FakeServer.plain();
        Map<String, Object> block = ConfigLayers.empty()
                .text("tagger.collectors.kubernetes { source = apiserver, apiserver.kubeconfig = \""
                        + FakeServer.kubeconfig(folder, server.url()) + "\" }")
                .build()
                .collector("kubernetes");
        client = new PodSources(KubernetesSettings.of(block), Map.of(), "h", pace(), Runnable::run).apiServer();
    }

    @AfterEach
    void stop() {
        if (mirror != null) {
            mirror.close();
        }
        client.close();
        server.close();
    }

    private Pace pace() {
        Clock clock = time.clock();
        return new Pace(
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                clock,
                millis -> task -> time.scheduler().schedule(task, millis, TimeUnit.MILLISECONDS));
    }

    private void follow(String single) {
        mirror = new Mirror<>(
                client,
                new Mirror.Subject<>(
                        "/things",
                        single,
                        "a rule",
                        new Mirror.Pages(500, false),
                        Item.class,
                        UnaryOperator.identity()),
                pace(),
                new MirrorListener<>() {
                    @Override
                    public void listing() {}

                    @Override
                    public void listed(List<Item> items) {
                        if (failure != null) {
                            throw failure;
                        }
                        events.add("listed " + items.size());
                    }

                    @Override
                    public void set(Item item) {
                        events.add("set " + item.metadata().name());
                    }

                    @Override
                    public void deleted(Item item) {
                        events.add("deleted " + item.metadata().name());
                    }

                    @Override
                    public void refused(AnswerException reason, Duration again) {
                        events.add("refused");
                    }

                    @Override
                    public void polled(AnswerException reason) {
                        events.add("polled " + reason.getMessage());
                    }

                    @Override
                    public void failing(IOException reason) {
                        events.add("failing");
                    }

                    @Override
                    public void watching() {
                        events.add("watching");
                    }

                    @Override
                    public void following() {
                        events.add("following");
                    }
                });
        mirror.start();
    }

    /** Lets the time pass until a condition holds; the ends of watches come on the client's threads. */
    private void passUntil(Callable<Boolean> condition) {
        passUntil(Duration.ofSeconds(1), condition);
    }

    private void passUntil(Duration step, Callable<Boolean> condition) {
        await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(2)).until(() -> {
            time.advance(step);
            return condition.call();
        });
    }

    /** Begins, and waits for the client's threads while the mirror's time stands still. */
    private void awaitWithoutTime(Callable<Boolean> condition) {
        time.advance(Duration.ofMillis(1));
        await().atMost(Duration.ofMinutes(1)).until(condition);
    }

    private long asked(String part) {
        return server.asked().stream().filter(path -> path.contains(part)).count();
    }

    private long lists() {
        return server.asked().size() - asked("watch=1");
    }

    private static String event(String type, String name, int version) {
        return "{\"type\":\"" + type + "\",\"object\":{\"metadata\":{\"name\":\"" + name + "\",\"resourceVersion\":\""
                + version + "\"}}}\n";
    }

    @Test
    void watch_thatBreaks_isResumedFromTheLastVersion_withoutAList() {
        server.answers = path -> path.contains("resourceVersion=5")
                ? new Answer(200, event("ADDED", "b", 6) + event("MODIFIED", "b", 7) + event("DELETED", "a", 8))
                : new Answer(200, path.contains("watch=1") ? event("BOOKMARK", "", 9) : LIST);
        follow("");
        passUntil(() -> asked("resourceVersion=9") > 0);

        assertThat(events).containsSubsequence("listed 1", "set b", "set b", "deleted a");
        assertThat(asked("watch=1&allowWatchBookmarks=true&resourceVersion=8")).isPositive();
        assertThat(lists()).isOne();
    }

    @Test
    void singleObject_isWatchedFromItsPresentState_becauseItsOwnVersionMayBeForgotten() {
        server.answers = path -> new Answer(200, path.contains("watch=1") ? event("ADDED", "a", 3) : OBJECT);
        follow("/things/a");
        passUntil(() -> events.contains("set a"));

        assertThat(server.asked().get(1)).contains("watch=1&resourceVersion=0&");
    }

    @Test
    void version_thatIsForgottenAgainAndAgain_isAskedForAtGrowingPauses() {
        server.answers = path -> path.contains("watch=1") ? new Answer(410, "{}") : new Answer(200, LIST);
        follow("");
        passUntil(() -> lists() >= 8);
        Duration passed = Duration.between(
                new ManualTime().clock().instant(), time.clock().instant());

        assertThat(passed).as("for eight lists").isGreaterThan(Duration.ofSeconds(45));
        assertThat(asked("resourceVersion=0&limit")).as("then the newest list").isOne();
    }

    @Test
    void watch_thatFailsAgainAndAgain_isReported_andTheListIsReadAgain() {
        server.answers = path -> new Answer(200, path.contains("watch=1") ? "garbage\n" : LIST);
        follow("");
        passUntil(() -> lists() >= 3);

        assertThat(events.stream().filter("failing"::equals).count()).isGreaterThanOrEqualTo(4);
        assertThat(asked("watch=1")).isGreaterThanOrEqualTo(4);
    }

    @Test
    void watch_thatIsForbidden_isNamed_andTheListIsPolled() {
        server.answers = path -> path.contains("watch=1") ? new Answer(403, "{}") : new Answer(200, LIST);
        follow("");
        passUntil(Duration.ofSeconds(15), () -> lists() >= 12);

        assertThat(mirror.isPolling()).isTrue();
        assertThat(events).anyMatch(event -> event.startsWith("polled") && event.contains("a rule"));
        assertThat(asked("watch=1"))
                .as("tried again after 1, 2, 4 and 8 minutes")
                .isBetween(2L, 5L);
    }

    @Test
    void list_thatIsRefusedByAStartingServer_takesNothingAway() {
        server.answers = path -> path.contains("watch=1") ? new Answer(410, "{}") : new Answer(200, LIST);
        follow("");
        passUntil(() -> events.contains("listed 1"));
        server.answers = path -> new Answer(403, "{}");
        passUntil(() -> events.contains("failing"));
        server.answers = path -> new Answer(200, path.contains("watch=1") ? event("ADDED", "b", 6) : LIST);
        passUntil(() -> events.contains("set b"));
        assertThat(events).doesNotContain("refused");

        server.answers = path -> new Answer(403, "{}");
        passUntil(() -> events.contains("polled") || events.stream().anyMatch(event -> event.startsWith("polled")));
        passUntil(() -> events.contains("refused"));
    }

    @Test
    void mirror_thatIsClosedDuringAList_deliversNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        server.answers = path -> {
            asked.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the server is being closed
            }
            return new Answer(200, LIST);
        };
        follow("");
        Thread passing = new Thread(() -> time.advance(Duration.ofSeconds(1)));
        passing.start();
        asked.await();
        mirror.close();
        go.countDown();
        passing.join();

        assertThat(events).isEmpty();
    }

    @Test
    void watch_thatIsSilent_isTakenForDead() {
        CountDownLatch end = new CountDownLatch(1);
        server.answers = path -> {
            if (!path.contains("watch=1")) {
                return new Answer(200, LIST);
            }
            server.hold = end;
            return new Answer(200, event("ADDED", "b", 6), 10_000); // and nothing more
        };
        follow("");
        awaitWithoutTime(() -> events.contains("set b"));
        assertThat(events).doesNotContain("failing");
        passUntil(Duration.ofSeconds(15), () -> events.contains("failing"));
        passUntil(() -> asked("watch=1") >= 2);
        end.countDown();

        assertThat(asked("watch=1&allowWatchBookmarks=true&resourceVersion=6")).isPositive();
    }

    /** The watch of an object always begins with an event, so that the time alone tells a failure. */
    @Test
    void watchOfAnObject_thatEndsAtOnce_isAFailure_andTheObjectIsReadBeforeTheNext() {
        server.answers = path -> new Answer(200, path.contains("watch=1") ? event("ADDED", "a", 3) : OBJECT);
        follow("/things/a");
        awaitWithoutTime(() -> events.contains("failing"));
        passUntil(() -> asked("watch=1") >= 2);

        assertThat(lists()).as("an object may be deleted between two watches").isGreaterThanOrEqualTo(2);
    }

    @Test
    void listener_thatFails_endsTheAttempt_andNotTheMirror() {
        failure = new OutOfMemoryError("a test");
        server.answers = path -> new Answer(200, path.contains("watch=1") ? event("ADDED", "b", 6) : LIST);
        follow("");
        passUntil(() -> events.contains("failing"));
        failure = null;
        passUntil(() -> events.contains("set b"));
    }
}
