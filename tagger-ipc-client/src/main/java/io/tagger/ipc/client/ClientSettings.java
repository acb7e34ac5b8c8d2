package io.tagger.ipc.client;

import java.time.Duration;

/**
 * The agent to ask, and the time limits. {@code reference.conf}, block {@code tagger.client}, has the purpose of each
 * value.
 *
 * @param endpoint where the agent serves
 * @param deadline how long a call waits
 * @param askAgain the time for which an incomplete answer is kept
 * @param check how often the connection is tried
 * @param retryMin the pause before the first attempt to connect again
 * @param retryMax the longest pause
 */
public record ClientSettings(
        Endpoint endpoint, Duration deadline, Duration askAgain, Duration check, Duration retryMin, Duration retryMax) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if a duration is less than 1 ms, or retryMax is less than retryMin
     */
    public ClientSettings {
        for (Duration duration : new Duration[] {deadline, askAgain, check, retryMin, retryMax}) {
            if (duration.toMillis() < 1) {
                throw new IllegalArgumentException("a duration must be 1 ms or more, not " + duration);
            }
        }
        if (retryMax.compareTo(retryMin) < 0) {
            throw new IllegalArgumentException(
                    "retry-max is " + retryMax + ", and must be at least retry-min, " + retryMin);
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
                Duration.ofMillis(100),
                Duration.ofSeconds(5));
    }
}
