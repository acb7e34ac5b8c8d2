package io.tagger.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The address of an agent. */
public sealed interface Endpoint {
    /**
     * A Unix socket.
     *
     * @param places the possible paths; each connection takes the first existing path
     */
    record Unix(List<Path> places) implements Endpoint {
        /** Copies the list. */
        public Unix {
            places = List.copyOf(places);
        }

        /**
         * The socket of this path.
         *
         * @param path the socket
         */
        public Unix(Path path) {
            this(List.of(path));
        }

        /**
         * The default socket of the agent on this machine.
         *
         * @param environment the process's environment, for {@code XDG_RUNTIME_DIR}
         * @return the endpoint
         */
        public static Unix ofMachine(Map<String, String> environment) {
            return new Unix(places(environment));
        }

        /**
         * The path of the socket at this moment.
         *
         * @return the first existing path; without one, the first path
         */
        public Path path() {
            return places.size() == 1
                    ? places.get(0) // read by every call
                    : places.stream().filter(Files::exists).findFirst().orElse(places.get(0));
        }

        /**
         * The default paths of an agent's socket.
         *
         * @param environment the process's environment, for {@code XDG_RUNTIME_DIR}
         * @return the paths, the preferred path first
         */
        public static List<Path> places(Map<String, String> environment) {
            String file = "tagger/tagger.sock";
            String own = environment.getOrDefault("XDG_RUNTIME_DIR", "");
            Path system = Path.of("/run", file);
            return own.isEmpty() ? List.of(system) : List.of(system, Path.of(own, file));
        }

        @Override
        public String toString() {
            return places.size() == 1 || Files.exists(path())
                    ? path().toString()
                    : String.join(" or ", places.stream().map(Path::toString).toList());
        }
    }

    /**
     * A TCP port, with TLS unless disabled.
     *
     * @param host the name or address in the agent's certificate
     * @param port the port
     * @param tls whether the connection is encrypted
     * @param authority PEM certificates to trust; empty: the certificates of the JVM
     * @param token a file with the agent's token, read again for every call; empty: no token is sent
     */
    record Tcp(String host, int port, boolean tls, Optional<Path> authority, Optional<Path> token) implements Endpoint {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * Reads how an endpoint is written.
     *
     * @param text {@code unix:PATH}, a path that begins with a slash, {@code tls://HOST:PORT} or {@code tcp://HOST:PORT}; empty: the agent of this
     *     machine
     * @param authority a file with certificates to trust; may be empty
     * @param token a file with a token; may be empty
     * @param environment the process's environment
     * @return the endpoint
     * @throws IllegalArgumentException if the text is no endpoint
     */
    static Endpoint parse(String text, String authority, String token, Map<String, String> environment) {
        if (text.isEmpty()) {
            return Unix.ofMachine(environment);
        }
        if (text.startsWith("unix:") && text.length() > "unix:".length()) {
            return new Unix(Path.of(text.substring("unix:".length())));
        }
        if (text.startsWith("/")) {
            return new Unix(Path.of(text));
        }
        boolean tls = text.startsWith("tls://");
        int colon = text.lastIndexOf(':');
        if ((tls || text.startsWith("tcp://")) && colon > "tls://".length()) {
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port > 0 && port < 65_536) {
                    return new Tcp(text.substring("tls://".length(), colon), port, tls, file(authority), file(token));
                }
            } catch (NumberFormatException e) {
                // As if there was no port.
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no place where an agent serves: unix:PATH, tls://HOST:PORT or tcp://HOST:PORT");
    }

    private static Optional<Path> file(String path) {
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }
}
