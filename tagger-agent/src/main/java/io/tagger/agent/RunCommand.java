package io.tagger.agent;

import io.tagger.api.CollectorStatus;
import io.tagger.api.TaggerStatus;
import io.tagger.cli.AgentCommand;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.cli.Version;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tagger run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Collects tags and serves them on a Unix socket, until Ctrl-C or SIGTERM.")
public final class RunCommand implements AgentCommand {
    /** The summary comes when every collector has synced, or after so long. */
    static final Duration SUMMARY = Duration.ofSeconds(10);

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(
            names = {"-s", "--socket"},
            paramLabel = "PATH",
            description =
                    "The socket to serve. Default: tagger.ipc.socket of the configuration, else /run/tagger/tagger.sock or"
                            + " $XDG_RUNTIME_DIR/tagger/tagger.sock.")
    private Optional<Path> socket = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    public RunCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        Agent agent = start(config, socket);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(agent, out, stopped), "tagger-stop"));
        say(
                out,
                "tagger " + Version.agent() + " serves " + agent.socket() + " after " + uptime()
                        + " ms; collecting ...");
        agent.tagger().awaitReady(SUMMARY);
        summary(agent).forEach(line -> say(out, line));
        StartupArchive.buildInBackground();
        stopped.await();
        return Main.OK;
    }

    static Agent start(ConfigOption option, Optional<Path> socket) {
        TaggerSetup setup = ConfigOption.setup();
        TaggerConfig config = option.load(setup);
        String configured = config.text("ipc.socket");
        Path path = socket.orElseGet(
                () -> configured.isEmpty() ? SocketPath.toServe(System.getenv()) : Path.of(configured));
        return Agent.start(setup, config, path);
    }

    private static List<String> summary(Agent agent) {
        TaggerStatus status = agent.tagger().status();
        List<List<String>> rows = new ArrayList<>();
        for (CollectorStatus collector : status.collectors()) {
            rows.add(List.of(
                    "  " + collector.name(),
                    collector.mode().toString(),
                    collector.state().toString(),
                    collector.entities() + " entities",
                    Output.line(collector.reason())));
        }
        List<String> lines = new ArrayList<>(Output.table(rows));
        lines.add((status.ready() ? "ready" : "not ready yet") + " after " + uptime() + " ms: " + status.entities()
                + " entities, " + status.collectors().size() + " collectors, socket " + agent.socket());
        return lines;
    }

    /** The time since the launch of the process, as seen by its starter. */
    private static long uptime() {
        return ManagementFactory.getRuntimeMXBean().getUptime();
    }

    private static void stop(Agent agent, PrintWriter out, CountDownLatch stopped) {
        say(out, "stopping ...");
        agent.close();
        say(out, "stopped");
        stopped.countDown();
        // A clean stop is a success, whatever the signal; the JVM would return 143.
        Runtime.getRuntime().halt(Main.OK);
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
