package io.tagger.agent;

import io.tagger.api.Issue;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.config.ConfigLayers;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
import io.tagger.runtime.plugin.CollectorDiscovery;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.testkit.CollectorCheck;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tagger plugins verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a plugin folder without an agent: the jars, and the promises of the collectors to their host"
                    + " (CollectorContractTest of the testkit), in a class loader like an agent's. Exit"
                    + " code 1 after a broken promise.",
            "Checks that need the collector's source are left out if the source is not on this machine; --config"
                    + " may name a file with settings for a reachable source."
        })
final class PluginsVerifyCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "FOLDER", description = "The folder with the jars of the plugin.")
    private Path folder = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private int kept;
    private int broken;
    private int unchecked;
    private String reason = "";

    /** For picocli. */
    PluginsVerifyCommand() {}

    @Override
    public Integer call() {
        if (!Files.isDirectory(folder)) {
            throw new ParameterException(spec.commandLine(), folder + " is no folder");
        }
        PrintWriter out = spec.commandLine().getOut();
        ConfigLayers layers = config.layers().anyCollector();
        CollectorDiscovery discovery = new CollectorDiscovery()
                .allowWritable(TaggerSetup.allowsWritable(layers))
                .folders(List.of(folder));
        discovery.plugins().forEach(plugin -> layers.collector(plugin.name(), plugin.references()));
        TaggerConfig settings = layers.build();
        List<Issue> issues = new ArrayList<>(discovery.issues());
        settings.issues().stream()
                .filter(issue -> issue.severity() == Issue.Severity.ERROR)
                .forEach(issues::add);
        issues.forEach(issue -> out.println(PluginsCommand.line(issue)));
        broken = (int) issues.stream()
                .filter(issue -> issue.severity() == Issue.Severity.ERROR)
                .count();
        List<CollectorPlugin> others = ConfigOption.setup(layers).found();
        for (CollectorPlugin plugin : discovery.plugins()) {
            taken(plugin, others).ifPresent(message -> {
                broken++;
                out.println("error: " + message);
            });
            out.println(plugin.name() + " (" + plugin.mode() + ") in " + plugin.origin());
            Thread.currentThread().setContextClassLoader(plugin.loader());
            var subject = new CollectorCheck.Subject(
                    plugin.factory(),
                    settings.collector(plugin.name()),
                    Optional.empty(),
                    CollectorCheck.Limits.OF_A_HOST);
            for (CollectorCheck check : CollectorCheck.values()) {
                out.println("  " + verdict(check, subject));
                out.flush();
            }
        }
        out.println(kept + " ok, " + broken + " failed, " + unchecked + " not checked");
        if (kept == 0) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "tagger: no promise was checked: " + folder
                                    + " has no usable collector; it must hold the jars of a plugin, as target/plugin after 'mvn package'");
        }
        return broken == 0 && kept > 0 ? Main.OK : Main.FAILURE;
    }

    /** The report that another collector of this agent has the name; an earlier copy of the plugin is no other. */
    private static Optional<String> taken(CollectorPlugin plugin, List<CollectorPlugin> others) {
        return others.stream()
                .filter(other ->
                        other.name().equals(plugin.name()) && !other.className().equals(plugin.className()))
                .findFirst()
                .map(other -> "the name '" + plugin.name() + "' is taken by " + other.className() + " in "
                        + other.origin() + ": the agent would not use " + plugin.className() + "; choose another name");
    }

    private String verdict(CollectorCheck check, CollectorCheck.Subject subject) {
        if (!check.appliesTo(subject)) {
            unchecked++;
            return "not checked  " + check.promise() + ": there are no settings for a silent source";
        }
        try {
            check.run(subject);
            kept++;
            return "ok           " + check.promise();
        } catch (CollectorUnavailableException e) {
            unchecked++;
            String why = Output.line(String.valueOf(e.getMessage()));
            String words = why.equals(reason) ? "the same" : why;
            reason = why;
            return "not checked  " + check.promise() + ": " + words;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("it was interrupted", e);
        } catch (AssertionError e) {
            broken++;
            return "FAILED       " + check.promise() + ": " + Output.line(String.valueOf(e.getMessage()));
        } catch (Throwable e) { // any error of a plugin
            broken++;
            return "FAILED       " + check.promise() + ": it threw " + Output.line(e.toString());
        }
    }
}
