package io.tagger.agent;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tagger watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description =
                "Prints what there is, then what changes as it changes, a line each, until it is stopped (Ctrl-C).")
final class WatchCommand implements Callable<Integer> {
    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "PREFIX",
            description = "Only entities of this kind; may be repeated.")
    private List<String> prefixes = List.of();

    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Option(names = "--json", description = "Print the agent's events.")
    private boolean json;

    @Mixin
    private SocketOption socket = new SocketOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    WatchCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (AgentClient client = new AgentClient(socket.path())) {
            client.follow("/v1/watch?cardinality=" + cardinality.level() + ListCommand.filter(prefixes, "&"), event -> {
                out.println(json ? event.encode() : line(event));
                out.flush();
            });
        }
        return Main.OK;
    }

    private static String line(JsonObject event) {
        String entity = event.getString("entity", "");
        String tags = event.containsKey("tags") ? ListCommand.tags(event.getJsonArray("tags")) : "";
        return String.format("%-8s  %s  %s", event.getString("type"), Output.line(entity), tags)
                .stripTrailing();
    }
}
