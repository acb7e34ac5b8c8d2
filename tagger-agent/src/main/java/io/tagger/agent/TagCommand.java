package io.tagger.agent;

import io.tagger.api.EntityId;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tagger tag}. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        description = "Prints the tags of an entity, a line each; asks the collectors if they are not known yet.")
final class TagCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ENTITY", description = "prefix://id, such as container_id://3f4ab0...")
    private String entity = "";

    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Option(names = "--json", description = "Print the agent's answer.")
    private boolean json;

    @Mixin
    private SocketOption socket = new SocketOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    TagCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        EntityId id;
        try {
            id = EntityId.parse(entity);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        try (AgentClient client = new AgentClient(socket.path())) {
            AgentClient.Answer answer = client.get(
                    "/v1/tags?entity=" + AgentClient.query(id.toString()) + "&cardinality=" + cardinality.level());
            if (answer.status() == 404) {
                spec.commandLine().getErr().println("tagger: " + answer.error());
                return Main.UNKNOWN_ENTITY;
            }
            JsonObject body = answer.orFail();
            boolean complete = body.getBoolean("complete");
            if (!complete && body.getJsonArray("tags").isEmpty()) {
                throw new IllegalStateException("it can't be told yet which tags " + id
                        + " has: not all collectors have answered; 'tagger collectors' says why");
            }
            if (json) {
                out.println(body.encode());
            } else {
                body.getJsonArray("tags").forEach(tag -> out.println(Output.line(String.valueOf(tag))));
                if (!complete) {
                    spec.commandLine()
                            .getErr()
                            .println("tagger: not all collectors have answered; there may be more tags");
                }
            }
            return Main.OK;
        }
    }
}
