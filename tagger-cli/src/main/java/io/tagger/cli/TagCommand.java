package io.tagger.cli;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import io.tagger.client.TagAnswer;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
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
            TagAnswer answer =
                    Answers.await(agent, agent.tag(id, level, wait.time(), Answers.PATIENCE.plus(wait.time())));
            if (isJson()) {
                out.println(Output.json(json(id, level, answer)));
            }
            if (!answer.complete() && answer.tags().isEmpty()) {
                throw new IllegalStateException("the agent can't tell yet which tags " + id
                        + " has: not all collectors have answered; 'tagger collectors' shows the reason");
            }
            if (!isJson()) {
                answer.tags().forEach(tag -> out.println(Output.line(tag)));
            }
            if (!answer.complete()) {
                err().println("tagger: not all collectors have answered; there may be more tags");
            }
            return Main.OK;
        } catch (AgentException e) {
            if (!e.unknownEntity()) {
                throw e;
            }
            err().println("tagger: no collector knows the entity " + id);
            return Main.UNKNOWN_ENTITY;
        }
    }

    private static Map<String, Object> json(EntityId id, Cardinality level, TagAnswer answer) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("entity", id.toString());
        json.put("cardinality", level.toString());
        json.put("tags", answer.tags());
        json.put("complete", answer.complete());
        return json;
    }
}
