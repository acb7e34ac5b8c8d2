package io.tagger.cli;

import io.tagger.client.AgentConnection;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tagger log}. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description = {
            "Changes the level of the running agent's log: error, warn, info, debug or trace. With TIME, for so long;"
                    + " without, up to the next reload or start. The setting is tagger.log.level.",
            "Allowed for root and for the user of the agent."
        })
final class LogCommand extends BaseCommand {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,5})([smh])");

    @Parameters(index = "0", paramLabel = "LEVEL", description = "error, warn, info, debug or trace.")
    private String level = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "TIME",
            description = "Such as 30s, 10m or 2h; a day at most.")
    private String time = "";

    @Mixin
    private AgentOption address = new AgentOption();

    /** For picocli. */
    LogCommand() {}

    @Override
    public Integer call() {
        Duration duration = duration();
        try (AgentConnection agent = address.connect()) {
            Map<String, Object> answer = Answers.await(agent, agent.operator().log(level, duration, Answers.PATIENCE));
            if (isJson()) {
                out().println(Output.json(answer));
            } else {
                Object until = answer.get("until");
                out().println("level " + answer.get("level") + (until == null ? "" : " until " + until));
            }
            return Main.OK;
        }
    }

    private Duration duration() {
        Matcher form = TIME.matcher(time);
        if (time.isEmpty()) {
            return Duration.ZERO;
        } else if (!form.matches()) {
            throw wrongUsage("the time is '" + time + "', and must be a number with s, m or h, such as 10m");
        }
        long number = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }
}
