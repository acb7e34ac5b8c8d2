package io.tagger.agent;

import io.tagger.client.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The default paths of the socket. */
final class SocketPath {
    private SocketPath() {}

    /**
     * The default path of an agent: {@code /run/tagger/tagger.sock} if writable for this user, else a path in the
     * user's own run-time directory.
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
                + Endpoint.Unix.places(environment) + "; set --socket or XDG_RUNTIME_DIR");
    }
}
