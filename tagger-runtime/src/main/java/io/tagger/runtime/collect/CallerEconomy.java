package io.tagger.runtime.collect;

import io.tagger.api.Issue;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds the questions that callers outside of this process cause at one collector: so many a second for each caller,
 * and ten times as many for all of them. Thread-safe.
 */
final class CallerEconomy {
    /** All callers together, in shares of one caller. */
    private static final int ALL = 10;

    /** Further callers share one bucket until the next {@link #lapse}. */
    private static final int MAX_CALLERS = 1_000;

    private final String collector;
    private final HostSettings.Callers limits;
    private final Clock clock;
    private final Bucket all;
    private final Map<String, Bucket> byCaller = new HashMap<>(); // guarded by this
    private String lastRefused = ""; // guarded by this
    private long refusedNow; // guarded by this; since the last lapse
    private long refusedBefore; // guarded by this; between the last two lapses

    /** So many questions a second, and a few at once. */
    private static final class Bucket {
        private static final double MILLIS = 1_000;
        private final double perSecond;
        private final double burst;
        private double tokens;
        private long last; // milliseconds

        Bucket(double perSecond, double burst, long now) {
            this.perSecond = perSecond;
            this.burst = burst;
            tokens = burst;
            last = now;
        }

        boolean isFull(long now) {
            tokens =
                    Math.min(burst, tokens + Math.max(0, now - last) / MILLIS * perSecond); // the clock may be set back
            last = now;
            return tokens >= burst;
        }

        boolean has(long now) {
            return isFull(now) || tokens >= 1;
        }

        void take() {
            tokens--;
        }
    }

    CallerEconomy(String collector, HostSettings.Callers limits, Clock clock) {
        this.collector = collector;
        this.limits = limits;
        this.clock = clock;
        all = new Bucket((double) limits.perSecond() * ALL, (double) limits.burst() * ALL, clock.millis());
    }

    /** Whether a caller may cause a further question now; counts the question. */
    synchronized boolean mayAsk(String caller) {
        long now = clock.millis();
        String key = byCaller.size() < MAX_CALLERS ? caller : "";
        Bucket own = byCaller.getOrDefault(caller, byCaller.get(key));
        if (own == null) {
            own = new Bucket(limits.perSecond(), limits.burst(), now);
            byCaller.put(key, own);
        }
        if (!own.has(now) || !all.has(now)) {
            refusedNow++;
            lastRefused = caller;
            return false;
        }
        own.take();
        all.take();
        return true;
    }

    /** Forgets callers that asked little. */
    synchronized void lapse() {
        long now = clock.millis();
        byCaller.values().removeIf(bucket -> bucket.isFull(now));
        refusedBefore = refusedNow;
        refusedNow = 0;
    }

    synchronized List<Issue> issues() {
        long refused = refusedBefore + refusedNow;
        return refused == 0
                ? List.of()
                : List.of(new Issue(
                        Issue.Severity.WARNING,
                        "collector " + collector,
                        refused
                                + " questions of callers were not asked in the last seconds, and answered as incomplete: "
                                + lastRefused + " asks about more than " + limits.perSecond()
                                + " unknown entities a second (tagger.lookup.caller-rate)"));
    }
}
