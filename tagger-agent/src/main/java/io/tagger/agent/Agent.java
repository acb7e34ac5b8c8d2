package io.tagger.agent;

import io.tagger.api.DefaultTagger;
import io.tagger.config.TaggerConfig;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.TaggerSetup;
import java.nio.file.Path;

/** The daemon: a tagger with collectors, and the server of its callers. Thread-safe. */
final class Agent implements AutoCloseable {
    private final LocalTagger tagger;
    private final IpcServer server;
    private final Path socket;

    private Agent(LocalTagger tagger, IpcServer server, Path socket) {
        this.tagger = tagger;
        this.server = server;
        this.socket = socket;
    }

    /**
     * Starts to collect and to serve. The collectors go on starting in the background.
     *
     * @throws IllegalStateException if a setting is wrong or the socket can't be served; no part of the agent is left
     *     running then
     */
    static Agent start(TaggerSetup setup, TaggerConfig config, Path socket) {
        IpcSettings settings = ServerSettings.of(config, socket);
        LocalTagger tagger = LocalTagger.builder(setup).config(config).build();
        try {
            IpcServer server = IpcServer.start(tagger, settings, new Metrics(tagger)::text);
            DefaultTagger.init(new SharedTagger(tagger)); // for plugins that ask the tagger in this process
            return new Agent(tagger, server, socket);
        } catch (RuntimeException e) {
            tagger.close();
            throw e;
        }
    }

    LocalTagger tagger() {
        return tagger;
    }

    /** As {@link IpcServer#turns}. */
    long turns() {
        return server.turns();
    }

    Path socket() {
        return socket;
    }

    /** Stops the server, then the collectors; within 5 s together, and usually within milliseconds. */
    @Override
    public void close() {
        server.close();
        tagger.close();
    }
}
