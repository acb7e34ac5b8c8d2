package io.tagger.cli;

import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.v1.Collector;
import io.tagger.ipc.v1.Issue;
import io.tagger.ipc.v1.StatusResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
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
            StatusResponse status = Answers.await(agent, agent.status(Answers.PATIENCE));
            if (isJson()) {
                out.println(Output.json(json(status).encode()));
                return Main.OK;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("NAME", "MODE", "STATE", "ENTITIES", "FAILURES", "SINCE", "REASON"));
            for (Collector collector : status.getCollectorsList()) {
                rows.add(List.of(
                        collector.getName(),
                        collector.getMode(),
                        collector.getState(),
                        String.valueOf(collector.getEntities()),
                        String.valueOf(collector.getCountersOrDefault("failures", 0)),
                        Instant.ofEpochMilli(collector.getSinceMillis()).toString(),
                        Output.line(why(collector))));
            }
            Output.table(rows).forEach(out::println);
            for (Issue issue : status.getIssuesList()) {
                out.println(issue.getSeverity() + ": " + Output.line(issue.getSubject()) + ": "
                        + Output.line(issue.getMessage()));
            }
            return Main.OK;
        }
    }

    private static JsonObject json(StatusResponse status) {
        JsonArray collectors = new JsonArray();
        for (Collector collector : status.getCollectorsList()) {
            JsonObject object = new JsonObject()
                    .put("name", collector.getName())
                    .put("mode", collector.getMode())
                    .put("state", collector.getState())
                    .put("reason", collector.getReason())
                    .put(
                            "since",
                            Instant.ofEpochMilli(collector.getSinceMillis()).toString())
                    .put("synced", collector.getSynced())
                    .put("ready", collector.getReady())
                    .put("degraded", collector.getDegraded())
                    .put("entities", collector.getEntities())
                    .put("last_error", collector.getLastError());
            new TreeMap<>(collector.getCountersMap()).forEach(object::put);
            collectors.add(object);
        }
        JsonArray issues = new JsonArray();
        for (Issue issue : status.getIssuesList()) {
            issues.add(new JsonObject()
                    .put("severity", issue.getSeverity())
                    .put("subject", issue.getSubject())
                    .put("message", issue.getMessage()));
        }
        return new JsonObject()
                .put("mode", status.getMode())
                .put("ready", status.getReady())
                .put("entities", status.getEntities())
                .put("collectors", collectors)
                .put("issues", issues);
    }

    /** The reason for the collector's state; for a working collector its last error. */
    private static String why(Collector collector) {
        return collector.getReason().isEmpty() && !collector.getLastError().isEmpty()
                ? "last error: " + collector.getLastError()
                : collector.getReason();
    }
}
