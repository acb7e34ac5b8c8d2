package io.tagger.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.client.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --socket}, and where the agent is to be asked. */
final class SocketOption {
    private static final String VARIABLE = "TAGGER_IPC_SOCKET";
    private static final String KEY = "tagger.ipc.socket";
    private static final Path SYSTEM_FILE = Path.of("/etc/tagger/tagger.conf");

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description =
                    "The agent's socket; else tagger.ipc.socket of the configuration, else /run/tagger/tagger.sock or"
                            + " $XDG_RUNTIME_DIR/tagger/tagger.sock.")
    private Optional<Path> socket = Optional.empty();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration; else the file that TAGGER_CONF names, else /etc/tagger/tagger.conf.")
    private Optional<Path> config = Optional.empty();

    /** For picocli. */
    SocketOption() {}

    /** The agent to ask, which the caller closes. */
    AgentConnection connect() {
        return AgentConnection.to(
                path().map(Endpoint.Unix::new).orElseGet(() -> Endpoint.Unix.ofMachine(System.getenv())));
    }

    private Optional<Path> path() {
        return socket.or(() -> Optional.ofNullable(System.getenv(VARIABLE)).map(Path::of))
                .or(this::configured);
    }

    /** Where the agent's configuration has it; whether that is right in all else is for the agent to say. */
    private Optional<Path> configured() {
        Optional<Path> named = config.or(
                () -> Optional.ofNullable(System.getenv("TAGGER_CONF")).map(Path::of));
        Path file = named.orElse(SYSTEM_FILE);
        if (!Files.isReadable(file)) {
            if (named.isPresent()) {
                throw new IllegalArgumentException("the configuration " + file + " can't be read");
            }
            return Optional.empty();
        }
        try {
            Config settings = ConfigFactory.parseFile(file.toFile());
            String path = settings.hasPath(KEY) ? settings.getString(KEY) : "";
            return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
        } catch (ConfigException e) {
            throw new IllegalArgumentException(
                    "the configuration can't be read: " + e.getMessage() + "; name the socket with --socket", e);
        }
    }
}
