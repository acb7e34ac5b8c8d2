package io.tagger.runtime.collect;

import java.time.Duration;

/**
 * The bounds within which collectors are run. The values that hold unless configured, and what each is for, stand in {@code
 * reference.conf}.
 *
 * @param detectDeadline how long a detection may take
 * @param pullDeadline how long a pull may take
 * @param fetchDeadline how long a fetch may take
 * @param callDeadline how long a caller waits for all fetches of its miss
 * @param retryMin the pause after a first failure
 * @param retryMax the pause after many
 * @param notFound how long "not found" is remembered
 * @param incomplete the pause before an incomplete answer is asked for again
 * @param fetchThreads how many fetches of one collector run beside each other
 * @param maxRemembered how many answers that hold no tags are remembered for one collector
 * @param maxEntities of how many entities one collector may hold tags
 * @param maxTagLength how many characters a tag may have
 * @param maxThreads how many threads of one collector may be alive
 */
public record HostSettings(
        Duration detectDeadline,
        Duration pullDeadline,
        Duration fetchDeadline,
        Duration callDeadline,
        Duration retryMin,
        Duration retryMax,
        Duration notFound,
        Duration incomplete,
        int fetchThreads,
        int maxRemembered,
        int maxEntities,
        int maxTagLength,
        int maxThreads) {

    /** The pause after so many failures in a row: doubled each time, up to the longest, and stretched by up to a quarter at random. */
    Duration retryAfter(int failures, double random) {
        double millis = Math.min(retryMin.toMillis() * Math.pow(2, failures - 1), retryMax.toMillis());
        return Duration.ofMillis((long) Math.min(millis * (1 + random / 4), retryMax.toMillis()));
    }
}
