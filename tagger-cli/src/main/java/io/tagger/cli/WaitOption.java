package io.tagger.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --wait}, how long the agent waits for complete tags. */
final class WaitOption {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(ms|s)");
    private static final Duration LONGEST = Duration.ofSeconds(30);

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "0s",
            description =
                    "How long the agent waits for complete tags, such as 500ms or 2s; at most 30s. Default: no wait.")
    private String wait = "0s";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    /** For picocli. */
    WaitOption() {}

    /** The wait; wrong usage if the text is none. */
    Duration time() {
        Matcher form = FORM.matcher(wait);
        if (!form.matches()) {
            throw new ParameterException(
                    command.commandLine(), "--wait is '" + wait + "', and must be a time such as 500ms or 2s");
        }
        long number = Long.parseLong(form.group(1));
        Duration time = form.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
        if (time.compareTo(LONGEST) > 0) {
            throw new ParameterException(command.commandLine(), "--wait is " + wait + ", and may be 30s at most");
        }
        return time;
    }
}
