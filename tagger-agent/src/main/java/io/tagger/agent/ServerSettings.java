package io.tagger.agent;

import io.tagger.config.TaggerConfig;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.ipc.server.TcpSettings;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the settings of the server, the block {@code tagger.ipc}, and checks their bounds. */
final class ServerSettings {
    private ServerSettings() {}

    /**
     * Reads the settings.
     *
     * @param config the configuration
     * @param socket the socket to serve
     * @throws IllegalStateException or {@link IllegalArgumentException} if a setting is wrong; the message names the
     *     setting
     */
    static IpcSettings of(TaggerConfig config, Path socket) {
        return new IpcSettings(
                socket,
                config.text("ipc.socket-mode"),
                new IpcSettings.Limits(
                        config.number("ipc.limits.connections", 1, 100_000),
                        config.duration("ipc.limits.idle-timeout"),
                        config.number("ipc.limits.misses", 1, 1_000),
                        config.number("ipc.limits.streams", 1, 100_000),
                        new IpcSettings.RequestLimits(
                                config.number("ipc.limits.request-line", 256, 1 << 20),
                                config.number("ipc.limits.headers", 256, 1 << 20),
                                config.number("ipc.limits.body", 0, 1 << 20))),
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
                        config.flag("ipc.tcp.insecure-loopback")));
    }

    private static Optional<Path> file(TaggerConfig config, String key) {
        String path = config.text(key);
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }
}
