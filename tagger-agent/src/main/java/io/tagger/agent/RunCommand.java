package io.tagger.agent;

import io.tagger.api.CollectorStatus;
import io.tagger.api.TaggerStatus;
import io.tagger.cli.AgentCommand;
import io.tagger.cli.Output;
import io.tagger.cli.Version;
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

    /** The interval of the watchdog's questions, and the time for an answer. */
    private static final Duration QUESTIONS = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

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
        Emergency emergency = new Emergency();
        emergency.install();
        RepeatedLines.install();
        AgentLog log = AgentLog.install();
        HangUp hangUp = HangUp.install();
        AgentStop stop = new AgentStop(out);
        stop.install();
        Agent agent;
        try {
            agent = start(config, socket, log);
        } catch (RuntimeException e) {
            stop.disarm();
            throw e;
        }
        stop.started(agent);
        hangUp.started(agent.reload());
        agent.watch(config.file());
        new Watchdog(agent.socket(), QUESTIONS, PATIENCE, agent::turns, emergency::deaf).start();
        say(
                out,
                "tagger " + Version.agent() + " serves " + agent.socket() + " after " + uptime()
                        + " ms; collecting ...");
        Systemd.ready();
        awaitReady(agent);
        summary(agent).forEach(line -> say(out, line));
        StartupArchive.buildInBackground();
        return awaitForEver();
    }

    /** Waits for the hook, which ends the process. A plugin that interrupts all threads does not end the wait. */
    private static int awaitForEver() {
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            try {
                never.await();
            } catch (InterruptedException e) {
                // The wait goes on.
            }
        }
    }

    private static void awaitReady(Agent agent) {
        long end = System.nanoTime() + SUMMARY.toNanos();
        boolean isOver = false;
        while (!isOver) {
            try {
                agent.tagger().awaitReady(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
                isOver = true;
            } catch (InterruptedException e) {
                // The rest of the wait follows.
            }
        }
    }

    static Agent start(ConfigOption option, Optional<Path> socket, AgentLog log) {
        Loaded loaded = option.load();
        log.configure(loaded.config());
        String configured = loaded.config().text("ipc.socket");
        Path path = socket.orElseGet(
                () -> configured.isEmpty() ? SocketPath.toServe(System.getenv()) : Path.of(configured));
        return Agent.start(option, loaded, path, log);
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

    static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
