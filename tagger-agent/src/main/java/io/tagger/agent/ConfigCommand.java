package io.tagger.agent;

import io.tagger.runtime.LocalTagger;
import io.tagger.runtime.config.InvalidConfigurationException;
import io.tagger.runtime.config.TaggerConfig;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tagger config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Prints every setting with its value and where that comes from.")
final class ConfigCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--json", description = "Print an object of keys to value and origin.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    ConfigCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        var settings = config.load(ConfigOption.collectors()).settings();
        if (json) {
            JsonObject object = new JsonObject();
            settings.forEach((key, setting) -> object.put(
                    key, new JsonObject().put("value", setting.value()).put("origin", setting.origin())));
            out.println(object.encode());
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
            description = "Says what is wrong with a configuration file; exit code 1 if anything is.")
    int check(@Parameters(paramLabel = "FILE", description = "The file.") Path file) {
        try {
            // The file alone: what this machine's environment says has no place in the judgement.
            TaggerConfig checked = ConfigOption.collectors()
                    .configuration()
                    .environment(Map.of())
                    .file(file)
                    .build();
            LocalTagger.check(checked);
            Agent.settings(checked, Path.of("unused"));
            spec.commandLine().getOut().println(file + ": ok");
            return Main.OK;
        } catch (IllegalArgumentException e) {
            spec.commandLine().getErr().println("tagger: " + e.getMessage());
            return Main.FAILURE;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(problem -> spec.commandLine().getErr().println("tagger: " + problem));
            return Main.FAILURE;
        }
    }
}
