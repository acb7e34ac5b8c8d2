package io.tagger.cli;

import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import io.tagger.client.OriginAnswer;
import io.tagger.client.ResourceAnswer;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tagger self}. */
@Command(
        name = "self",
        mixinStandardHelpOptions = true,
        description =
                "Prints the entity of this process, a container or the process itself, and its tags, a line each.")
final class SelfCommand extends BaseCommand {
    @Mixin
    private CardinalityOption cardinality = new CardinalityOption();

    @Mixin
    private WaitOption wait = new WaitOption();

    @Option(names = "--otel", description = "Print attributes by OpenTelemetry's semantic conventions instead of tags.")
    private boolean hasAttributes;

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    SelfCommand() {}

    @Override
    public Integer call() {
        try (AgentConnection agent = address.connect()) {
            if (hasAttributes) {
                ResourceAnswer resource = Answers.await(
                        agent, agent.resource(Optional.empty(), wait.time(), Answers.PATIENCE.plus(wait.time())));
                print(resource, out());
                hint(resource.complete());
                return Main.OK;
            }
            OriginAnswer answer = Answers.await(
                    agent, agent.self(cardinality.level(), wait.time(), Answers.PATIENCE.plus(wait.time())));
            print(answer, out());
            hint(answer.complete());
            return Main.OK;
        } catch (AgentException e) {
            if (!e.unknownEntity()) {
                throw e;
            }
            err().println("tagger: " + e.getMessage());
            return Main.UNKNOWN_ENTITY;
        }
    }

    private void hint(boolean isComplete) {
        if (!isComplete) {
            err().println("tagger: not all collectors have answered; there may be more tags");
        }
    }

    private void print(ResourceAnswer answer, PrintWriter out) {
        if (isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("entity", answer.entity());
            json.put("conventions", answer.conventions());
            json.put("attributes", answer.attributes());
            json.put("complete", answer.complete());
            out.println(Output.json(json));
            return;
        }
        out.println(Output.line(answer.entity()));
        answer.attributes().forEach((name, value) -> out.println("  " + Output.line(name + "=" + value)));
    }

    private void print(OriginAnswer answer, PrintWriter out) {
        OriginAnswer.Found around = answer.around();
        if (isJson()) {
            Map<String, Object> json = json(answer.self());
            json.put("how", answer.how());
            json.put("cardinality", cardinality.level().toString());
            json.put("standard", answer.standard());
            json.put("complete", answer.complete());
            if (around != null) {
                json.put("around", json(around));
            }
            out.println(Output.json(json));
            return;
        }
        out.println(Output.line(answer.self().entity() + " (" + answer.how() + ")"));
        answer.self().tags().forEach(tag -> out.println("  " + Output.line(tag)));
        if (around != null) {
            out.println(Output.line("in " + around.entity()));
            around.tags().forEach(tag -> out.println("  " + Output.line(tag)));
        }
    }

    private static Map<String, Object> json(OriginAnswer.Found found) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("entity", found.entity());
        json.put("tags", found.tags());
        return json;
    }
}
