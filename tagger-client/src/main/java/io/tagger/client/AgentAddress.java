package io.tagger.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the agent, by the one rule of all clients. The first of these that is set counts:
 *
 * <ol>
 *   <li>the option of the command line
 *   <li>the system property {@code tagger.client.agent}, or the environment's {@code TAGGER_CLIENT_AGENT}
 *   <li>the environment's {@code TAGGER_IPC_SOCKET}, a path; its old name
 *   <li>{@code tagger.client.agent} in the configuration file
 *   <li>{@code tagger.ipc.socket} in the configuration file: the agent's own file names its socket
 *   <li>this machine's sockets: {@code /run/tagger/tagger.sock}, {@code $XDG_RUNTIME_DIR/tagger/tagger.sock}
 * </ol>
 */
public final class AgentAddress {
    private static final String AGENT = "agent";
    private static final String OLD_VARIABLE = "TAGGER_IPC_SOCKET";

    private AgentAddress() {}

    /**
     * Files for a connection over TCP.
     *
     * @param authority the file with certificates to trust; empty: the setting {@code tagger.client.authority}
     * @param token the file with the token; empty: the setting {@code tagger.client.token-file}
     */
    public record TcpFiles(Optional<String> authority, Optional<String> token) {
        /** The files of the settings alone. */
        public static final TcpFiles OF_SETTINGS = new TcpFiles(Optional.empty(), Optional.empty());
    }

    /**
     * Finds the agent.
     *
     * @param named the option of the command line; empty for none
     * @param files the files for a connection over TCP
     * @param settings the settings of the process
     * @return the endpoint
     * @throws IllegalStateException if a setting in use is no address, names a missing file, or can't be read
     */
    public static Endpoint find(Optional<String> named, TcpFiles files, ProcessSettings settings) {
        String address = address(named, settings);
        boolean isTcp = address.startsWith("tls:") || address.startsWith("tcp:");
        try {
            return Endpoint.parse(
                    address,
                    isTcp ? file(settings, "authority", files.authority) : "",
                    isTcp ? file(settings, "token-file", files.token) : "",
                    settings.environment());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException((named.isPresent() ? "" : "tagger.client.agent: ") + e.getMessage(), e);
        }
    }

    private static String address(Optional<String> named, ProcessSettings settings) {
        Optional<String> above = named.isPresent() ? named : settings.aboveFile(AGENT);
        if (above.isPresent() && !above.get().isEmpty()) {
            return above.get();
        }
        String old = settings.environment().getOrDefault(OLD_VARIABLE, "");
        if (!old.isEmpty()) {
            return "unix:" + old;
        }
        Optional<String> inFile = settings.get(AGENT);
        if (inFile.isPresent()) {
            return inFile.get();
        }
        Optional<String> socket = settings.inFile("tagger.ipc.socket");
        return socket.isPresent() ? "unix:" + socket.get() : "";
    }

    private static String file(ProcessSettings settings, String option, Optional<String> named) {
        String file = (named.isPresent() ? named : settings.get(option)).orElse("");
        if (!file.isEmpty() && !Files.exists(Path.of(file))) {
            throw new IllegalStateException((named.isPresent() ? "--" + option : "tagger.client." + option) + " is '"
                    + file + "', and there is no such file");
        }
        return file;
    }
}
