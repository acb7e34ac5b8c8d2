package io.tagger.benchmarks;

import io.tagger.benchmarks.Suite.Effort;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/benchmarks}. */
@Command(
        name = "benchmarks",
        description = {"The speed of the tag store beside baselines in the same run.", ""},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {AutoComplete.GenerateCompletion.class, CommandLine.HelpCommand.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ok", "1:a bar is missed, or a benchmark failed", "2:wrong usage"},
        footer = {
            "",
            "Examples:",
            "  benchmarks quick                 the bars, with runs for context",
            "  benchmarks quick --only Lookup   the benchmarks of one kind",
            "  benchmarks memory                bytes for each container",
            "  benchmarks ipc                   the cost of the socket, and the number of callers",
            "  benchmarks jmh LookupBenchmark -p subject=store,map -p key=text -prof gc",
            "                                   JMH itself, with its own options (-h)"
        })
final class Main implements Runnable {
    private static final int MISSED = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--results",
            scope = CommandLine.ScopeType.INHERIT,
            paramLabel = "DIR",
            description =
                    "Folder for the JSON with all figures and the facts of the machine; ${DEFAULT-VALUE} unless given.",
            defaultValue = "${sys:tagger.benchmarks.results:-.}")
    private Path results = Path.of(".");

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"JMH 1.37, Java " + System.getProperty("java.version")};
        }
    }

    /**
     * Runs one command and ends the process with the command's exit code.
     *
     * @param arguments the arguments from the shell
     * @throws IOException if JMH, called with {@code jmh}, can't write its results
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0 && arguments[0].equals("jmh")) {
            org.openjdk.jmh.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
            return;
        }
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setExecutionExceptionHandler((error, failed, parsed) -> {
            failed.getErr().println("benchmarks: " + error.getMessage());
            return MISSED;
        });
        System.exit(commandLine.execute(arguments));
    }

    @Command(description = "The bars, and the runs for their context: some minutes.", mixinStandardHelpOptions = true)
    int quick(
            @Option(
                            names = "--only",
                            description = "Only the benchmarks with this text in their name.",
                            defaultValue = "")
                    String only)
            throws RunnerException, IOException {
        return suite("quick", Effort.QUICK, Plan.quick(), only);
    }

    @Command(description = "Every benchmark with every parameter: hours.", mixinStandardHelpOptions = true)
    int full(
            @Option(
                            names = "--only",
                            description = "Only the benchmarks with this text in their name.",
                            defaultValue = "")
                    String only)
            throws RunnerException, IOException {
        return suite("full", Effort.FULL, Plan.full(), only);
    }

    @Command(
            description =
                    "Every benchmark once, at a small size, in this JVM: shows that the benchmarks run; the figures mean nothing.",
            mixinStandardHelpOptions = true)
    int smoke() throws RunnerException {
        List<Run> runs = Plan.smoke();
        new Suite(Effort.SMOKE, spec.commandLine().getErr()).run(runs);
        out().println(runs.size() + " benchmarks work");
        return 0;
    }

    @Command(
            description = "Bytes for each container, against the straightforward layout: half a minute.",
            mixinStandardHelpOptions = true)
    int memory() {
        out().println(Machine.words());
        return new Report(out()).memory(Memory.measure()) ? 0 : MISSED;
    }

    @Command(
            description = "The socket: latency, the start of a client, and 200 watchers: two minutes.",
            mixinStandardHelpOptions = true)
    int ipc(
            @Option(
                            names = "--seconds",
                            description =
                                    "The duration of the changes for the watchers, in seconds. Default: ${DEFAULT-VALUE}.",
                            defaultValue = "60")
                    int seconds)
            throws Exception {
        out().println(Machine.words());
        new Ipc(out()).measure(seconds);
        return 0;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private int suite(String name, Effort effort, List<Run> all, String only) throws RunnerException, IOException {
        List<Run> runs =
                all.stream().filter(run -> run.benchmark().contains(only)).toList();
        if (runs.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no benchmark's name contains '" + only + "'; there are "
                            + all.stream().map(Run::benchmark).distinct().toList());
        }
        out().println(Machine.words());
        Results measured = new Suite(effort, spec.commandLine().getErr()).run(runs);
        List<Memory.Line> memory = only.isEmpty() ? Memory.measure() : List.of();
        Report report = new Report(out());
        report.runs(measured);
        boolean met = report.bars(measured);
        if (!memory.isEmpty()) {
            met &= report.memory(memory);
        }
        report.write(results.resolve(name + "-java" + Runtime.version().feature() + ".json"), measured, memory);
        return met ? 0 : MISSED;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
