package io.tagger.cli;

import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.client.AgentException;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.OriginResponse;
import io.tagger.origin.Origins;
import io.tagger.origin.OwnClaim;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tagger self}. */
@Command(
        name = "self",
        mixinStandardHelpOptions = true,
        description =
                "Prints the entity of this process, a container or the process itself, and its tags, a line each.")
final class SelfCommand extends BaseCommand {
    private static final Origins.Folders FOLDERS = new Origins.Folders(Path.of("/proc"), Path.of("/sys/fs/cgroup"));

    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Mixin
    private WaitOption wait = new WaitOption();

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    SelfCommand() {}

    @Override
    public Integer call() {
        try (AgentConnection agent = address.connect()) {
            OriginResponse answer = Answers.await(
                    agent,
                    agent.self(
                            OwnClaim.of(FOLDERS),
                            cardinality.level(),
                            wait.time(),
                            Answers.PATIENCE.plus(wait.time())));
            print(answer, out());
            if (!answer.getEntity().getComplete()) {
                err().println("tagger: not all collectors have answered; there may be more tags");
            }
            return Main.OK;
        } catch (AgentException e) {
            if (!e.unknownEntity()) {
                throw e;
            }
            err().println("tagger: " + e.getMessage());
            return Main.UNKNOWN_ENTITY;
        }
    }

    private void print(OriginResponse answer, PrintWriter out) {
        if (isJson()) {
            JsonObject json = json(answer.getEntity())
                    .put("how", answer.getHow())
                    .put("cardinality", cardinality.level().toString())
                    .put(
                            "standard",
                            new JsonArray(new ArrayList<>(answer.getEntity().getStandardList())))
                    .put("complete", answer.getEntity().getComplete());
            if (answer.hasAround()) {
                json.put("around", json(answer.getAround()));
            }
            out.println(Output.json(json.encode()));
            return;
        }
        out.println(Output.line(answer.getEntity().getId() + " (" + answer.getHow() + ")"));
        tags(answer.getEntity()).forEach(tag -> out.println("  " + Output.line(tag)));
        if (answer.hasAround()) {
            out.println(Output.line("in " + answer.getAround().getId()));
            tags(answer.getAround()).forEach(tag -> out.println("  " + Output.line(tag)));
        }
    }

    private static JsonObject json(Entity entity) {
        return new JsonObject().put("entity", entity.getId()).put("tags", new JsonArray(tags(entity)));
    }

    private static List<String> tags(Entity entity) {
        List<String> tags = new ArrayList<>(entity.getLowList());
        tags.addAll(entity.getOrchestratorList());
        tags.addAll(entity.getHighList());
        return tags;
    }
}
