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
     * @param path the socket
     */
    record Unix(Path path) implements Endpoint {
        /**
         * Where an agent of this machine is to be found: the first of the places where one serves that has a socket.
         *
         * @param environment the process's environment, for {@code XDG_RUNTIME_DIR}
         * @return the endpoint; the system's place where there is no socket at all
         */
        public static Unix ofMachine(Map<String, String> environment) {
            List<Path> places = places(environment);
            return new Unix(places.stream().filter(Files::exists).findFirst().orElse(places.get(0)));
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
            return path.toString();
        }
    }

    /**
     * A port, which is spoken to with TLS unless it is said otherwise.
     *
     * @param host the name or address, as the agent's certificate has it
     * @param port the port
     * @param tls whether it is encrypted
     * @param authority PEM certificates to trust; those of the JVM if it is empty
     * @param token a file with the agent's token; read again for every connection. None is sent if it is empty
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
