package io.tagger.collectors.ecs;

import java.time.Clock;

/** So many questions a second, and a few at once. Thread-safe. */
final class TokenBucket {
    private static final double MILLIS = 1_000;

    private final double perSecond;
    private final double burst;
    private final Clock clock;
    private double tokens; // guarded by this
    private long last; // milliseconds; guarded by this

    TokenBucket(double perSecond, double burst, Clock clock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.clock = clock;
        this.tokens = burst;
        this.last = clock.millis();
    }

    /** Takes a token, if available. */
    synchronized boolean take() {
        long now = clock.millis();
        double earned = Math.max(0, now - last) / MILLIS * perSecond; // the clock may have been set back
        last = now;
        tokens = Math.min(burst, tokens + earned);
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
