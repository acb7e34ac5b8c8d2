package io.tagger.ipc.server;

import io.tagger.api.Tagger;
import io.tagger.naming.NameTable;
import io.tagger.naming.Resources;
import io.tagger.origin.Origins;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The socket, the port and the bounds of a server. {@code reference.conf}, block {@code tagger.ipc}, has the defaults
 * and the purpose of each value.
 *
 * @param socket the path of the socket
 * @param socketMode the permissions of the socket, {@code 0660} for instance
 * @param limits the bounds
 * @param ports the ports beside the socket
 * @param origin where the processes of callers are looked for
 * @param resources the names of tags as attributes
 */
public record IpcSettings(
        Path socket, String socketMode, Limits limits, Ports ports, OriginSettings origin, ResourceSettings resources) {
    /**
     * The ports beside the socket.
     *
     * @param tcp the port with the protocols of the socket; empty for none
     * @param status the port for probes and metrics alone; empty for none
     */
    public record Ports(Optional<TcpSettings> tcp, Optional<StatusSettings> status) {}

    /**
     * The port for probes and metrics, without encryption and without a token: nothing there names an entity or a tag.
     *
     * @param host the address to listen on
     * @param port the port; 0 for any
     */
    public record StatusSettings(String host, int port) {}

    /** The port with the protocols of the socket. */
    Optional<TcpSettings> tcp() {
        return ports.tcp;
    }

    /** The port for probes and metrics. */
    Optional<StatusSettings> status() {
        return ports.status;
    }

    /**
     * The names of tags as attributes of a resource.
     *
     * @param names the attribute of each tag
     * @param readsAppLabels as for {@link Resources}
     */
    public record ResourceSettings(NameTable names, boolean readsAppLabels) {
        /** The names of OpenTelemetry. */
        public static final ResourceSettings DEFAULT = new ResourceSettings(NameTable.openTelemetry(), false);

        Resources of(Tagger tagger) {
            return new Resources(tagger, names, readsAppLabels);
        }
    }

    /**
     * Where the server looks for the processes of its callers.
     *
     * @param folders the folders of the kernel
     * @param host the name of this machine, as in entities of the kind {@code host}; empty if unknown
     */
    public record OriginSettings(Origins.Folders folders, String host) {
        /** The folders of this machine, without a name. */
        public static final OriginSettings DEFAULT =
                new OriginSettings(new Origins.Folders(Path.of("/proc"), Path.of("/sys/fs/cgroup")), "");
    }

    /**
     * Settings with the folders of this machine.
     *
     * @param socket the path of the socket
     * @param socketMode the permissions of the socket
     * @param limits the bounds
     * @param tcp the port beside the socket; empty for none
     */
    public IpcSettings(Path socket, String socketMode, Limits limits, Optional<TcpSettings> tcp) {
        this(
                socket,
                socketMode,
                limits,
                new Ports(tcp, Optional.empty()),
                OriginSettings.DEFAULT,
                ResourceSettings.DEFAULT);
    }

    /**
     * The bounds of the server.
     *
     * @param connections the number of connections of the socket; the port has half as many
     * @param streams the number of parallel calls on one connection
     * @param times the times after which something is closed
     * @param shared the quantities that all callers share
     * @param request the bounds of one request
     */
    public record Limits(int connections, int streams, Times times, Shared shared, RequestLimits request) {
        /**
         * The defaults of {@code reference.conf}, for a server without a configuration.
         *
         * @return the bounds
         */
        public static Limits defaults() {
            return new Limits(
                    1024,
                    100,
                    new Times(Duration.ofSeconds(60), Duration.ofSeconds(10), Duration.ofSeconds(20)),
                    new Shared(1024, 256, 16, 16 << 20),
                    new RequestLimits(16_384, 16_384, 65_536));
        }
    }

    /**
     * The times after which something is closed, or proves that it is alive.
     *
     * @param idle a connection without a request, or with an unread answer, is closed
     * @param request a connection or a call whose first complete request has not come is closed
     * @param heartbeat a quiet watch gets a sign of life
     */
    public record Times(Duration idle, Duration request, Duration heartbeat) {}

    /**
     * The quantities that all callers share. A user of the socket, or an address of the port, may hold at most as much
     * as is left free.
     *
     * @param requests the number of requests under way beyond the first of each connection
     * @param watches the number of watches beyond the first of each connection
     * @param lists the number of lists of all entities under way
     * @param unread the bytes of answers that callers have not taken
     */
    public record Shared(int requests, int watches, int lists, int unread) {}

    /**
     * The bounds of one request, in bytes.
     *
     * @param line the request line
     * @param headers all headers together
     * @param body the body, or a gRPC message
     */
    public record RequestLimits(int line, int headers, int body) {}

    /**
     * Checks the permissions.
     *
     * @throws IllegalArgumentException if the permissions are not octal
     */
    public IpcSettings {
        SocketFile.permissions(socketMode);
    }
}
