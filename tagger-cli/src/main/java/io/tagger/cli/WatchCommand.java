package io.tagger.cli;

import io.tagger.client.AgentConnection;
import io.tagger.client.EntityReport;
import io.tagger.client.WatchEvents;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

    /** For picocli. */
    WatchCommand() {}

    @Override
    public Integer call() {
        try (AgentConnection agent = address.connect()) {
            Answers.follow(agent, agent.watch(prefixes, cardinality.level(), new Printer()));
        }
        return Main.OK;
    }

    /** Prints the events. */
    private final class Printer implements WatchEvents {
        private final PrintWriter out = out();
        private final Set<String> printed = new HashSet<>();

        @Override
        public void set(EntityReport report, boolean isNew) {
            boolean isFirst = printed.add(report.entity());
            print(isFirst ? "added" : "modified", report.entity(), report.tags().all());
        }

        @Override
        public void deleted(String entity) {
            if (printed.remove(entity)) { // otherwise the entity came and went between two looks
                print("deleted", entity, null);
            }
        }

        @Override
        public void synced() {
            print("synced", "", null);
        }

        @Override
        public void startOver() {
            // The entities follow anew, and are printed as modified.
        }

        @Override
        public void token(String token) {
            out.flush();
        }

        private void print(String type, String entity, @Nullable List<String> tags) {
            if (isJson()) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("type", type);
                if (!entity.isEmpty()) {
                    object.put("entity", entity);
                }
                if (tags != null) {
                    object.put("tags", tags);
                }
                out.println(Output.json(object));
            } else {
                out.println(String.format(
                                "%-8s  %s  %s", type, Output.line(entity), tags == null ? "" : ListCommand.line(tags))
                        .stripTrailing());
            }
        }
    }
}
