package io.tagger.agent;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options {@code -s} and {@code -c} of a command beside an agent of this machine: the agent's socket and configuration. */
public final class AgentPlaces {
    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description = "The agent's socket. Default: tagger.ipc.socket of the configuration, else"
                    + " /run/tagger/tagger.sock or $XDG_RUNTIME_DIR/tagger/tagger.sock.")
    private Optional<Path> socket = Optional.empty();

    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    public AgentPlaces() {}

    /**
     * The socket of the agent.
     *
     * @return the path, whether an agent serves there or not
     */
    public Path socket() {
        return socket.orElseGet(() -> {
            String text = config.layers().peek("ipc.socket").orElse("");
            return text.isEmpty() ? SocketPath.toServe(System.getenv()) : Path.of(text);
        });
    }

    /**
     * The configuration file.
     *
     * @return the file; empty for none
     */
    public Optional<Path> file() {
        return config.file();
    }

    /**
     * Reads the configuration, as an agent would at its start.
     *
     * @return the configuration
     * @throws io.tagger.config.InvalidConfigurationException with every problem found
     */
    public Loaded configure() {
        AgentLog.install();
        return config.load();
    }
}
