package io.tagger.cli;

import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Event;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tagger watch}. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = "Prints all entities, then changes as they happen, a line each, until Ctrl-C.")
final class WatchCommand extends BaseCommand {
    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "PREFIX",
            description = "Only entities of this kind; may be repeated.")
    private List<String> prefixes = List.of();

    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Mixin
    private AgentOption address = new AgentOption();

    /** The entities printed so far. */
    private final Set<String> entities = new HashSet<>();

    /** For picocli. */
    WatchCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        try (AgentConnection agent = address.connect()) {
            Answers.follow(agent, agent.watch(prefixes, cardinality.level(), response -> {
                response.getEventsList().forEach(event -> print(event, out));
                out.flush();
            }));
        }
        return Main.OK;
    }

    private void print(Event event, PrintWriter out) {
        Entity entity = event.getEntity();
        String id = entity.getId();
        String type =
                switch (event.getType()) {
                    case SET -> entities.add(id) ? "added" : "modified";
                    case DELETED -> entities.remove(id) ? "deleted" : "";
                    case SYNCED -> "synced";
                    default -> "";
                };
        if (type.isEmpty()) {
            return; // the entity came and went between two looks
        }
        List<String> tags = ListCommand.tags(entity);
        boolean isSet = event.getType() == Event.Type.SET;
        if (isJson()) {
            JsonObject object = new JsonObject().put("type", type);
            if (!id.isEmpty()) {
                object.put("entity", id);
            }
            out.println(Output.json((isSet ? object.put("tags", new JsonArray(tags)) : object).encode()));
        } else {
            out.println(String.format("%-8s  %s  %s", type, Output.line(id), ListCommand.line(tags))
                    .stripTrailing());
        }
    }
}
