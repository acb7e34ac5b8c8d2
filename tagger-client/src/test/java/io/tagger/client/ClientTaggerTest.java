package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Issue;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import io.tagger.api.collector.Backoff;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.testkit.FakeTagger;
import io.tagger.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client over the real socket of the real server. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClientTaggerTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final EntityId C2 = EntityId.container("c2");

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    // Misses.

    @Test
    void miss_asksTheAgent_whichAsksItsCollectors() {
        LocalTagger local = opened(LocalTagger.builder()
                .collector(Answering::new)
                .collector(() -> new Telling(new CountDownLatch(0)))
                .configure(ConfigLayers.empty().text("tagger.lookup.ask-for-subscribers = false"))
                .build());
        await().until(() -> local.status().ready());
        TestAgent agent = opened(new TestAgent(socket(), local));
        ClientTagger client = follow(agent);

        assertThat(client.tag(C2, Cardinality.LOW)).containsExactly("asked:c2");
        assertThat(client.entity(C1).orElseThrow().complete())
                .as("a collector was not asked yet")
                .isFalse();
        assertThat(client.tag(C1, Cardinality.LOW)).containsExactly("asked:c1", "told:c1");
        await().untilAsserted(
                        () -> assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("asked:c1", "told:c1"));
        client.tag(C1, Cardinality.LOW);

        EntityTags replica = client.entity(C1).orElseThrow();
        EntityTags original = local.entity(C1).orElseThrow();
        assertThat(replica.sources()).isEqualTo(original.sources());
        assertThat(replica.complete()).isTrue();
        assertThat(replica.hash()).isEqualTo(original.hash());
        assertThat(replica.priority("telling")).isEqualTo(CollectorPriority.NODE_ORCHESTRATOR);
    }

    @Test
    void replica_hasTheTagsOfCollectorsThatAreOnlyAsked() {
        LocalTagger local = opened(LocalTagger.builder()
                .collector(Answering::new)
                .collector(() -> new Telling(new CountDownLatch(0)))
                .build());
        await().until(() -> local.status().ready());
        ClientTagger client = follow(opened(new TestAgent(socket(), local)));

        await().untilAsserted(
                        () -> assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("asked:c1", "told:c1"));
        assertThat(client.status().counters().misses()).isZero();
    }

    @Test
    void lookup_ofAnAnswerThatTheReplicaHasNotSeen_isAsCompleteAsTheAgents() {
        LocalTagger local =
                opened(LocalTagger.builder().collector(Answering::new).build());
        TestAgent agent = opened(new TestAgent(socket(), local));
        ClientTagger client = follow(agent);
        await().until(() -> local.status().ready());

        // The answer usually comes before the event; after the event the result is the same.
        assertThat(client.lookup(C1)).hasValueSatisfying(tags -> {
            assertThat(tags.tags(Cardinality.LOW)).containsExactly("asked:c1");
            assertThat(tags.complete()).isTrue();
        });
    }

    @Test
    void miss_ofManyCallers_asksTheAgentOnce() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch gate = new CountDownLatch(1);
        TestAgent agent = opened(new TestAgent(socket(), counting(new FakeTagger(), asked, gate)));
        ClientTagger client = follow(agent);
        ExecutorService callers = Executors.newFixedThreadPool(20);
        open.add(callers::shutdownNow);
        List<Future<List<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(callers.submit(() -> client.tag(C1, Cardinality.LOW)));
        }
        await().until(() -> client.status().counters().misses() == 20);
        gate.countDown();
        for (Future<List<String>> answer : answers) {
            assertThat(answer.get()).isEmpty();
        }
        assertThat(client.tag(C1, Cardinality.LOW)).as("remembered").isEmpty();

        assertThat(asked).hasValue(1);
        assertThat(client.entity(C1)).isEmpty();
    }

    @Test
    void unknownEntity_thatTurnsUp_isThereAtOnce() {
        TestAgent agent = opened(new TestAgent(socket()));
        ClientTagger client = follow(agent);
        assertThat(client.tag(C1, Cardinality.LOW)).isEmpty();
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());

        await().untilAsserted(() -> assertThat(client.tag(C1, Cardinality.LOW)).containsExactly("a:b"));
    }

    // Without the agent.

    @Test
    void noAgent_isNoTags_atOnce_andTheStatusSaysWhy() throws Exception {
        Path plain = Files.createFile(directory.resolve("plain"));
        for (Map.Entry<Path, String> place : Map.of(
                        socket(),
                        "there is no socket " + socket() + "; start an agent with 'tagger run'",
                        plain,
                        plain + " is no socket")
                .entrySet()) {
            ClientTagger client = opened(ClientTagger.connect(ClientSettings.of(new Endpoint.Unix(place.getKey()))));

            assertThat(client.tag(C1, Cardinality.HIGH)).isEmpty();
            await().untilAsserted(() -> assertThat(client.status().issues())
                    .singleElement()
                    .satisfies(issue -> {
                        assertThat(issue.severity()).isEqualTo(Issue.Severity.ERROR);
                        assertThat(issue.message()).contains(place.getValue());
                    }));
            assertThat(client.status().ready()).isFalse();
        }
    }

    @Test
    void agentThatComesLater_isFound() {
        Path socket = socket();
        ClientTagger client = opened(ClientTagger.connect(new ClientSettings(
                new Endpoint.Unix(socket),
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(50)))));
        await().until(() -> !client.status().issues().isEmpty());
        TestAgent agent = opened(new TestAgent(socket));
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());

        await().untilAsserted(
                        () -> assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("a:b"));
        assertThat(client.status().issues()).isEmpty();
        assertThat(client.status().ready()).isTrue();
    }

    @Test
    void agentThatAcceptsAndSaysNothing_delaysACallByItsDeadlineAlone() throws Exception {
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(socket()));
            ClientTagger client = opened(ClientTagger.connect(new ClientSettings(
                    new Endpoint.Unix(socket()),
                    Duration.ofMillis(300),
                    Duration.ofSeconds(3),
                    Duration.ofMillis(100),
                    new Backoff(Duration.ofMillis(10), Duration.ofMillis(50)))));

            assertThat(client.tag(C1, Cardinality.LOW)).isEmpty();
            assertThat(client.status().counters().misses()).isEqualTo(1);
            await().untilAsserted(() -> assertThat(client.status().issues())
                    .singleElement()
                    .satisfies(issue -> assertThat(issue.message()).contains("does not answer")));
            assertThat(client.status().ready()).isFalse();
        }
    }

    @Test
    void agentThatIsStartedAnew_isFollowed_andNothingIsForgottenMeanwhile() {
        TestAgent agent = opened(new TestAgent(socket()));
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());
        agent.tagger.set(TagInfo.builder("test", C2).low("a", "b").build());
        ClientTagger client = follow(agent);
        RecordingListener listener = new RecordingListener();
        open.add(client.subscribe(EntityFilter.all(), listener));
        await().until(() -> listener.events().contains("synced"));

        FakeTagger other = new FakeTagger();
        other.set(TagInfo.builder("test", C1).low("a", "b").build());
        other.set(TagInfo.builder("test", EntityId.pod("p")).low("x", "y").build());
        agent.close();
        await().until(() -> !client.synced());
        assertThat(client.tag(C2, Cardinality.LOW)).containsExactly("a:b");
        assertThat(client.tag(EntityId.pod("p"), Cardinality.LOW)).isEmpty();
        TaggerStatus status = client.status();
        assertThat(status.ready()).isFalse();
        assertThat(status.issues()).singleElement().satisfies(issue -> assertThat(issue.subject())
                .isEqualTo("agent"));
        agent.restart(other);

        await().untilAsserted(() -> assertThat(contents(client)).isEqualTo(contents(other)));
        await().until(client::synced);
        assertThat(client.tag(EntityId.pod("p"), Cardinality.LOW)).containsExactly("x:y");
        await().untilAsserted(() -> assertThat(listener.replica())
                .isEqualTo(Map.of("container_id://c1", List.of("a:b"), "kubernetes_pod_uid://p", List.of("x:y"))));
        assertThat(listener.events()).as("c1 was there all the time").doesNotContain("deleted container_id://c1");
        assertThat(listener.broken()).isEmpty();
    }

    @Test
    void agentThatGoesDuringACall_endsTheWait() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        TestAgent agent = opened(new TestAgent(socket(), counting(new FakeTagger(), new AtomicInteger(), gate)));
        ClientTagger client = opened(ClientTagger.connect(new ClientSettings(
                new Endpoint.Unix(socket()),
                Duration.ofMinutes(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(3),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(50)))));
        await().until(client::synced);
        CompletableFuture<List<String>> waiting = CompletableFuture.supplyAsync(() -> client.tag(C1, Cardinality.LOW));
        await().until(() -> client.status().counters().misses() == 1);
        agent.close();

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEmpty();
        gate.countDown();
    }

    @Test
    void agentThatGoesDuringAWatchOrAList_failsIt_asNotReached() throws Exception {
        TestAgent agent = opened(new TestAgent(socket()));
        for (int i = 0; i < 20_000; i++) {
            agent.tagger.set(TagInfo.builder("test", EntityId.pod("p" + i))
                    .low("name", "x".repeat(200))
                    .build());
        }
        AgentConnection watching = opened(AgentConnection.to(agent.settings().endpoint()));
        AgentConnection listing = opened(AgentConnection.to(agent.settings().endpoint()));
        CountDownLatch watched = new CountDownLatch(1);
        CountDownLatch listed = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        CompletableFuture<Void> watch = watching.watch(List.of(), Cardinality.LOW, new Signal(watched));
        CompletableFuture<Void> list = listing.list(List.of(), part -> {
            listed.countDown();
            try {
                gone.await(); // so that most of the list is still to come
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        watched.await();
        listed.await();
        agent.close();
        gone.countDown();

        for (CompletableFuture<Void> call : List.of(watch, list)) {
            assertThat(call)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .withCauseInstanceOf(AgentException.class)
                    .matches(error -> error.getCause() instanceof AgentException lost && !lost.answered());
        }
    }

    @Test
    void agentThatIsStartedAnew_andWhoseCollectorsHaveNotToldYet_takesNothingAway() {
        TestAgent agent = opened(new TestAgent(socket()));
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());
        ClientTagger client = follow(agent);
        agent.close();
        await().until(() -> !client.synced());
        CountDownLatch gate = new CountDownLatch(1);
        LocalTagger starting =
                opened(LocalTagger.builder().collector(() -> new Telling(gate)).build());
        agent.restart(starting);
        await().until(() -> client.connects() == 2);
        assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("a:b");
        assertThat(client.synced()).isFalse();
        gate.countDown();

        await().untilAsserted(
                        () -> assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("told:c1"));
        await().until(client::synced);
    }

    @Test
    void close_endsWhoWaits() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        TestAgent agent = opened(new TestAgent(socket(), counting(new FakeTagger(), new AtomicInteger(), gate)));
        ClientTagger client = follow(agent);
        CompletableFuture<List<String>> waiting = CompletableFuture.supplyAsync(() -> client.tag(C1, Cardinality.LOW));
        await().until(() -> client.status().counters().misses() == 1);
        client.close();

        assertThat(waiting.get()).isEmpty();
        gate.countDown();
    }

    // The parts of the tests.

    private Path socket() {
        return directory.resolve("tagger.sock");
    }

    private ClientTagger follow(TestAgent agent) {
        ClientTagger client = opened(ClientTagger.connect(agent.settings()));
        await().until(client::synced);
        return client;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private static Map<EntityId, List<String>> contents(Tagger tagger) {
        Map<EntityId, List<String>> contents = new TreeMap<>();
        tagger.entities(EntityFilter.all()).forEach(tags -> contents.put(tags.entity(), tags.tags(Cardinality.HIGH)));
        return contents;
    }

    /** A tagger that counts lookups, and answers after the gate opens. */
    private static Tagger counting(Tagger tagger, AtomicInteger asked, CountDownLatch gate) {
        return (Tagger) Proxy.newProxyInstance(
                Tagger.class.getClassLoader(), new Class<?>[] {Tagger.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("lookupFor")) {
                        asked.incrementAndGet();
                        return CompletableFuture.supplyAsync(() -> {
                            awaitQuietly(gate);
                            return tagger.lookup((EntityId) arguments[1]);
                        });
                    }
                    try {
                        return method.invoke(tagger, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Answering implements FetchOnly {
        @Override
        public String name() {
            return "answering";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of(EntityId.CONTAINER);
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public List<TagInfo> fetch(EntityId entity) {
            return List.of(
                    TagInfo.builder(name(), entity).low("asked", entity.id()).build());
        }
    }

    private static final class Telling implements Streamer {
        private final CountDownLatch gate;

        Telling(CountDownLatch gate) {
            this.gate = gate;
        }

        @Override
        public String name() {
            return "telling";
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_ORCHESTRATOR;
        }

        @Override
        public Set<String> entityPrefixes() {
            return Set.of(EntityId.CONTAINER);
        }

        @Override
        public void detect(CollectorContext context) {}

        @Override
        public void stream(TagSink sink) throws InterruptedException {
            gate.await();
            sink.send(List.of(TagInfo.builder(name(), C1).low("told", "c1").build()));
            sink.synced();
            new CountDownLatch(1).await();
        }
    }

    @Test
    void callersThatWaitAtTheAgent_holdUpNoOtherQuestion() throws Exception {
        TestAgent agent = opened(new TestAgent(socket()));
        ClientTagger client = follow(agent);
        List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            EntityId late = EntityId.container("late" + i);
            CompletableFuture<Boolean> one = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    one.complete(
                            client.awaitComplete(late, Duration.ofSeconds(20)).isPresent());
                } catch (InterruptedException e) {
                    one.completeExceptionally(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            waiting.add(one);
        }
        await().until(() -> client.status().counters().misses() >= 40);

        assertThat(client.tag("container_id://other", Cardinality.LOW)).isEmpty();
        assertThat(client.status().issues()).isEmpty();
        for (int i = 0; i < 40; i++) {
            agent.tagger.set(TagInfo.builder("test", EntityId.container("late" + i))
                    .low("a", "b")
                    .build());
        }
        for (CompletableFuture<Boolean> one : waiting) {
            assertThat(one.get(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(client.connects()).isEqualTo(1);
    }

    @Test
    void calls_duringAndAfterTheClose_fail() {
        TestAgent agent = opened(new TestAgent(socket()));
        AgentConnection connection = AgentConnection.to(agent.settings().endpoint());
        CompletableFuture<Void> watch = connection.watch(List.of(), Cardinality.LOW, new Signal(new CountDownLatch(1)));
        connection.close();

        assertThat(watch).failsWithin(Duration.ofSeconds(10));
        assertThat(connection.status(Duration.ofSeconds(5))).failsWithin(Duration.ofSeconds(1));
        assertThat(connection.list(List.of(), entity -> {})).failsWithin(Duration.ofSeconds(1));
    }

    /** Opens a latch at the first event. */
    private record Signal(CountDownLatch latch) implements WatchEvents {
        @Override
        public void set(EntityReport report, boolean isNew) {
            latch.countDown();
        }

        @Override
        public void deleted(String entity) {}

        @Override
        public void synced() {}

        @Override
        public void startOver() {}
    }
}
