package io.tagger.agent;

import io.tagger.cli.AgentCommand;
import io.tagger.cli.BaseCommand;
import io.tagger.cli.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tagger ui}. */
@Command(
        name = "ui",
        mixinStandardHelpOptions = true,
        description = {
            "Opens the agent's status page to a browser on this machine, until Ctrl-C: prints an address on the loopback"
                    + " interface, with a token that is good for one browser. Who may open the agent's socket sees all its"
                    + " tags; nobody else can read the page.",
            "From another machine: ssh -L 7735:127.0.0.1:7735 NODE tagger ui --port 7735"
        })
public final class UiCommand extends BaseCommand implements AgentCommand {
    @Mixin
    private AgentPlaces places = new AgentPlaces();

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The port on the loopback interface. Default: a free port.")
    private int port;

    /** For picocli. */
    public UiCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        Path path = places.socket();
        if (!Files.exists(path)) {
            throw new IllegalStateException("there is no agent at " + path + ": start it with 'tagger run', or name its"
                    + " socket with --socket");
        }
        if (!Files.isWritable(path)) {
            throw new IllegalStateException(
                    "the socket " + path + " may not be opened by this user: run the command with"
                            + " sudo, or join the group of the socket");
        }
        try (UiServer server = UiServer.start(path, port)) {
            out().println(server.address());
            out().println("The address is good for one browser; Ctrl-C ends the page.");
            out().flush();
            new CountDownLatch(1).await();
        }
        return Main.OK;
    }
}
