package io.tagger.ipc.client;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.CollectorContractTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What every collector promises. */
class RemoteCollectorContractTest extends CollectorContractTest {
    @TempDir
    Path directory;

    private TestAgent agent;

    @BeforeEach
    void start() {
        agent = new TestAgent(directory.resolve("tagger.sock"));
        agent.tagger.set(
                TagInfo.builder("x", EntityId.container("c1")).low("a", "b").build());
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Override
    protected Collector collector() {
        return new RemoteCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of(
                "agent", "unix:" + directory.resolve("tagger.sock"),
                "authority", "",
                "token-file", "",
                "prefixes", List.of(),
                "check-interval", "10s");
    }
}
