package io.tagger.agent;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code --socket}, and where the agent is to be asked. */
final class SocketOption {
    private static final String VARIABLE = "TAGGER_IPC_SOCKET";

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description =
                    "The agent's socket; else tagger.ipc.socket of the configuration, else /run/tagger/tagger.sock or"
                            + " $XDG_RUNTIME_DIR/tagger/tagger.sock.")
    private Optional<Path> socket = Optional.empty();

    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    SocketOption() {}

    Path path() {
        return socket.or(() -> Optional.ofNullable(System.getenv(VARIABLE)).map(Path::of))
                .or(this::configured)
                .orElseGet(() -> SocketPath.toAsk(System.getenv()));
    }

    private Optional<Path> configured() {
        if (!config.isThere()) {
            return Optional.empty(); // reading the defaults of all jars would only cost time
        }
        String path = config.load(ConfigOption.collectors()).text("ipc.socket");
        return path.isEmpty() ? Optional.empty() : Optional.of(Path.of(path));
    }
}
