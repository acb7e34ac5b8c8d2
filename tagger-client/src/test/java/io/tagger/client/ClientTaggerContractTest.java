package io.tagger.client;

import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.testkit.TaggerContractTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The promises of every tagger, over the socket. */
class ClientTaggerContractTest extends TaggerContractTest {
    private static final EntityId MARKER = EntityId.internal("marker");

    @TempDir
    Path directory;

    private TestAgent agent;
    private ClientTagger client;
    private int published;

    @BeforeEach
    void start() {
        agent = new TestAgent(directory.resolve("tagger.sock"));
        client = ClientTagger.connect(agent.settings());
        await().until(client::synced);
    }

    @AfterEach
    void stop() {
        client.close();
        agent.close();
    }

    @Override
    protected Tagger tagger() {
        return client;
    }

    @Override
    protected String source() {
        return "test";
    }

    @Override
    protected void publish(TagInfo info) {
        agent.tagger.set(info);
        String mark = String.valueOf(++published);
        agent.tagger.set(TagInfo.builder("test", MARKER).low("published", mark).build());
        await().until(() -> client.cached(MARKER, Cardinality.LOW).equals(List.of("published:" + mark)));
    }
}
