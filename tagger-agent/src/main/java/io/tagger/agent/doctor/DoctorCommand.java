package io.tagger.agent.doctor;

import io.tagger.agent.AgentPlaces;
import io.tagger.agent.Loaded;
import io.tagger.api.TaggerStatus;
import io.tagger.cli.AgentCommand;
import io.tagger.cli.BaseCommand;
import io.tagger.cli.Main;
import io.tagger.cli.Output;
import io.tagger.cli.Version;
import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import io.tagger.client.Endpoint;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tagger doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at the configuration, the agent's socket, the collectors, the clock and the namespaces of this machine, and"
                    + " prints each finding with the command or the line that mends it. Exit code 1 after a problem.",
            "Where an agent runs, the states of its collectors are shown; otherwise each collector's detection is tried by"
                    + " this process, as this user."
        })
public final class DoctorCommand extends BaseCommand implements AgentCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String RULES = ".env-as-tags.";

    @Mixin
    private AgentPlaces places = new AgentPlaces();

    @Option(
            names = "--bundle",
            paramLabel = "FILE",
            description =
                    "Also pack the findings, the settings, the agent's state and the end of its log into a zip file for a"
                            + " report. Secrets, and the values of tags from environment variables, are blacked out.")
    private Optional<Path> bundle = Optional.empty();

    private Optional<TaggerConfig> config = Optional.empty();
    private Map<String, TaggerConfig.Setting> running = Map.of(); // of the running agent, for the archive
    private final Map<String, String> texts = new LinkedHashMap<>();

    /** For picocli. */
    public DoctorCommand() {}

    @Override
    public Integer call() throws IOException {
        List<Finding> findings = findings();
        if (bundle.isPresent()) {
            pack(findings, bundle.get());
        }
        if (isJson()) {
            out().println(Output.json(
                    Map.of("findings", findings.stream().map(Finding::json).toList())));
        } else {
            print(findings);
        }
        boolean isSound = findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.PROBLEM);
        return isSound ? Main.OK : Main.FAILURE;
    }

    private List<Finding> findings() {
        Machine machine = Machine.present();
        List<Finding> findings = new ArrayList<>();
        Optional<TaggerSetup> setup = configuration(findings);
        Path socket = places.socket();
        findings.addAll(new SocketCheck(machine, socket).check());
        Optional<TaggerStatus> status = status(socket, findings);
        if (status.isPresent()) {
            findings.addAll(new CollectorCheck(Remedies.of(socket)).check(status.get()));
        } else if (config.isPresent() && setup.isPresent()) {
            findings.addAll(new CollectorCheck(Remedies.of(socket)).check(setup.get(), config.get()));
        }
        findings.addAll(new MachineCheck(machine, Clock.systemUTC()).check(config));
        findings.sort(Comparator.comparing(Finding::severity).reversed()); // the problems first
        return findings;
    }

    private Optional<TaggerSetup> configuration(List<Finding> findings) {
        String file = places.file().map(Path::toString).orElse("no file");
        try {
            Loaded configured = places.configure();
            config = Optional.of(configured.config());
            long own = configured.config().settings().values().stream()
                    .filter(setting -> !setting.origin().equals("default"))
                    .count();
            findings.add(Finding.ok("configuration", file + ": " + own + " settings differ from the defaults"));
            findings.addAll(RuleCheck.check(configured.config()));
            return Optional.of(configured.setup());
        } catch (InvalidConfigurationException e) {
            e.problems()
                    .forEach(problem ->
                            findings.add(Finding.problem("configuration", problem, "tagger config check " + file)));
            return Optional.empty();
        }
    }

    private Optional<TaggerStatus> status(Path socket, List<Finding> findings) {
        if (findings.stream()
                .noneMatch(one -> one.subject().equals("socket") && one.severity() == Finding.Severity.OK)) {
            return Optional.empty();
        }
        try (AgentConnection agent = AgentConnection.to(new Endpoint.Unix(socket))) {
            TaggerStatus status = answer(agent.status(PATIENCE));
            findings.add(Finding.ok(
                    "agent", Finding.entities(status.entities()) + "; " + (status.ready() ? "ready" : "not ready")));
            if (bundle.isPresent()) {
                texts.put("status.txt", status.toString().replace("CollectorStatus[", "\nCollectorStatus["));
                running = settings(answer(agent.operator().settings(PATIENCE)));
                texts.put("log.txt", log(agent));
            }
            return Optional.of(status);
        } catch (AgentException e) {
            findings.add(Finding.problem(
                    "agent",
                    String.valueOf(e.getMessage()),
                    "sudo systemctl restart tagger; its log: journalctl -u tagger"));
            return Optional.empty();
        }
    }

    /** The end of the agent's log; the end of the journal, for a user without the right to read the agent's log. */
    private static String log(AgentConnection agent) {
        try {
            return answer(agent.operator().recentLog(PATIENCE)).get("lines") instanceof List<?> lines
                    ? lines.stream().map(String::valueOf).collect(Collectors.joining("\n"))
                    : "";
        } catch (AgentException e) {
            return e.getMessage() + "\n"
                    + Machine.run("journalctl", "-u", "tagger", "-n", "500", "--no-pager")
                            .orElse("");
        }
    }

    private static <T> T answer(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds() + 1, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AgentException failure
                    ? failure
                    : AgentException.unreachable(String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            throw AgentException.unreachable("the agent does not answer within " + PATIENCE.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AgentException.unreachable("interrupted");
        }
    }

    private void print(List<Finding> findings) {
        for (Finding finding : findings) {
            String mark =
                    switch (finding.severity()) {
                        case OK -> "ok      ";
                        case NOTE -> "note    ";
                        case PROBLEM -> "PROBLEM ";
                    };
            out().println(mark + Output.line(finding.subject()) + ": " + Output.line(finding.text()));
            if (!finding.remedy().isEmpty()) {
                out().println("          -> " + Output.line(finding.remedy()));
            }
        }
        long problems = findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.PROBLEM)
                .count();
        out().println(
                        problems == 0
                                ? "no problem found; tagger explain ENTITY NAME tells why a tag is missing"
                                : problems == 1 ? "1 problem" : problems + " problems");
        bundle.ifPresent(file -> out().println("the archive for a report: " + file));
    }

    private void pack(List<Finding> findings, Path file) throws IOException {
        Map<String, TaggerConfig.Setting> read =
                config.map(TaggerConfig::settings).orElse(Map.of());
        // The log of the running agent has tags by the rules of the running agent, whatever the file has by now.
        Bundle archive = new Bundle(environmentTags(read, running));
        archive.add(
                "version.txt",
                "tagger " + Version.agent() + "\nJava " + Runtime.version() + "\n"
                        + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch") + "\n");
        archive.add(
                "findings.txt",
                findings.stream()
                        .map(finding -> finding.severity() + " " + finding.subject() + "\n  " + finding.text()
                                + "\n  -> " + finding.remedy())
                        .collect(Collectors.joining("\n")));
        archive.addSettings("configuration.txt", read);
        archive.addSettings("settings.txt", running);
        texts.forEach(archive::add);
        archive.write(file);
    }

    private static Map<String, TaggerConfig.Setting> settings(Map<String, Object> answer) {
        Map<String, TaggerConfig.Setting> settings = new TreeMap<>();
        if (answer.get("settings") instanceof Map<?, ?> all) {
            all.forEach((key, setting) -> {
                if (setting instanceof Map<?, ?> one) {
                    settings.put(
                            String.valueOf(key),
                            new TaggerConfig.Setting(
                                    String.valueOf(one.get("value")), String.valueOf(one.get("origin"))));
                }
            });
        }
        return settings;
    }

    /** The names of the tags that rules for environment variables make, of all collectors. */
    @SafeVarargs
    private static TreeSet<String> environmentTags(Map<String, TaggerConfig.Setting>... sources) {
        TreeSet<String> names = new TreeSet<>();
        for (Map<String, TaggerConfig.Setting> settings : sources) {
            settings.forEach((key, setting) -> {
                String[] parts = key.split(Pattern.quote(RULES), 2);
                if (parts.length == 2) {
                    for (String template : unquoted(setting.value()).split(",")) {
                        String name = template.strip()
                                .replaceFirst("^\\+", "")
                                .replaceAll("%%(env|label|annotation)%%", Matcher.quoteReplacement(unquoted(parts[1])))
                                .replaceAll("%%.*?%%", "");
                        if (!name.isEmpty()) {
                            names.add(name); // may be a glob
                        }
                    }
                }
            });
        }
        return names;
    }

    private static String unquoted(String text) {
        return text.replace("\"", "");
    }
}
