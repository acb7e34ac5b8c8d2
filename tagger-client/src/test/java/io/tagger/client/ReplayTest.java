package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Conversations that were recorded with earlier versions, a folder for each: the answers are read by the present client, and
 * the requests are answered by the present server with everything that the recorded answers have.
 */
class ReplayTest {
    private static final Path RECORDED = Path.of("src/test/resources/recorded");
    private static final EntityId WEB = EntityId.container("web");

    @TempDir
    Path directory;

    static Stream<Path> versions() {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The requests of a version: the path, by the name of the recorded answer. */
    private static Map<String, String> requests(Path version) throws IOException {
        Map<String, String> requests = new TreeMap<>();
        for (String line : Files.readAllLines(version.resolve("requests.txt"))) {
            requests.put(line.split(" ")[0], line.split(" ")[1]);
        }
        return requests;
    }

    @ParameterizedTest
    @MethodSource("versions")
    @SuppressWarnings("try") // the agent serves until its close
    void recordedAnswers_areReadByThePresentClient(Path version) throws Exception {
        Map<String, String> requests = requests(version);
        Path socket = directory.resolve("recorded.sock");
        try (FakeAgent agent = new FakeAgent(socket, (path, caller) -> {
                    for (Map.Entry<String, String> request : requests.entrySet()) {
                        if (path.equals(request.getValue())) {
                            FakeAgent.write(caller, Files.readString(version.resolve(request.getKey() + ".http")));
                        }
                    }
                    return true;
                });
                ClientTagger client = ClientTagger.connect(ClientSettings.of(new Endpoint.Unix(socket)))) {
            await().until(client::synced);

            assertThat(client.tag(WEB, Cardinality.HIGH))
                    .containsExactly("env:prod", "image_name:web", "team:core", "pod_name:web-1", "container_id:web");
            assertThat(client.standard(WEB)).containsExactly("env:prod");
            assertThat(client.entity(WEB)).hasValueSatisfying(tags -> {
                assertThat(tags.complete()).isTrue();
                assertThat(tags.sources()).containsOnlyKeys("static");
            });
            assertThat(client.status().collectors()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void recordedRequests_areAnsweredByThePresentServer(Path version) throws Exception {
        Path socket = directory.resolve("present.sock");
        try (TestAgent agent = new TestAgent(socket)) {
            for (String name : new String[] {"web", "db"}) {
                agent.tagger.set(TagInfo.builder("static", EntityId.container(name))
                        .low("image_name", "web")
                        .orchestrator("pod_name", "web-1")
                        .high("container_id", name)
                        .standard("env", "prod")
                        .build());
            }
            for (Map.Entry<String, String> request : requests(version).entrySet()) {
                String recorded = Files.readString(version.resolve(request.getKey() + ".http"));
                String answer = ask(socket, request.getValue(), recorded.contains("\"synced\"") ? "\"synced\"" : "");

                assertThat(answer).as(request.getKey()).startsWith("HTTP/1.1 200");
                TreeSet<String> missing = new TreeSet<>(names(recorded));
                missing.removeAll(names(answer));
                // A fake tagger has no collectors, and so nothing to say about any.
                assertThat(request.getKey().equals("collectors") ? new TreeSet<>() : missing)
                        .as(request.getKey() + " lacks members")
                        .isEmpty();
            }
        }
    }

    /** A whole connection of an earlier client over HTTP/2, byte by byte. */
    @ParameterizedTest
    @ValueSource(strings = {"0.2/grpc-tag.bin", "0.2/grpc-list.bin"})
    void recordedCalls_areAnsweredByThePresentServer(String recorded) throws Exception {
        Path socket = directory.resolve("present.sock");
        try (TestAgent agent = new TestAgent(socket);
                SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            agent.tagger.set(
                    TagInfo.builder("static", WEB).low("image_name", "web").build());
            caller.connect(UnixDomainSocketAddress.of(socket));
            caller.write(ByteBuffer.wrap(Files.readAllBytes(RECORDED.resolve(recorded))));

            assertThat(read(caller, "image_name:web")).contains("image_name:web");
        }
    }

    @Test
    void everyVersionHasAConversation() {
        assertThat(versions().map(path -> path.getFileName().toString())).contains("0.2");
    }

    private static String ask(Path socket, String path, String end) throws IOException {
        try (SocketChannel caller = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            caller.connect(UnixDomainSocketAddress.of(socket));
            FakeAgent.write(caller, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return read(caller, end);
        }
    }

    /** Reads until a text has come, or the end of the connection. */
    private static String read(SocketChannel caller, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer bytes = ByteBuffer.allocate(65_536);
        while ((end.isEmpty() || text.indexOf(end) < 0) && caller.read(bytes.clear()) >= 0) {
            text.append(new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    /** The names of all members in the lines and objects of an answer; lines of signs of life and of tokens apart. */
    private static TreeSet<String> names(String answer) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (String line : answer.split("\r?\n")) {
            if (line.startsWith("{") && !line.contains("\"token\"")) {
                try (JsonParser parser = new JsonFactory().createParser(line)) {
                    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                        if (token == JsonToken.FIELD_NAME) {
                            names.add(parser.currentName());
                        }
                    }
                }
            }
        }
        return names;
    }
}
