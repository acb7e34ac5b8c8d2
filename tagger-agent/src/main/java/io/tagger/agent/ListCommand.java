package io.tagger.agent;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tagger list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Prints every entity that is known, with the tags that each source gives it.")
final class ListCommand implements Callable<Integer> {
    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "PREFIX",
            description = "Only entities of this kind; may be repeated.")
    private List<String> prefixes = List.of();

    @Option(names = "--json", description = "Print the agent's answer.")
    private boolean json;

    @Mixin
    private SocketOption socket = new SocketOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    ListCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (AgentClient client = new AgentClient(socket.path())) {
            JsonObject answer =
                    client.get("/v1/entities" + filter(prefixes, "?")).orFail();
            if (json) {
                out.println(answer.encode());
            } else {
                JsonObject entities = answer.getJsonObject("entities");
                for (String entity : entities.fieldNames()) {
                    out.println(Output.line(entity));
                    JsonObject sources = entities.getJsonObject(entity).getJsonObject("tags");
                    for (String source : sources.fieldNames()) {
                        out.println("  " + source + ": " + tags(sources.getJsonArray(source)));
                    }
                }
            }
            return Main.OK;
        }
    }

    static String tags(JsonArray tags) {
        return String.join(
                " ", tags.stream().map(tag -> Output.line(String.valueOf(tag))).toList());
    }

    static String filter(List<String> prefixes, String before) {
        return prefixes.isEmpty()
                ? ""
                : before
                        + String.join(
                                "&",
                                prefixes.stream()
                                        .map(prefix -> "prefix=" + AgentClient.query(prefix))
                                        .toList());
    }
}
