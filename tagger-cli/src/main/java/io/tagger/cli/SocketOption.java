package io.tagger.cli;

import io.tagger.config.ConfigLayers;
import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.client.Endpoint;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options {@code --socket} and {@code --config}, for the connection to the agent. */
final class SocketOption {
    private static final String KEY = "ipc.socket";

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description =
                    "The agent's socket. Default: tagger.ipc.socket of the configuration, else /run/tagger/tagger.sock or"
                            + " $XDG_RUNTIME_DIR/tagger/tagger.sock.")
    private Optional<Path> socket = Optional.empty();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file. Default: $TAGGER_CONF, else /etc/tagger/tagger.conf.")
    private Optional<Path> config = Optional.empty();

    /** For picocli. */
    SocketOption() {}

    /** The connection to the agent; the caller closes the connection. */
    AgentConnection connect() {
        return AgentConnection.to(socket.or(this::configured)
                .map(Endpoint.Unix::new)
                .orElseGet(() -> Endpoint.Unix.ofMachine(System.getenv())));
    }

    /** The socket in the agent's configuration. The agent itself checks the rest of the configuration. */
    private Optional<Path> configured() {
        try {
            return ConfigLayers.ofProcess(config)
                    .peek(KEY)
                    .filter(path -> !path.isEmpty())
                    .map(Path::of);
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "the configuration can't be read: " + e.getMessage() + "; name the socket with --socket", e);
        }
    }
}
