package io.tagger.agent;

import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.datadog.DatadogSettings;
import io.tagger.ipc.server.IpcSettings;
import io.tagger.ipc.server.TcpSettings;
import io.tagger.naming.NameTable;
import io.tagger.origin.Origins;
import io.tagger.runtime.TaggerSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the settings of the server, the block {@code tagger.ipc}, and checks their bounds. */
final class ServerSettings {
    private static final int LARGEST = 8;

    private final List<String> problems = new ArrayList<>();

    private ServerSettings() {}

    /**
     * Reads the settings.
     *
     * @param config the configuration
     * @param socket the socket to serve
     * @throws InvalidConfigurationException with every problem found
     */
    static IpcSettings of(TaggerConfig config, Path socket) {
        ServerSettings reader = new ServerSettings();
        IpcSettings.Limits limits = new IpcSettings.Limits(
                reader.read(() -> config.number("ipc.limits.connections", 1, 100_000), 1),
                reader.read(() -> config.number("ipc.limits.streams", 1, 100_000), 1),
                new IpcSettings.Times(
                        reader.read(() -> config.duration("ipc.limits.idle-timeout"), Duration.ofSeconds(1)),
                        reader.read(() -> config.duration("ipc.limits.request-timeout"), Duration.ofSeconds(1)),
                        reader.read(() -> config.duration("ipc.limits.heartbeat"), Duration.ofSeconds(1))),
                new IpcSettings.Shared(
                        reader.read(() -> config.number("ipc.limits.requests", 1, 1_000_000), 1),
                        reader.read(() -> config.number("ipc.limits.watches", 1, 1_000_000), 1),
                        reader.read(() -> config.number("ipc.limits.lists", 1, 1_000_000), 1),
                        reader.read(() -> reader.unread(config), 1)),
                new IpcSettings.RequestLimits(
                        reader.read(() -> config.number("ipc.limits.request-line", 256, 1 << 20), 256),
                        reader.read(() -> config.number("ipc.limits.headers", 256, 1 << 20), 256),
                        reader.read(() -> config.number("ipc.limits.body", 0, 1 << 20), 0)));
        Optional<TcpSettings> tcp = reader.read(() -> reader.tcp(config), Optional.empty());
        Optional<IpcSettings.StatusSettings> status = reader.read(() -> status(config), Optional.empty());
        IpcSettings.ResourceSettings resources =
                reader.read(() -> resources(config), IpcSettings.ResourceSettings.DEFAULT);
        Optional<IpcSettings> settings = reader.read(
                () -> Optional.of(new IpcSettings(
                        socket,
                        config.text("ipc.socket-mode"),
                        limits,
                        new IpcSettings.Ports(tcp, status),
                        origin(config),
                        resources)),
                Optional.empty());
        if (!reader.problems.isEmpty()) {
            throw new InvalidConfigurationException(reader.problems);
        }
        return settings.orElseThrow();
    }

    private static Optional<IpcSettings.StatusSettings> status(TaggerConfig config) {
        String host = config.text("status.host");
        int port = config.number("status.port", 0, 65_535);
        return host.isEmpty() ? Optional.empty() : Optional.of(new IpcSettings.StatusSettings(host, port));
    }

    private static IpcSettings.ResourceSettings resources(TaggerConfig config) {
        Map<String, String> rows = config.texts("ipc.resource.names");
        try {
            return new IpcSettings.ResourceSettings(
                    NameTable.openTelemetry().with(rows).withPrefix(config.text("ipc.resource.prefix")),
                    config.flag("ipc.resource.app-labels"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tagger.ipc.resource.names: " + e.getMessage());
        }
    }

    private static IpcSettings.OriginSettings origin(TaggerConfig config) {
        return new IpcSettings.OriginSettings(
                // Process numbers of callers are of the agent's own pid namespace, as is /proc.
                new Origins.Folders(Path.of("/proc"), Path.of(config.text("ipc.origin.cgroups"))),
                TaggerSetup.hostName(config));
    }

    /**
     * Reads the settings of the port for Datadog processes, the block {@code tagger.datadog}.
     *
     * @return empty if the port is switched off
     * @throws InvalidConfigurationException if a setting is wrong
     */
    static Optional<DatadogSettings> datadog(TaggerConfig config) {
        String host = config.text("datadog.host");
        int port = config.number("datadog.port", 0, 65_535);
        String file = config.text("datadog.auth-token-file");
        if (file.isEmpty()) {
            throw new IllegalArgumentException(
                    "tagger.datadog.auth-token-file is empty, and must name the file of the token");
        }
        Path token = Path.of(file).toAbsolutePath();
        String certificate = config.text("datadog.ipc-cert-file");
        return config.flag("datadog.enabled")
                ? Optional.of(new DatadogSettings(
                        host,
                        port,
                        token,
                        certificate.isEmpty() ? token.resolveSibling("ipc_cert.pem") : Path.of(certificate),
                        TaggerSetup.hostName(config),
                        DatadogSettings.Times.DEFAULT))
                : Optional.empty();
    }

    private <T> T read(Supplier<T> reader, T otherwise) {
        try {
            return reader.get();
        } catch (InvalidConfigurationException e) {
            problems.addAll(e.problems());
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return otherwise;
    }

    /** An entity of the largest size must fit, in JSON and with the sources beside the merged tags. */
    private int unread(TaggerConfig config) {
        int unread = config.number("ipc.limits.unread", 1, Integer.MAX_VALUE);
        int entity;
        try {
            entity = config.number("collect.max-tag-bytes", 1, Integer.MAX_VALUE);
        } catch (InvalidConfigurationException e) {
            return unread; // the collectors' settings report the problem
        }
        if (unread / LARGEST < entity) {
            throw new IllegalArgumentException("tagger.ipc.limits.unread is " + unread + ", and must be at least "
                    + LARGEST + " times tagger.collect.max-tag-bytes, " + entity);
        }
        return unread;
    }

    private Optional<TcpSettings> tcp(TaggerConfig config) {
        String host = config.text("ipc.tcp.host");
        Optional<Path> certificate = file(config, "ipc.tcp.certificate");
        Optional<Path> key = file(config, "ipc.tcp.key");
        Optional<Path> token = file(config, "ipc.tcp.token-file");
        int port = read(() -> config.number("ipc.tcp.port", 0, 65_535), 0);
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException(
                    "tagger.ipc.tcp.certificate and tagger.ipc.tcp.key go together: set both, or neither");
        }
        return host.isEmpty() || !problems.isEmpty()
                ? Optional.empty()
                : Optional.of(new TcpSettings(
                        host,
                        port,
                        certificate.map(pem -> new TcpSettings.Tls(pem, key.orElseThrow())),
                        token,
                        config.flag("ipc.tcp.insecure-loopback")));
    }

    private Optional<Path> file(TaggerConfig config, String key) {
        String path = config.text(key);
        if (!path.isEmpty() && !Files.exists(Path.of(path))) {
            problems.add("tagger." + key + " is '" + path + "', and there is no such file");
        }
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }
}
