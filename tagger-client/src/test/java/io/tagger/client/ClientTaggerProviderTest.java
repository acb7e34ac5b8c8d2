package io.tagger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both providers are on the class path of these tests. */
class ClientTaggerProviderTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void choose() {
        file = directory.resolve("tagger.conf");
        System.setProperty("tagger.conf", file.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty("tagger.conf");
        System.clearProperty("tagger.mode");
        DefaultTagger.close();
    }

    @Test
    void defaultTagger_asksTheAgent_ifTheModeSaysSo() throws Exception {
        Path socket = directory.resolve("tagger.sock");
        Files.writeString(file, "tagger.client { agent = \"unix:" + socket + "\", retry-max = 1s }");
        System.setProperty("tagger.mode", "client");
        try (TestAgent agent = new TestAgent(socket)) {
            agent.tagger.set(TagInfo.builder("test", EntityId.container("c1"))
                    .low("a", "b")
                    .build());
            DefaultTagger.init();

            await().untilAsserted(() -> assertThat(DefaultTagger.tag("container_id://c1", Cardinality.LOW))
                    .containsExactly("a:b"));
            assertThat(DefaultTagger.get().status().mode()).isEqualTo("client");
        }
    }

    @Test
    void defaultTagger_collectsByItself_otherwise() throws Exception {
        Files.writeString(file, "tagger.client.retry-max = 1s");
        assertThat(DefaultTagger.init().status().mode()).isEqualTo("local");
        DefaultTagger.close();

        Files.writeString(file, "tagger.mode = client");
        assertThat(DefaultTagger.init().status().mode()).isEqualTo("client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "client"})
    void fileOnTheClassPath_countsInBothModes_andMayBeTheAgentsOwn(String mode) throws Exception {
        System.clearProperty("tagger.conf");
        Path folder = Files.createDirectory(directory.resolve("classes"));
        Files.writeString(
                folder.resolve("tagger.conf"),
                "tagger { mode = " + mode + ", hostname = by-file, client.agent = \"unix:" + directory
                        + "/by-file.sock\", ipc.socket = /run/x, collectors.kubernetes.pull-interval = 7s }");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            Tagger tagger = DefaultTagger.init();

            assertThat(tagger.status().mode()).isEqualTo(mode);
            if (mode.equals("client")) {
                assertThat(ClientSettings.ofProcess(Optional.empty()).endpoint())
                        .isEqualTo(new Endpoint.Unix(directory.resolve("by-file.sock")));
            } else {
                await().untilAsserted(() -> assertThat(tagger.tag("host://by-file", Cardinality.LOW))
                        .contains("host:by-file"));
            }
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tagger.client.deadlin = 1s",
                "tagger.client.deadline = soon",
                "tagger.client.deadline = 0s",
                "tagger.client.retry-min = 10s",
                "tagger.client.agent = \"localhost:80\""
            })
    void settingThatIsWrong_isNamed(String wrong) throws Exception {
        Files.writeString(file, wrong);

        assertThatIllegalStateException()
                .isThrownBy(() -> new ClientTaggerProvider().open())
                .withMessageContaining(wrong.substring(0, wrong.indexOf(' ')))
                .withMessageContaining(wrong.contains("agent") ? "localhost:80" : "");
    }

    @Test
    void settings_thatNothingIsConfiguredOf_areTheDefaults() throws Exception {
        Files.writeString(file, "");

        assertThat(ClientSettings.ofProcess(Optional.empty()))
                .isEqualTo(ClientSettings.of(Endpoint.Unix.ofMachine(System.getenv())));
    }

    @Test
    void endpoint_asItIsWritten() {
        assertThat(Endpoint.parse("unix:/a/b", "", "", Map.of())).isEqualTo(new Endpoint.Unix(Path.of("/a/b")));
        assertThat(Endpoint.parse("tls://h:1", "/ca", "/token", Map.of()))
                .isEqualTo(new Endpoint.Tcp("h", 1, true, Optional.of(Path.of("/ca")), Optional.of(Path.of("/token"))));
        assertThat(Endpoint.parse("tcp://127.0.0.1:65535", "", "", Map.of()))
                .isEqualTo(new Endpoint.Tcp("127.0.0.1", 65_535, false, Optional.empty(), Optional.empty()));
        assertThat(Endpoint.parse("", "", "", Map.of("XDG_RUNTIME_DIR", "/nowhere")))
                .isInstanceOf(Endpoint.Unix.class);
        for (String wrong : new String[] {"h", "tcp://h", "tls://:1", "tcp://h:0", "tcp://h:65536", "unix:"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Endpoint.parse(wrong, "", "", Map.of()))
                    .withMessageContaining(wrong);
        }
    }
}
