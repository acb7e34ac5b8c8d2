package io.tagger.ipc.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where an agent serves. */
public sealed interface Endpoint {
    /**
     * A Unix socket.
     *
     * @param places where it may be; whenever it is connected to, the first one that is there is taken
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
         * The agent of this machine, where one serves if nobody says where.
         *
         * @param environment the process's environment, for {@code XDG_RUNTIME_DIR}
         * @return the endpoint
         */
        public static Unix ofMachine(Map<String, String> environment) {
            return new Unix(places(environment));
        }

        /**
         * The socket as it stands now.
         *
         * @return the first place that there is; the first one where there is none
         */
        public Path path() {
            return places.size() == 1
                    ? places.get(0) // every call asks for it
                    : places.stream().filter(Files::exists).findFirst().orElse(places.get(0));
        }

        /**
         * The places where an agent serves if nobody says where.
         *
         * @param environment the process's environment, for {@code XDG_RUNTIME_DIR}
         * @return the paths, the preferred one first
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
     * A port, which is spoken to with TLS unless it is said otherwise.
     *
     * @param host the name or address, as the agent's certificate has it
     * @param port the port
     * @param tls whether it is encrypted
     * @param authority PEM certificates to trust; those of the JVM if it is empty
     * @param token a file with the agent's token; read again for every call. None is sent if it is empty
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
     * @param text {@code unix:PATH}, {@code tls://HOST:PORT} or {@code tcp://HOST:PORT}; empty: the agent of this machine
     * @param authority a file with certificates to trust; may be empty
     * @param token a file with a token; may be empty
     * @param environment the process's environment
     * @return the endpoint
     * @throws IllegalArgumentException if it is none of these
     */
    static Endpoint parse(String text, String authority, String token, Map<String, String> environment) {
        if (text.isEmpty()) {
            return Unix.ofMachine(environment);
        }
        if (text.startsWith("unix:") && text.length() > "unix:".length()) {
            return new Unix(Path.of(text.substring("unix:".length())));
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
