package io.tagger.collectors.ecs;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Leaves alone what has failed, for growing times: 1 s, 2 s and so on up to 30 s, or longer if it says so itself. Thread-safe. */
final class Backoff {
    private static final int LONGEST_SECONDS = 30;

    private final Clock clock;
    private int failures; // in a row; guarded by this
    private Instant until = Instant.MIN; // the same
    private String why = ""; // the same

    Backoff(Clock clock) {
        this.clock = clock;
    }

    /**
     * Whether it may be asked.
     *
     * @throws IOException if not; the message says until when, and what came of it the last time
     */
    synchronized void check() throws IOException {
        if (clock.instant().isBefore(until)) {
            throw new IOException(why + "; it is not asked again before " + until);
        }
    }

    /**
     * It has failed.
     *
     * @param atLeast how long it wants to be left alone
     * @return whether it is the first time since it last answered
     */
    synchronized boolean failed(String reason, Duration atLeast) {
        Duration grown = Duration.ofSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(failures, LONGEST_SECONDS)));
        failures++;
        why = reason;
        until = clock.instant().plus(grown.compareTo(atLeast) > 0 ? grown : atLeast);
        return failures == 1;
    }

    /** It has answered. */
    synchronized void answered() {
        failures = 0;
        until = Instant.MIN;
    }

    /**
     * Reads the header {@code Retry-After}.
     *
     * @param header its value: seconds. A date, or anything else, is none: the growing times have to do.
     * @return at most an hour
     */
    static Duration retryAfter(String header) {
        return header.matches("\\d{1,9}")
                ? Duration.ofSeconds(
                        Math.min(Integer.parseInt(header), Duration.ofHours(1).toSeconds()))
                : Duration.ZERO;
    }
}
