package io.tagger.agent;

import io.tagger.cli.AgentCommand;
import io.tagger.cli.BaseCommand;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.config.ConfigLayers;
import io.tagger.config.InvalidConfigurationException;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tagger config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Prints every setting with its value and its origin.")
public final class ConfigCommand extends BaseCommand implements AgentCommand {
    @Mixin
    private ConfigOption config = new ConfigOption();

    /** For picocli. */
    public ConfigCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        ConfigLayers layers = config.layers();
        var settings = ConfigOption.setup(layers).configure(layers).settings();
        if (isJson()) {
            JsonObject object = new JsonObject();
            settings.forEach((key, setting) -> object.put(
                    key, new JsonObject().put("value", setting.value()).put("origin", setting.origin())));
            out.println(Output.json(object.encode()));
            return Main.OK;
        }
        List<List<String>> rows = new ArrayList<>();
        settings.forEach((key, setting) -> rows.add(List.of(key, "= " + setting.value(), "# " + setting.origin())));
        Output.table(rows).forEach(out::println);
        return Main.OK;
    }

    /** {@code tagger config check}. */
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Checks a configuration file and prints its errors; exit code 1 after an error.")
    int check(@Parameters(paramLabel = "FILE", description = "The file.") Path file) {
        List<String> problems = problems(file);
        problems.forEach(problem -> err().println("tagger: " + problem));
        if (problems.isEmpty()) {
            out().println(file + ": ok");
        }
        return problems.isEmpty() ? Main.OK : Main.FAILURE;
    }

    private static List<String> problems(Path file) {
        try {
            // The file alone: the environment of this process has no part in the check.
            ConfigLayers layers = ConfigLayers.empty().file(file);
            ConfigOption.setup(layers).configure(layers);
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
    }
}
