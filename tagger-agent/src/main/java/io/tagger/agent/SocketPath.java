package io.tagger.agent;

import io.tagger.ipc.client.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where the socket is, if nobody says. */
final class SocketPath {
    private SocketPath() {}

    /**
     * Where an agent serves: {@code /run/tagger/tagger.sock} if this user may write there, else in the user's own run-time directory.
     *
     * @throws IllegalStateException if there is neither
     */
    static Path toServe(Map<String, String> environment) {
        for (Path candidate : Endpoint.Unix.places(environment)) {
            Path directory = candidate.getParent();
            Path existing = Files.isDirectory(directory) ? directory : directory.getParent();
            if (Files.isWritable(existing)) {
                return candidate;
            }
        }
        throw new IllegalStateException("there is no place for the socket: this user may not write to "
                + Endpoint.Unix.places(environment) + "; name another with --socket, or set XDG_RUNTIME_DIR");
    }
}
