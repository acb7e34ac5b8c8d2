package io.tagger.collectors.kubernetes;

import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.common.RootCause;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;

/** Chooses the first answering source of several, and notices when an earlier source answers again. */
final class FirstOf implements Closeable {
    /** The time for a source to begin an answer if further sources follow: three such probes fit into the host's deadline. */
    static final Duration PROBE = Duration.ofMillis(1_500);

    /** The time for all sources together: the host's deadline of a detection without a reserve. */
    private static final Duration ALL = Duration.ofMillis(4_500);

    private final List<PodSource> candidates;
    private final Duration again;
    private final Clock clock;
    private final Logger log;
    private volatile int taken;
    private volatile long due; // milliseconds

    /**
     * Prepares the choice, without a request.
     *
     * @param candidates in the order of preference
     * @param again the interval at which earlier sources are tried
     */
    FirstOf(List<PodSource> candidates, Duration again, Clock clock, Logger log) {
        this.candidates = List.copyOf(candidates);
        this.again = again;
        this.clock = clock;
        this.log = log;
    }

    /**
     * Finds the source, and logs the choice with the reason.
     *
     * @param timeout the longest time for a source to begin an answer
     * @return the source
     * @throws CollectorUnavailableException if no source answers; the message has the error of each
     */
    PodSource find(Duration timeout) throws CollectorUnavailableException, InterruptedException {
        StringBuilder failures = new StringBuilder();
        long end = clock.millis() + ALL.toMillis();
        for (int i = 0; i < candidates.size(); i++) {
            PodSource candidate = candidates.get(i);
            try {
                boolean isLast = i + 1 == candidates.size();
                Duration left = Duration.ofMillis(Math.max(PROBE.toMillis(), end - clock.millis()));
                boolean hasPods = candidate.probe(Pace.shorter(timeout, isLast ? left : PROBE));
                log.info("the pods come from {}{}", candidate, failures.isEmpty() ? "" : ", because " + failures);
                if (!hasPods) {
                    log.warn("{} has no pods yet", candidate);
                }
                taken = i;
                due = clock.millis() + again.toMillis();
                return candidate;
            } catch (IOException | RuntimeException e) {
                failures.append(failures.isEmpty() ? "" : "; and ")
                        .append(e.getMessage() == null ? RootCause.words(e) : e.getMessage());
            }
        }
        throw CollectorUnavailableException.retry(failures.toString());
    }

    /**
     * Tries the earlier sources, at the interval.
     *
     * @throws IOException if an earlier source answers: the next instance of the collector will take that source
     */
    void tryEarlier(Duration timeout) throws IOException, InterruptedException {
        if (taken == 0 || clock.millis() < due) {
            return;
        }
        due = clock.millis() + again.toMillis();
        for (PodSource earlier : candidates.subList(0, taken)) {
            try {
                earlier.probe(
                        Pace.shorter(timeout, PROBE)); // as in a detection, or the next instance could fail to take it
            } catch (IOException | RuntimeException e) {
                log.debug("{} does not answer yet", earlier, e);
                continue;
            }
            throw new IOException(
                    earlier + " answers again; the pods will come from there, and not from " + candidates.get(taken));
        }
    }

    @Override
    public void close() {
        candidates.forEach(PodSource::close);
    }
}
