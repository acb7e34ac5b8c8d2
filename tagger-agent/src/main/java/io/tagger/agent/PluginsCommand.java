package io.tagger.agent;

import io.tagger.api.Issue;
import io.tagger.cli.AgentCommand;
import io.tagger.cli.BaseCommand;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.config.ConfigLayers;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tagger plugins}. */
@Command(
        name = "plugins",
        mixinStandardHelpOptions = true,
        subcommands = {PluginsVerifyCommand.class, PluginsNewCommand.class},
        description = {
            "Prints the collectors available to an agent: on the class path, in the folders of the distribution's"
                    + " 'plugins', and in the folders of tagger.plugin-path; and the problems of unusable collectors. Exit"
                    + " code 1 after a problem.",
            "For the collectors of a running agent: 'tagger collectors'."
        })
public final class PluginsCommand extends BaseCommand implements AgentCommand {
    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    public PluginsCommand() {}

    @Override
    public Integer call() {
        ConfigLayers layers = config.layers();
        TaggerSetup setup = ConfigOption.setup(layers);
        List<Issue> issues = new ArrayList<>();
        try {
            issues.addAll(setup.configure(layers).issues());
        } catch (InvalidConfigurationException e) {
            // The usable plugins are listed all the same.
            e.problems().forEach(problem -> issues.add(new Issue(Issue.Severity.ERROR, "configuration", problem)));
        }
        issues.addAll(setup.issues());
        PrintWriter out = out();
        if (isJson()) {
            out.println(Output.json(json(setup.found(), issues).encode()));
        } else {
            table(setup.found()).forEach(out::println);
            issues.forEach(issue -> out.println(line(issue)));
        }
        boolean unusable = issues.stream().anyMatch(issue -> issue.severity() == Issue.Severity.ERROR);
        return unusable ? Main.FAILURE : Main.OK;
    }

    static String line(Issue issue) {
        return issue.severity().name().toLowerCase(Locale.ROOT) + ": " + Output.line(issue.toString());
    }

    private static List<String> table(List<CollectorPlugin> plugins) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "MODE", "VERSION", "KINDS", "FROM"));
        for (CollectorPlugin plugin : plugins) {
            rows.add(List.of(
                    plugin.name(),
                    plugin.mode().toString(),
                    plugin.version().isEmpty() ? "-" : Output.line(plugin.version()),
                    plugin.entityPrefixes().isEmpty() ? "-" : String.join(",", new TreeSet<>(plugin.entityPrefixes())),
                    plugin.origin()));
        }
        return Output.table(rows);
    }

    private static JsonObject json(List<CollectorPlugin> plugins, List<Issue> issues) {
        JsonArray found = new JsonArray();
        for (CollectorPlugin plugin : plugins) {
            found.add(new JsonObject()
                    .put("name", plugin.name())
                    .put("mode", plugin.mode().toString())
                    .put("version", plugin.version())
                    .put("kinds", new JsonArray(List.copyOf(new TreeSet<>(plugin.entityPrefixes()))))
                    .put("class", plugin.className())
                    .put("from", plugin.origin()));
        }
        JsonArray wrong = new JsonArray();
        for (Issue issue : issues) {
            wrong.add(new JsonObject()
                    .put("severity", issue.severity().name().toLowerCase(Locale.ROOT))
                    .put("subject", issue.subject())
                    .put("message", issue.message()));
        }
        return new JsonObject().put("plugins", found).put("issues", wrong);
    }
}
