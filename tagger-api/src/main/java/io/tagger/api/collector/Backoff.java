package io.tagger.api.collector;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pauses between failing attempts: each pause is twice the pause before, stretched at random by up to a quarter. A
 * pause beyond the longest pause is the longest pause, shortened at random by up to a quarter. The random part keeps
 * many callers of one source from returning at the same moment. Immutable and thread-safe.
 *
 * @param first the pause after the first failure, 1 ms or more
 * @param longest the longest pause, at least as long as the first
 */
public record Backoff(Duration first, Duration longest) {
    private static final double STRETCH = 0.25;

    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the first pause is less than 1 ms, or the longest is shorter than the first
     */
    public Backoff {
        if (first.toMillis() < 1 || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("pauses from " + first + " to " + longest
                    + ": the first must be 1 ms or more, and the longest at least as long");
        }
    }

    /**
     * The pause after a number of failures in a row.
     *
     * @param failures the number of failures, 1 or more
     * @return the pause, at most the longest
     */
    public Duration pause(int failures) {
        return pause(failures, ThreadLocalRandom.current().nextDouble());
    }

    /**
     * The pause after a number of failures in a row, with a given random number for tests.
     *
     * @param failures the number of failures, 1 or more
     * @param random from 0 for no change to 1 for a quarter
     * @return the pause, at most the longest
     */
    public Duration pause(int failures, double random) {
        double millis = Math.min(first.toMillis() * Math.pow(2, failures - 1), longest.toMillis());
        double stretched = millis * (1 + random * STRETCH);
        return Duration.ofMillis(
                (long) (stretched <= longest.toMillis() ? stretched : longest.toMillis() * (1 - random * STRETCH)));
    }
}
