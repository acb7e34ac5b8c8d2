package io.tagger.agent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where the socket is, if nobody says. */
final class SocketPath {
    private static final String FILE = "tagger/tagger.sock";

    private SocketPath() {}

    /**
     * Where an agent serves: {@code /run/tagger/tagger.sock} if this user may write there, else in the user's own run-time directory.
     *
     * @throws IllegalStateException if there is neither
     */
    static Path toServe(Map<String, String> environment) {
        for (Path candidate : candidates(environment)) {
            Path directory = candidate.getParent();
            Path existing = Files.isDirectory(directory) ? directory : directory.getParent();
            if (Files.isWritable(existing)) {
                return candidate;
            }
        }
        throw new IllegalStateException("there is no place for the socket: this user may not write to "
                + candidates(environment) + "; name another with --socket, or set XDG_RUNTIME_DIR");
    }

    /** Where an agent is to be found: the first of the places where one serves that has a socket. */
    static Path toAsk(Map<String, String> environment) {
        List<Path> candidates = candidates(environment);
        return candidates.stream().filter(Files::exists).findFirst().orElse(candidates.get(0));
    }

    private static List<Path> candidates(Map<String, String> environment) {
        List<Path> candidates = new ArrayList<>(List.of(Path.of("/run", FILE)));
        String own = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (!own.isEmpty()) {
            candidates.add(Path.of(own, FILE));
        }
        return candidates;
    }
}
