package io.tagger.cli;

import io.tagger.api.CollectorStatus;
import io.tagger.api.Issue;
import io.tagger.api.TaggerStatus;
import io.tagger.client.AgentConnection;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tagger collectors}. */
@Command(
        name = "collectors",
        mixinStandardHelpOptions = true,
        description = "Prints the collectors of the agent with their states, and the problems of unused collectors.")
final class CollectorsCommand extends BaseCommand {
    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    CollectorsCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = out();
        try (AgentConnection agent = address.connect()) {
            TaggerStatus status = Answers.await(agent, agent.status(Answers.PATIENCE));
            if (isJson()) {
                out.println(Output.json(json(status)));
                return Main.OK;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("NAME", "MODE", "STATE", "ENTITIES", "FAILURES", "SINCE", "REASON"));
            for (CollectorStatus collector : status.collectors()) {
                rows.add(List.of(
                        collector.name(),
                        collector.mode().toString(),
                        collector.state().toString(),
                        String.valueOf(collector.entities()),
                        String.valueOf(collector.counters().failures()),
                        collector.since().toString(),
                        Output.line(why(collector))));
            }
            Output.table(rows).forEach(out::println);
            for (Issue issue : status.issues()) {
                out.println(
                        severity(issue) + ": " + Output.line(issue.subject()) + ": " + Output.line(issue.message()));
            }
            return Main.OK;
        }
    }

    private static Map<String, Object> json(TaggerStatus status) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("mode", status.mode());
        json.put("ready", status.ready());
        json.put("entities", status.entities());
        json.put(
                "collectors",
                status.collectors().stream().map(CollectorsCommand::json).toList());
        json.put("issues", status.issues().stream().map(CollectorsCommand::json).toList());
        return json;
    }

    private static Map<String, Object> json(CollectorStatus collector) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", collector.name());
        json.put("mode", collector.mode().toString());
        json.put("state", collector.state().toString());
        json.put("reason", collector.reason());
        json.put("since", collector.since().toString());
        json.put("synced", collector.synced());
        json.put("ready", collector.ready());
        json.put("degraded", collector.degraded());
        json.put("entities", collector.entities());
        json.put("last_error", collector.lastError());
        CollectorStatus.Counters counters = collector.counters();
        json.put("failures", counters.failures());
        json.put("fetches", counters.fetches());
        json.put("infos", counters.infos());
        json.put("rejected", counters.rejected());
        json.put("starts", counters.starts());
        json.put("timeouts", counters.timeouts());
        return json;
    }

    private static Map<String, Object> json(Issue issue) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("severity", severity(issue));
        json.put("subject", issue.subject());
        json.put("message", issue.message());
        return json;
    }

    private static String severity(Issue issue) {
        return issue.severity().name().toLowerCase(Locale.ROOT);
    }

    /** The reason for the collector's state; for a working collector its last error. */
    private static String why(CollectorStatus collector) {
        return collector.reason().isEmpty() && !collector.lastError().isEmpty()
                ? "last error: " + collector.lastError()
                : collector.reason();
    }
}
