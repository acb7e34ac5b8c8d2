package io.tagger.agent;

import io.tagger.api.DefaultTagger;
import io.tagger.api.Tagger;
import io.tagger.ipc.server.IpcServer;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.ipc.server.TcpSettings;
import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.config.TaggerConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The daemon: a tagger that collects, and the server that lets others ask it. Thread-safe. */
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
     * Starts collecting and serving. The collectors go on starting in the background.
     *
     * @throws IllegalStateException if a setting is wrong or the socket can't be served; nothing is left running then
     */
    static Agent start(LocalTagger.Builder collectors, TaggerConfig config, Path socket) {
        IpcSettings settings = settings(config, socket);
        LocalTagger tagger = collectors.config(config).build();
        try {
            Metrics metrics = new Metrics(tagger);
            IpcServer server = IpcServer.start(tagger, settings, metrics::text);
            metrics.add(server);
            DefaultTagger.init(tagger); // for plugins that ask, in this process
            return new Agent(tagger, server, socket);
        } catch (RuntimeException e) {
            tagger.close();
            throw e;
        }
    }

    /** The server's settings, checked. */
    static IpcSettings settings(TaggerConfig config, Path socket) {
        return new IpcSettings(
                socket,
                config.text("ipc.socket-mode"),
                config.number("ipc.limits.connections", 1, 100_000),
                config.number("ipc.limits.request-line", 256, 1 << 20),
                config.number("ipc.limits.headers", 256, 1 << 20),
                config.number("ipc.limits.body", 0, 1 << 20),
                config.duration("ipc.limits.idle-timeout"),
                config.number("ipc.limits.misses", 1, 1_000),
                config.number("ipc.limits.streams", 1, 100_000),
                tcp(config));
    }

    private static Optional<TcpSettings> tcp(TaggerConfig config) {
        String host = config.text("ipc.tcp.host");
        Optional<Path> certificate = file(config, "ipc.tcp.certificate");
        Optional<Path> key = file(config, "ipc.tcp.key");
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("tagger.ipc.tcp: certificate and key go together");
        }
        return host.isEmpty()
                ? Optional.empty()
                : Optional.of(new TcpSettings(
                        host,
                        config.number("ipc.tcp.port", 0, 65_535),
                        certificate.map(pem -> new TcpSettings.Tls(pem, key.orElseThrow())),
                        file(config, "ipc.tcp.token-file"),
                        config.choice("ipc.tcp.insecure-loopback", Set.of("true", "false"))
                                .equals("true")));
    }

    private static Optional<Path> file(TaggerConfig config, String key) {
        String path = config.text(key);
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }

    Tagger tagger() {
        return tagger;
    }

    Path socket() {
        return socket;
    }

    /** Stops serving, then collecting; within 5 s together, and usually within milliseconds. */
    @Override
    public void close() {
        server.close();
        tagger.close();
    }
}
