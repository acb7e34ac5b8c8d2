package io.tagger.cli;

import io.tagger.client.AgentConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tagger reload}. */
@Command(
        name = "reload",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the agent read its configuration and its plugin folders again, as 'kill -HUP' does. A wrong configuration"
                    + " changes nothing: its problems are printed, and the exit code is 1.",
            "Allowed for root and for the user of the agent."
        })
final class ReloadCommand extends BaseCommand {
    /** Longer than the detections of the restarted collectors. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    ReloadCommand() {}

    @Override
    public Integer call() {
        try (AgentConnection agent = address.connect()) {
            Map<String, Object> answer = Answers.await(agent, agent.operator().reload(PATIENCE));
            if (isJson()) {
                out().println(Output.json(answer));
                return Main.OK;
            }
            boolean isChanged = false;
            for (String what : List.of("restarted", "added", "removed")) {
                isChanged |= print(what, answer.get(what));
            }
            isChanged |= print("take effect after a restart of the agent", answer.get("need_restart"));
            if (!isChanged) {
                out().println("nothing to restart");
            }
            return Main.OK;
        }
    }

    private boolean print(String what, Object names) {
        if (names instanceof List<?> list && !list.isEmpty()) {
            out().println(what + ": "
                    + String.join(
                            ", ",
                            list.stream().map(String::valueOf).map(Output::line).toList()));
            return true;
        }
        return false;
    }
}
