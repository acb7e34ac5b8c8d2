package io.tagger.agent;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tagger collectors}. */
@Command(
        name = "collectors",
        mixinStandardHelpOptions = true,
        description =
                "Prints the collectors of the agent, how they are, and what is wrong with those that are not used.")
final class CollectorsCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print the agent's answer.")
    private boolean json;

    @Mixin
    private SocketOption socket = new SocketOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** For picocli. */
    CollectorsCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (AgentClient client = new AgentClient(socket.path())) {
            JsonObject answer = client.get("/v1/collectors").orFail();
            if (json) {
                out.println(answer.encode());
                return Main.OK;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("NAME", "MODE", "STATE", "ENTITIES", "FAILURES", "SINCE", "REASON"));
            for (Object element : answer.getJsonArray("collectors")) {
                JsonObject collector = (JsonObject) element;
                rows.add(List.of(
                        collector.getString("name"),
                        collector.getString("mode"),
                        collector.getString("state"),
                        String.valueOf(collector.getLong("entities")),
                        String.valueOf(collector.getLong("failures")),
                        collector.getString("since"),
                        Output.line(why(collector))));
            }
            Output.table(rows).forEach(out::println);
            for (Object element : answer.getJsonArray("issues")) {
                JsonObject issue = (JsonObject) element;
                out.println(issue.getString("severity") + ": " + Output.line(issue.getString("subject")) + ": "
                        + Output.line(issue.getString("message")));
            }
            return Main.OK;
        }
    }

    /** Why it is in its state; if it is well by now, what last was not. */
    private static String why(JsonObject collector) {
        String reason = collector.getString("reason");
        String lastError = collector.getString("last_error");
        return reason.isEmpty() && !lastError.isEmpty() ? "last error: " + lastError : reason;
    }
}
