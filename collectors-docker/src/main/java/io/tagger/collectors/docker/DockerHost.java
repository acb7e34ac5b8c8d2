package io.tagger.collectors.docker;

import io.tagger.api.collector.CollectorUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds the daemon. */
final class DockerHost {
    private static final String UNIX = "unix://";
    private static final String TCP = "tcp://";

    private DockerHost() {}

    /**
     * The address of the daemon: the configured address, else the environment's, else the first existing default
     * socket.
     *
     * @throws CollectorUnavailableException absent if no address is configured and no socket exists; retry if the named
     *     socket does not exist or may not be used
     */
    static String find(String configured, Map<String, String> environment) throws CollectorUnavailableException {
        String named = configured.isEmpty() ? environment.getOrDefault("DOCKER_HOST", "") : configured;
        if (!named.isEmpty()) {
            return checked(named, configured.isEmpty() ? "DOCKER_HOST" : "tagger.collectors.docker.host");
        }
        List<String> sockets = defaults(environment);
        for (String socket : sockets) {
            if (Files.exists(Path.of(socket))) {
                return checked(UNIX + socket, "the default socket");
            }
        }
        throw CollectorUnavailableException.absent("no Docker socket on this machine: none of " + sockets
                + " exists, and neither tagger.collectors.docker.host nor DOCKER_HOST is set");
    }

    /** Whether a text has the form of an address. */
    static boolean isAddress(String text) {
        return text.startsWith(TCP) || text.startsWith(UNIX) && text.length() > UNIX.length();
    }

    private static String checked(String host, String origin) throws CollectorUnavailableException {
        if (host.startsWith(TCP)) {
            return host;
        }
        if (!isAddress(host)) {
            throw new IllegalArgumentException(origin + " is '" + host
                    + "', and must begin with unix:// or tcp://, such as unix:///var/run/docker.sock");
        }
        Path socket = Path.of(host.substring(UNIX.length()));
        if (!Files.exists(socket)) {
            throw CollectorUnavailableException.retry("there is no socket " + socket + " (" + origin + ")");
        }
        if (!Files.isReadable(socket) || !Files.isWritable(socket)) {
            throw CollectorUnavailableException.retry("no permission to use " + socket + " (" + origin
                    + "): run as a member of the group that owns it, usually 'docker'");
        }
        return host;
    }

    private static List<String> defaults(Map<String, String> environment) {
        List<String> sockets = new ArrayList<>(List.of("/var/run/docker.sock", "/run/podman/podman.sock"));
        String runtimeDirectory = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!runtimeDirectory.isEmpty()) {
            sockets.add(runtimeDirectory + "/docker.sock");
            sockets.add(runtimeDirectory + "/podman/podman.sock");
        }
        return sockets;
    }
}
