package io.tagger.cli;

import io.tagger.client.AgentAddress;
import io.tagger.client.AgentConnection;
import io.tagger.client.Endpoint;
import io.tagger.client.ProcessSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options for the connection to the agent: {@code --agent} or {@code --socket}, and {@code --config}. */
final class AgentOption {
    /** The address, in one of two forms. */
    private static final class Address {
        @Option(
                names = {"-a", "--agent"},
                paramLabel = "ADDRESS",
                description = "The agent: unix:PATH, tls://HOST:PORT or tcp://HOST:PORT. Default: $TAGGER_CLIENT_AGENT,"
                        + " $TAGGER_IPC_SOCKET, tagger.client.agent or tagger.ipc.socket of the configuration, else"
                        + " /run/tagger/tagger.sock or $XDG_RUNTIME_DIR/tagger/tagger.sock.")
        private Optional<String> agent = Optional.empty();

        @Option(
                names = {"-s", "--socket"},
                paramLabel = "PATH",
                description = "The agent's socket; short for --agent unix:PATH.")
        private Optional<Path> socket = Optional.empty();

        /** For picocli. */
        Address() {}
    }

    @ArgGroup
    private Address address = new Address();

    @Option(
            names = "--authority",
            paramLabel = "FILE",
            description = "PEM certificates to trust with tls://. Default: tagger.client.authority.")
    private Optional<String> authority = Optional.empty();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "The file with the agent's token, for TCP. Default: tagger.client.token-file.")
    private Optional<String> token = Optional.empty();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file. Default: $TAGGER_CONF, else /etc/tagger/tagger.conf.")
    private Optional<Path> config = Optional.empty();

    /** For picocli. */
    AgentOption() {}

    /** The connection to the agent; the caller closes the connection. */
    AgentConnection connect() {
        return AgentConnection.to(endpoint());
    }

    /** The address by the rule of all clients. The agent itself checks the rest of the configuration. */
    private Endpoint endpoint() {
        Optional<String> named = address.agent.or(() -> address.socket.map(path -> "unix:" + path));
        try {
            return AgentAddress.find(
                    named, new AgentAddress.TcpFiles(authority, token), ProcessSettings.ofProcess(config));
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    named.isPresent() ? e.getMessage() : e.getMessage() + "; or name the agent with --agent", e);
        }
    }
}
