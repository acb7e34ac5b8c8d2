package io.tagger.client;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.ConnectingCollectorContractTest;
import io.tagger.testkit.SilentServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The promises of every collector. */
class RemoteCollectorContractTest extends ConnectingCollectorContractTest {
    @TempDir
    Path directory;

    private TestAgent agent;
    private SilentServer silent;

    @BeforeEach
    void start() throws IOException {
        silent = SilentServer.onSocket(directory.resolve("silent.sock"));
        agent = new TestAgent(directory.resolve("tagger.sock"));
        agent.tagger.set(
                TagInfo.builder("x", EntityId.container("c1")).low("a", "b").build());
    }

    @AfterEach
    void stop() throws IOException {
        silent.close();
        agent.close();
    }

    @Override
    protected Collector collector() {
        return new RemoteCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return settings("tagger.sock");
    }

    @Override
    protected Map<String, Object> settingsOfASilentSource() {
        return settings("silent.sock");
    }

    private Map<String, Object> settings(String socket) {
        return Map.of(
                "agent", "unix:" + directory.resolve(socket),
                "authority", "",
                "token-file", "",
                "prefixes", List.of(),
                "check-interval", "10s");
    }
}
