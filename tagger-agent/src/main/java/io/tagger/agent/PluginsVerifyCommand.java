package io.tagger.agent;

import io.tagger.api.Issue;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.runtime.config.TaggerConfig;
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
            "Checks a plugin folder without an agent: that its jars can be used, and that its collectors keep the"
                    + " promises of the testkit (CollectorContractTest), in a class loader as an agent gives them. Exit"
                    + " code 1 if one is broken.",
            "Where the source of a collector is not on this machine, what needs it is not checked; settings for one"
                    + " that is go into the file of --config."
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
        CollectorDiscovery discovery = new CollectorDiscovery().folders(List.of(folder));
        TaggerConfig settings =
                config.layers().plugins(discovery.plugins()).anyCollector().build();
        List<String> issues = new ArrayList<>();
        discovery.issues().forEach(issue -> issues.add(PluginsCommand.line(issue)));
        settings.issues().stream()
                .filter(issue -> issue.severity() == Issue.Severity.ERROR)
                .forEach(issue -> issues.add(PluginsCommand.line(issue)));
        issues.forEach(out::println);
        broken =
                (int) issues.stream().filter(issue -> issue.startsWith("error")).count();
        for (CollectorPlugin plugin : discovery.plugins()) {
            out.println(plugin.name() + " (" + plugin.mode() + ") in " + plugin.origin());
            Thread.currentThread().setContextClassLoader(plugin.loader());
            var subject =
                    new CollectorCheck.Subject(plugin.factory(), settings.collector(plugin.name()), Optional.empty());
            for (CollectorCheck check : CollectorCheck.values()) {
                out.println("  " + verdict(check, subject));
                out.flush();
            }
        }
        out.println(kept + " ok, " + broken + " failed, " + unchecked + " not checked");
        return broken == 0 ? Main.OK : Main.FAILURE;
    }

    private String verdict(CollectorCheck check, CollectorCheck.Subject subject) {
        try {
            check.run(subject);
            kept++;
            return "ok           " + check.promise();
        } catch (CollectorUnavailableException | CollectorCheck.NotApplicableException e) {
            unchecked++;
            String why = Output.line(String.valueOf(e.getMessage()));
            String said = why.equals(reason) ? "the same" : why;
            reason = why;
            return "not checked  " + check.promise() + ": " + said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("it was interrupted", e);
        } catch (AssertionError e) {
            broken++;
            return "FAILED       " + check.promise() + ": " + Output.line(String.valueOf(e.getMessage()));
        } catch (Throwable e) { // whatever a plugin throws
            broken++;
            return "FAILED       " + check.promise() + ": it threw " + Output.line(e.toString());
        }
    }
}
