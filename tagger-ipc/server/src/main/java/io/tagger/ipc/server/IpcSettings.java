package io.tagger.ipc.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and within which bounds a tagger is served. What each value is for stands in {@code reference.conf}, block {@code tagger.ipc}.
 *
 * @param socket the path of the socket
 * @param socketMode its permissions, {@code 0660} for instance
 * @param connections how many connections there may be
 * @param requestLine the most bytes of a request line
 * @param headers the most bytes of a request's headers
 * @param body the most bytes of a request's body
 * @param idleTimeout when a connection that does nothing is closed
 * @param misses how many misses are waited for beside each other
 * @param streams how many calls one connection may have under way
 * @param tcp the port that is served as well
 */
public record IpcSettings(
        Path socket,
        String socketMode,
        int connections,
        int requestLine,
        int headers,
        int body,
        Duration idleTimeout,
        int misses,
        int streams,
        Optional<TcpSettings> tcp) {
    /**
     * Checks the permissions.
     *
     * @throws IllegalArgumentException if they are not octal
     */
    public IpcSettings {
        SocketFile.permissions(socketMode);
    }
}
