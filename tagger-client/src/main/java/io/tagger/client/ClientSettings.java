package io.tagger.client;

import io.tagger.api.collector.Backoff;
import java.time.Duration;
import java.util.Optional;

/**
 * The agent to ask, and the time limits. {@code reference.conf}, block {@code tagger.client}, has the purpose of each
 * value.
 *
 * @param endpoint where the agent serves
 * @param deadline how long a call waits
 * @param askAgain the time for which an incomplete answer is kept
 * @param check how often the connection is tried
 * @param retry the pauses between attempts to connect again
 */
public record ClientSettings(Endpoint endpoint, Duration deadline, Duration askAgain, Duration check, Backoff retry) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if a duration is less than 1 ms
     */
    public ClientSettings {
        for (Duration duration : new Duration[] {deadline, askAgain, check}) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("a duration must be 1 ms or more, not " + duration);
            }
        }
    }

    /**
     * The default settings.
     *
     * @param endpoint where the agent serves
     * @return the settings
     */
    public static ClientSettings of(Endpoint endpoint) {
        return new ClientSettings(
                endpoint,
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5)));
    }

    /**
     * The settings of this process, from the places of {@link ProcessSettings}.
     *
     * @param agent the agent's address, above these places; empty to find the agent by {@link AgentAddress}
     * @return the settings
     * @throws IllegalStateException if a setting is unknown or not valid; the message names the setting
     */
    public static ClientSettings ofProcess(Optional<String> agent) {
        ProcessSettings settings = ProcessSettings.ofProcess(Optional.empty()).checked();
        ClientSettings defaults = of(AgentAddress.find(agent, AgentAddress.TcpFiles.OF_SETTINGS, settings));
        return new ClientSettings(
                defaults.endpoint,
                settings.duration("deadline", defaults.deadline),
                settings.duration("ask-again", defaults.askAgain),
                settings.duration("check-interval", defaults.check),
                backoff(
                        settings.duration("retry-min", defaults.retry.first()),
                        settings.duration("retry-max", defaults.retry.longest())));
    }

    private static Backoff backoff(Duration shortest, Duration longest) {
        try {
            return new Backoff(shortest, longest);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "tagger.client.retry-min and tagger.client.retry-max: " + e.getMessage(), e);
        }
    }
}
