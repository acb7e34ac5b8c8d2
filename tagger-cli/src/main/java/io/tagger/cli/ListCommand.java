package io.tagger.cli;

import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Source;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tagger list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Prints every entity in the agent, with the tags of each source.")
final class ListCommand extends BaseCommand {
    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "PREFIX",
            description = "Only entities of this kind; may be repeated.")
    private List<String> prefixes = List.of();

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    ListCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        SortedMap<String, Entity> entities = new TreeMap<>();
        try (AgentConnection agent = address.connect()) {
            Answers.await(agent, agent.list(prefixes, part -> part.getEntitiesList()
                    .forEach(entity -> entities.put(entity.getId(), entity))));
        }
        if (isJson()) {
            JsonObject object = new JsonObject();
            entities.forEach((id, entity) -> {
                JsonObject sources = new JsonObject();
                sources(entity).forEach((source, tags) -> sources.put(source, new JsonArray(tags)));
                object.put(id, new JsonObject().put("tags", sources));
            });
            out.println(Output.json(new JsonObject().put("entities", object).encode()));
        } else {
            entities.forEach((id, entity) -> {
                out.println(Output.line(id));
                sources(entity).forEach((source, tags) -> out.println("  " + source + ": " + line(tags)));
            });
        }
        return Main.OK;
    }

    /** The tags of each source, by source name. */
    private static SortedMap<String, List<String>> sources(Entity entity) {
        SortedMap<String, List<String>> sources = new TreeMap<>();
        for (Source source : entity.getSourcesList()) {
            sources.put(
                    source.getName(),
                    source.getAll()
                            ? tags(entity)
                            : concat(source.getLowList(), source.getOrchestratorList(), source.getHighList()));
        }
        return sources;
    }

    /** The merged tags of an entity. */
    static List<String> tags(Entity entity) {
        return concat(entity.getLowList(), entity.getOrchestratorList(), entity.getHighList());
    }

    private static List<String> concat(List<String> low, List<String> orchestrator, List<String> high) {
        List<String> tags = new ArrayList<>(low);
        tags.addAll(orchestrator);
        tags.addAll(high);
        return tags;
    }

    /** Tags in one line. */
    static String line(List<String> tags) {
        return String.join(" ", tags.stream().map(Output::line).toList());
    }
}
