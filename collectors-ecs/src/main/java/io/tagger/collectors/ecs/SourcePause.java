package io.tagger.collectors.ecs;

import io.tagger.api.collector.Backoff;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The pauses of a source after failures: growing from 1 s to 30 s, or longer at the source's request. Thread-safe. */
final class SourcePause {
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final Clock clock;
    private int failures; // in a row; guarded by this
    private Instant until = Instant.MIN; // guarded by this
    private String why = ""; // guarded by this

    SourcePause(Clock clock) {
        this.clock = clock;
    }

    /**
     * Throws during a pause.
     *
     * @throws IOException during a pause; the message has the end of the pause, and the last failure
     */
    synchronized void check() throws IOException {
        if (clock.instant().isBefore(until)) {
            throw new IOException(why + "; the next request comes after " + until);
        }
    }

    /**
     * Begins a pause.
     *
     * @param reason the failure
     * @param atLeast the pause requested by the source; zero for none
     * @return whether this is the first failure since the last answer
     */
    synchronized boolean failed(String reason, Duration atLeast) {
        failures++;
        Duration pause = BACKOFF.pause(failures);
        why = reason;
        until = clock.instant().plus(pause.compareTo(atLeast) > 0 ? pause : atLeast);
        return failures == 1;
    }

    /** Ends the pauses: the source has answered. */
    synchronized void answered() {
        failures = 0;
        until = Instant.MIN;
    }

    /**
     * Reads the header {@code Retry-After}.
     *
     * @param header the value in seconds; a date or any further text counts as no request
     * @return the pause requested by the source, at most an hour
     */
    static Duration retryAfter(String header) {
        return header.matches("\\d{1,9}")
                ? Duration.ofSeconds(
                        Math.min(Integer.parseInt(header), Duration.ofHours(1).toSeconds()))
                : Duration.ZERO;
    }
}
