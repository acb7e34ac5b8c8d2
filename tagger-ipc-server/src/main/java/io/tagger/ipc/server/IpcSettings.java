package io.tagger.ipc.server;

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
 * @param tcp the port beside the socket; empty for none
 */
public record IpcSettings(Path socket, String socketMode, Limits limits, Optional<TcpSettings> tcp) {
    /**
     * The bounds of the server.
     *
     * @param connections the number of connections
     * @param idleTimeout the time after which an idle connection is closed
     * @param misses the number of misses with a parallel wait
     * @param streams the number of parallel calls on one connection
     * @param request the bounds of one request
     */
    public record Limits(int connections, Duration idleTimeout, int misses, int streams, RequestLimits request) {}

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
