package io.tagger.cli;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.v1.TagResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tagger tag}. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        description = "Prints the tags of an entity, a line each; on a cache miss the agent asks its collectors.")
final class TagCommand extends BaseCommand {
    @Parameters(paramLabel = "ENTITY", description = "prefix://id, such as container_id://3f4ab0... or process://4711")
    private String entity = "";

    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Mixin
    private WaitOption wait = new WaitOption();

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    TagCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        EntityId id;
        try {
            id = EntityId.parse(entity);
        } catch (IllegalArgumentException e) {
            throw wrongUsage(e.getMessage());
        }
        Cardinality level = cardinality.level();
        try (AgentConnection agent = address.connect()) {
            TagResponse answer =
                    Answers.await(agent, agent.tag(id, level, wait.time(), Answers.PATIENCE.plus(wait.time())));
            if (!answer.getKnown() && answer.getComplete()) {
                err().println("tagger: no collector knows the entity " + id);
                return Main.UNKNOWN_ENTITY;
            }
            if (isJson() && !answer.getComplete()) {
                out.println(Output.json(json(id, level, answer).encode()));
            }
            if (!answer.getComplete() && answer.getTagsList().isEmpty()) {
                throw new IllegalStateException("the agent can't tell yet which tags " + id
                        + " has: not all collectors have answered; 'tagger collectors' shows the reason");
            }
            if (!isJson()) {
                answer.getTagsList().forEach(tag -> out.println(Output.line(tag)));
            } else if (answer.getComplete()) {
                out.println(Output.json(json(id, level, answer).encode()));
            }
            if (!answer.getComplete()) {
                err().println("tagger: not all collectors have answered; there may be more tags");
            }
            return Main.OK;
        }
    }

    private static JsonObject json(EntityId id, Cardinality level, TagResponse answer) {
        return new JsonObject()
                .put("entity", id.toString())
                .put("cardinality", level.toString())
                .put("tags", new JsonArray(new ArrayList<>(answer.getTagsList())))
                .put("complete", answer.getComplete());
    }
}
