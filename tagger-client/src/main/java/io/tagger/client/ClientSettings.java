package io.tagger.client;

import io.tagger.api.collector.Backoff;
import java.time.Duration;

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
}
