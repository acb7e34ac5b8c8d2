package io.tagger.agent;

import io.tagger.api.DefaultTagger;
import io.tagger.config.TaggerConfig;
import io.tagger.datadog.DatadogServer;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.runtime.LocalTagger;
import java.nio.file.Path;
import java.util.Optional;

/** The daemon: a tagger with collectors, and the server of its callers. Thread-safe. */
final class Agent implements AutoCloseable {
    private final LocalTagger tagger;
    private final IpcServer server;
    private final Path socket;
    private final Reload reload;
    private final TaggerConfig config; // of the start
    private final Optional<DatadogServer> datadog;

    private Agent(
            LocalTagger tagger,
            IpcServer server,
            Path socket,
            Reload reload,
            TaggerConfig config,
            Optional<DatadogServer> datadog) {
        this.tagger = tagger;
        this.server = server;
        this.socket = socket;
        this.reload = reload;
        this.config = config;
        this.datadog = datadog;
    }

    /**
     * Starts to collect and to serve. The collectors go on starting in the background.
     *
     * @param option where the configuration is read again at a reload
     * @param log the log of the process
     * @throws IllegalStateException if a setting is wrong or the socket can't be served; no part of the agent is left
     *     running then
     */
    static Agent start(ConfigOption option, Loaded loaded, Path socket, AgentLog log) {
        IpcSettings settings = ServerSettings.of(loaded.config(), socket);
        Metrics metrics = new Metrics();
        LocalTagger tagger = LocalTagger.builder(loaded.setup())
                .config(loaded.config())
                .onTagged(metrics::tagged)
                .build();
        try {
            Reload reload = new Reload(tagger, log::configure, option::load, loaded);
            IpcServer server = IpcServer.start(tagger, settings, new AgentControls(tagger, metrics, reload, log));
            Optional<DatadogServer> datadog = datadog(tagger, server, loaded.config());
            DefaultTagger.init(new SharedTagger(tagger)); // for plugins that ask the tagger in this process
            return new Agent(tagger, server, socket, reload, loaded.config(), datadog);
        } catch (RuntimeException e) {
            tagger.close();
            throw e;
        }
    }

    private static Optional<DatadogServer> datadog(LocalTagger tagger, IpcServer server, TaggerConfig config) {
        try {
            return ServerSettings.datadog(config)
                    .map(settings -> DatadogServer.start(tagger, server.origins(), settings));
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Reads the configuration again after each change of the file, if tagger.config.watch is set. */
    void watch(Optional<Path> file) {
        if (config.flag("config.watch")) {
            file.ifPresent(path -> new ConfigWatch(
                            path, config.duration("config.watch-interval"), () -> reload.run("the file has changed"))
                    .start());
        }
    }

    /** Reads the configuration again. */
    Reload reload() {
        return reload;
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
        datadog.ifPresent(DatadogServer::close);
        server.close();
        tagger.close();
    }
}
