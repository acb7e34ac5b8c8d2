package io.tagger.cli;

import io.tagger.client.AgentConnection;
import io.tagger.client.EntityReport;
import io.tagger.client.EntityReport.SourceReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
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
        SortedMap<String, EntityReport> entities = new TreeMap<>();
        try (AgentConnection agent = address.connect()) {
            Answers.await(agent, agent.list(prefixes, entity -> entities.put(entity.entity(), entity)));
        }
        if (isJson()) {
            Map<String, Object> object = new TreeMap<>();
            entities.forEach((id, entity) -> object.put(id, Map.of("tags", sources(entity))));
            out.println(Output.json(Map.of("entities", object)));
        } else {
            entities.forEach((id, entity) -> {
                out.println(Output.line(id));
                sources(entity).forEach((source, tags) -> out.println("  " + source + ": " + line(tags)));
            });
        }
        return Main.OK;
    }

    /** The tags of each source, by source name. */
    private static SortedMap<String, List<String>> sources(EntityReport entity) {
        SortedMap<String, List<String>> sources = new TreeMap<>();
        for (SourceReport source : entity.sources()) {
            sources.put(source.name(), source.tags(entity).all());
        }
        return sources;
    }

    /** Tags in one line. */
    static String line(List<String> tags) {
        return String.join(" ", tags.stream().map(Output::line).toList());
    }
}
