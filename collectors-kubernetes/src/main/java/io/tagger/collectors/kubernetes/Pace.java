package io.tagger.collectors.kubernetes;

import io.tagger.api.collector.Backoff;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongFunction;

/**
 * The times of requests to one server, and the executor of later steps.
 *
 * @param timeout the time for an answer to begin
 * @param poll the interval of lists where the watch is forbidden
 * @param longest the longest pause after refusals
 * @param later an executor with a delay in milliseconds
 */
record Pace(Duration timeout, Duration poll, Duration longest, Clock clock, LongFunction<Executor> later) {
    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Takes a step after a pause. */
    void after(Duration pause, Runnable step) {
        later.apply(pause.toMillis()).execute(step);
    }

    /** The pause after refusals in a row: the interval of polls, then growing. */
    Duration refused(int refusals) {
        return new Backoff(poll, longest).pause(refusals, 0);
    }
}
