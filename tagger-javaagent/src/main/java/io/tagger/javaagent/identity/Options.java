package io.tagger.javaagent.identity;

import io.tagger.client.FirstQuestion;
import java.time.Duration;
import java.util.Optional;

/**
 * The options of the Java agent, {@code agent=ADDRESS,wait=TIME,log}.
 *
 * @param agent the agent's address; empty to find the agent
 * @param patience the longest wait for complete tags
 * @param isLogged whether a line on standard error tells the outcome
 * @param problem an unusable option, with the remedy; empty if all are valid. The valid options count
 */
record Options(Optional<String> agent, Duration patience, boolean isLogged, String problem) {
    /**
     * Reads the options. A wrong option does not hide the rest: the application must start.
     *
     * @param text the options with commas between them; empty for none
     * @return the options
     */
    static Options parse(String text) {
        Optional<String> agent = Optional.empty();
        Duration patience = FirstQuestion.DEFAULT_WAIT;
        boolean isLogged = false;
        String problem = "";
        for (String option : text.split(",")) {
            String value = option.substring(option.indexOf('=') + 1).strip();
            switch (option.split("=", 2)[0].strip()) {
                case "agent" -> agent = Optional.of(value);
                case "wait" -> {
                    try {
                        patience = FirstQuestion.duration(value);
                    } catch (IllegalArgumentException e) {
                        problem = "the option wait of -javaagent:tagger-javaagent.jar is " + e.getMessage();
                    }
                }
                case "log" -> isLogged = true;
                case "" -> {}
                default ->
                    problem = "-javaagent:tagger-javaagent.jar has no option '" + option
                            + "'; there are agent=ADDRESS, wait=TIME and log";
            }
        }
        return new Options(agent, patience, isLogged, problem);
    }
}
