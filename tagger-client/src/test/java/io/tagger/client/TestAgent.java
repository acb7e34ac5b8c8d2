package io.tagger.client;

import io.tagger.api.Tagger;
import io.tagger.api.collector.Backoff;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.testkit.FakeTagger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/** The real server on a real socket, over a fake tagger with the test's tags, or over a given tagger. */
final class TestAgent implements AutoCloseable {
    static {
        // Classes run in parallel: an exception in a server that another test closes must not fail this test's wait.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    final FakeTagger tagger = new FakeTagger();
    private final Path socket;
    private IpcServer server;

    TestAgent(Path socket) {
        this.socket = socket;
        server = serve(tagger);
    }

    TestAgent(Path socket, Tagger other) {
        this.socket = socket;
        server = serve(other);
    }

    private IpcServer serve(Tagger served) {
        return IpcServer.start(
                served,
                new IpcSettings(socket, "0660", IpcSettings.Limits.defaults(), Optional.empty()),
                statistics -> "");
    }

    /** Restarts the server like a new process, without a memory of watchers. */
    void restart(Tagger other) {
        server.close();
        server = serve(other);
    }

    ClientSettings settings() {
        return new ClientSettings(
                new Endpoint.Unix(socket),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMillis(500),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)));
    }

    @Override
    public void close() {
        server.close();
    }
}
