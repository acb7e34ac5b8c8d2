package io.tagger.runtime.collect;

import io.tagger.api.Issue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures the processor use of one collector's threads, and reports a collector with a busy core. Thread-safe. */
final class BusyWatch {
    private static final Logger LOG = LoggerFactory.getLogger(BusyWatch.class);

    /** The share of one core above which a collector is reported. */
    private static final double BUSY = 0.8;

    /** The shortest interval between two looks for a valid share: the clock may have been set. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final String collector;
    private final CollectorThreads threads;
    private final Clock clock;
    private Instant lookedAt; // guarded by this
    private String finding = ""; // guarded by this; empty unless the collector is busy

    BusyWatch(String collector, CollectorThreads threads, Clock clock) {
        this.collector = collector;
        this.threads = threads;
        this.clock = clock;
        this.lookedAt = clock.instant();
    }

    /** Compares the processor time used so far with the last look. */
    synchronized void look() {
        Instant now = clock.instant();
        CollectorThreads.Usage usage = threads.usageSinceLastCall();
        Duration since = Duration.between(lookedAt, now);
        lookedAt = now;
        double cores = (double) usage.nanos() / Math.max(1, since.toNanos());
        boolean wasBusy = !finding.isEmpty();
        boolean isBusy = cores >= BUSY && since.compareTo(SHORTEST) >= 0;
        finding = isBusy
                ? String.format(Locale.ROOT, "the collector's threads keep %.1f of a core busy, ", cores)
                        + usage.busiest()
                        + " most: if this continues, inspect the threads with jstack, or switch the collector off"
                        + " (tagger.collectors." + collector + ".enabled = false)"
                : "";
        if (isBusy && !wasBusy) {
            LOG.warn("collector {}: {}", collector, finding);
        }
    }

    synchronized List<Issue> issues() {
        return finding.isEmpty()
                ? List.of()
                : List.of(new Issue(Issue.Severity.WARNING, "collector " + collector, finding));
    }
}
