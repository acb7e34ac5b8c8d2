package io.tagger.collectors.kubernetes;

import io.tagger.api.collector.CollectorUnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;

/** The first answering source of several, with a return to an earlier source when the earlier source answers again. */
final class FirstOf implements PodSource {
    private final List<PodSource> candidates;
    private final Duration again;
    private final Clock clock;
    private final Logger log;
    private volatile int taken;
    private volatile long due; // milliseconds

    /**
     * Makes the choice, without a request.
     *
     * @param candidates in the order of preference
     * @param again the interval at which an earlier source is tried
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
     * @param timeout the time for a source to begin an answer, if further sources follow
     * @param last the time for the last source
     * @throws CollectorUnavailableException if no source answers; the message has the error of each
     */
    void find(Duration timeout, Duration last) throws CollectorUnavailableException, InterruptedException {
        StringBuilder failures = new StringBuilder();
        for (int i = 0; i < candidates.size(); i++) {
            PodSource candidate = candidates.get(i);
            try {
                List<Pod> pods = candidate.pods(i + 1 < candidates.size() ? timeout : last, UnaryOperator.identity());
                log.info(
                        "the pods of this node come from {}{}",
                        candidate,
                        failures.isEmpty() ? "" : ", because " + failures);
                if (pods.isEmpty()) {
                    log.warn("{} has no pods yet", candidate);
                }
                take(i);
                return;
            } catch (IOException | RuntimeException e) {
                failures.append(failures.isEmpty() ? "" : "; and ").append(e.getMessage());
            }
        }
        throw CollectorUnavailableException.retry(failures.toString());
    }

    @Override
    public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException {
        if (taken > 0 && clock.millis() >= due) {
            PodSource first = candidates.get(0);
            due = clock.millis() + again.toMillis();
            try {
                List<Pod> pods = first.pods(timeout, keep);
                log.info("the pods of this node come from {} again", first);
                take(0);
                return pods;
            } catch (IOException e) {
                log.debug("{} does not answer yet", first, e);
            }
        }
        return candidates.get(taken).pods(timeout, keep);
    }

    private void take(int index) {
        taken = index;
        due = clock.millis() + again.toMillis();
    }

    @Override
    public void close() {
        candidates.forEach(PodSource::close);
    }

    @Override
    public String toString() {
        return candidates.get(taken).toString();
    }
}
