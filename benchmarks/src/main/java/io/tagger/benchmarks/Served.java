package io.tagger.benchmarks;

import io.tagger.api.Tagger;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A tagger on a socket in a temporary folder, with the limits of an agent. */
final class Served implements AutoCloseable {
    private final Folder folder = new Folder();
    private final IpcServer server;

    Served(Tagger tagger) {
        server = IpcServer.start(
                tagger,
                new IpcSettings(socket(), "0600", IpcSettings.Limits.defaults(), Optional.empty()),
                statistics -> "");
    }

    Path socket() {
        return folder.path().resolve("tagger.sock");
    }

    @Override
    public void close() throws IOException {
        server.close();
        folder.close();
    }
}
