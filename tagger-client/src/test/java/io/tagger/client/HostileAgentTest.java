package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.TaggerStatus;
import io.tagger.api.collector.Backoff;
import io.tagger.client.FakeAgent.Behaviour;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Agents that answer what no agent should: the last state goes on being served, and the status says what is wrong. */
class HostileAgentTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "transfer-encoding: chunked\r\n\r\n";

    @TempDir
    Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        opened.add(part);
        return part;
    }

    private Path socket() {
        return directory.resolve("tagger.sock");
    }

    private ClientSettings settings() {
        return settings(Duration.ofMillis(300));
    }

    private ClientSettings settings(Duration deadline) {
        return new ClientSettings(
                new Endpoint.Unix(socket()),
                deadline,
                Duration.ofSeconds(30),
                Duration.ofMillis(50),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(50)));
    }

    /** A client that has the tags of a real agent, whose socket is then taken by another server. */
    private ClientTagger following(Behaviour behaviour) throws IOException {
        return following(settings(), behaviour);
    }

    private ClientTagger following(ClientSettings settings, Behaviour behaviour) throws IOException {
        ClientTagger client;
        try (TestAgent agent = new TestAgent(socket())) {
            agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());
            client = opened(ClientTagger.connect(settings));
            await().until(() ->
                    client.synced() && client.cached(C1, Cardinality.LOW).equals(List.of("a:b")));
        }
        opened(new FakeAgent(socket(), behaviour));
        return client;
    }

    private static Behaviour always(String answer) {
        return (path, caller) -> {
            FakeAgent.write(caller, answer);
            return false;
        };
    }

    private static String refusal(String status, String code, String message) {
        String body = "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}";
        return "HTTP/1.1 " + status + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(
                        "half a line",
                        always(CHUNKED + chunk("{\"type\":\"added\",\"ent") + "0\r\n\r\n"),
                        "middle of a line"),
                Arguments.of("a wrong length", always(OK + "content-length: 1000\r\n\r\n{}"), "closed the connection"),
                Arguments.of("a negative length", always(OK + "content-length: -1\r\n\r\n"), "its length is '-1'"),
                Arguments.of("no size of a chunk", always(CHUNKED + "zz\r\n"), "no size of a chunk"),
                Arguments.of("an endless size of a chunk", always(CHUNKED + "0".repeat(100)), "has no end"),
                Arguments.of("another protocol", always("SSH-2.0-OpenSSH_9.2\r\n"), "no HTTP"),
                Arguments.of("an endless header", always(OK + "x: " + "y".repeat(20_000)), "no end within 16384 bytes"),
                Arguments.of("a header that is none", always(OK + "x\r\n\r\n"), "no header"),
                Arguments.of("garbage", always(CHUNKED + chunk("garbage\n")), "not usable"),
                Arguments.of("JSON of another kind", always(CHUNKED + chunk("{\"type\":17}\n")), "not usable"),
                Arguments.of(
                        "a number that was not sent",
                        always(CHUNKED
                                + chunk("{\"type\":\"added\",\"entity\":\"a://b\",\"sources\":[{\"source\":5}]}\n")),
                        "by the number 5"),
                Arguments.of(
                        "a huge number",
                        always(CHUNKED
                                + chunk("{\"type\":\"added\",\"entity\":\"a://b\",\"sources\":[{\"source\":"
                                        + "{\"number\":99999999,\"name\":\"x\"}}]}\n")),
                        "uses the number 99999999"),
                Arguments.of("deep JSON", always(CHUNKED + chunk("{\"x\":" + "[".repeat(500) + "\n")), "not usable"),
                Arguments.of(
                        "a redirect",
                        always("HTTP/1.1 302 Found\r\nlocation: http://x/\r\ncontent-length: 0\r\n\r\n"),
                        "HTTP status 302"),
                Arguments.of(
                        "an older agent",
                        always(refusal(
                                "400 Bad Request",
                                "bad_request",
                                "there is no parameter 'sources' here; there are [..]")),
                        "older than this client"),
                Arguments.of(
                        "a busy agent",
                        always(refusal("503 Service Unavailable", "busy", "too many watches are under way")),
                        "too many watches"),
                Arguments.of("silence", (Behaviour) (path, caller) -> true, "does not answer"),
                Arguments.of("an end at once", (Behaviour) (path, caller) -> false, "closed the connection"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void oddAnswer_takesNothingAway_andIsNamed(String name, Behaviour behaviour, String said) throws Exception {
        ClientTagger client = following(behaviour);

        // The first failure after the loss is a closed connection; the answer is named from the next attempt on.
        await().untilAsserted(() -> {
            TaggerStatus status = client.status();
            assertThat(status.ready()).isFalse();
            assertThat(status.issues())
                    .anySatisfy(issue ->
                            assertThat(issue.message()).contains(said).contains("answers come from the replica"));
        });
        assertThat(client.tag(C1, Cardinality.LOW)).containsExactly("a:b");
        assertThat(client.tag(EntityId.container("other"), Cardinality.LOW)).isEmpty();
    }

    /** The deadline is long: a busy machine may take seconds for the 64 MB before the client gives up. */
    @Test
    void lineOf70Megabytes_takesNothingAway_andIsNamed() throws Exception {
        ClientTagger client = following(settings(Duration.ofSeconds(30)), HostileAgentTest::longLine);

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(client.status().issues()).anySatisfy(issue -> assertThat(issue.message())
                                .contains("more than 64 MB")
                                .contains("answers come from the replica")));
        assertThat(client.tag(C1, Cardinality.LOW)).containsExactly("a:b");
    }

    private static boolean longLine(String path, SocketChannel caller) throws IOException {
        if (!path.startsWith("/v1/watch")) {
            return false;
        }
        FakeAgent.write(caller, CHUNKED);
        String part = chunk("x".repeat(1 << 20));
        for (int i = 0; i < 70; i++) {
            FakeAgent.write(caller, part);
        }
        return false;
    }

    @Test
    void newerAgent_withLinesAndMembersOfLaterVersions_isFollowed() throws Exception {
        ClientTagger client = following((path, caller) -> {
            FakeAgent.write(
                    caller,
                    path.startsWith("/v1/watch")
                            ? CHUNKED
                                    + chunk(
                                            "{\"type\":\"weather\",\"sun\":true}\n{\"type\":\"added\",\"entity\":\"job://1\","
                                                    + "\"colour\":{\"a\":[1.5e3,null]},\"complete\":true,\"sources\":[{\"source\":{\"name\":"
                                                    + "\"x\",\"priority\":\"galaxy\",\"complete\":true,\"age\":3},\"low\":{\"tags\":"
                                                    + "[\"new:\\u00e9\\n\"],\"more\":0},\"medium\":[]}]}\n{\"type\":\"synced\"}\n")
                            : OK + "content-length: 46\r\n\r\n{\"mode\":\"local\",\"ready\":true,\"planets\":[1,2,3]}");
            return true;
        });

        await().untilAsserted(() -> assertThat(client.cached(EntityId.parse("job://1"), Cardinality.LOW))
                .containsExactly("new:\u00e9\n"));
    }

    @Test
    void socketThatIsReplaced_isLeftForTheNewOne() throws Exception {
        TestAgent first = opened(new TestAgent(socket()));
        first.tagger.set(TagInfo.builder("test", C1).low("of", "first").build());
        ClientTagger client = opened(ClientTagger.connect(settings()));
        await().until(client::synced);
        Path other = directory.resolve("other.sock");
        TestAgent second = opened(new TestAgent(other));
        second.tagger.set(TagInfo.builder("test", C1).low("of", "second").build());

        java.nio.file.Files.move(other, socket(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        await().untilAsserted(
                        () -> assertThat(client.cached(C1, Cardinality.LOW)).containsExactly("of:second"));
    }

    @Test
    void manyClientsAtOnce_allComeIn_andAllReturn() throws Exception {
        TestAgent agent = opened(new TestAgent(socket()));
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());
        List<ClientTagger> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(opened(ClientTagger.connect(agent.settings())));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> clients.stream().allMatch(ClientTagger::synced));

        agent.restart(agent.tagger);

        // A busy machine may take longer than a client's deadline, so that a client tries more than once.
        await().atMost(Duration.ofSeconds(60))
                .until(() -> clients.stream().allMatch(client -> client.synced() && client.connects() >= 2));
    }

    @Test
    void interrupts_ofCallersAndOfTheClientsThread_breakNothing() throws Exception {
        TestAgent agent = opened(new TestAgent(socket()));
        agent.tagger.set(TagInfo.builder("test", C1).low("a", "b").build());
        ClientTagger client = opened(ClientTagger.connect(agent.settings()));
        await().until(client::synced);
        for (int i = 0; i < 50; i++) {
            Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("tagger-client"))
                    .forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
            client.tag(EntityId.container("miss" + i), Cardinality.LOW);
            assertThat(Thread.interrupted()).as("the flag stays set").isTrue();
        }

        agent.tagger.set(TagInfo.builder("test", C1).low("a", "c").build());

        await().untilAsserted(() -> assertThat(client.tag(C1, Cardinality.LOW)).containsExactly("a:c"));
        assertThat(client.connects()).isEqualTo(1);
    }

    @Test
    void self_isTheAgentsAnswer_andTheLastOneWithoutTheAgent() throws Exception {
        ClientTagger client = following((path, caller) -> {
            String self =
                    "{\"entity\":\"container_id://c1\",\"how\":\"peer pid\",\"tags\":[\"a:b\"],\"complete\":true}";
            boolean isSelf = path.startsWith("/v1/self");
            FakeAgent.write(
                    caller,
                    path.startsWith("/v1/watch")
                            ? CHUNKED + chunk("{\"type\":\"token\",\"token\":\"00\"}\n")
                            : OK + "content-length: " + (isSelf ? self.length() : 2) + "\r\n\r\n"
                                    + (isSelf ? self : "{}"));
            return true;
        });
        await().until(() -> client.connects() == 2);

        assertThat(client.self()).hasValueSatisfying(self -> {
            assertThat(self.entity()).isEqualTo(C1);
            assertThat(self.tags(Cardinality.LOW)).containsExactly("a:b");
        });
        opened.remove(opened.size() - 1).close();
        await().until(() -> !client.synced());
        assertThat(client.self())
                .hasValueSatisfying(self -> assertThat(self.entity()).isEqualTo(C1));
    }
}
