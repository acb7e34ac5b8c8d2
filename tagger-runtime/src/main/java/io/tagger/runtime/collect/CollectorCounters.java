package io.tagger.runtime.collect;

import io.tagger.api.CollectorStatus;
import io.tagger.api.collector.CollectorUnavailableException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The counters and the last error of one collector, over all its instances. Thread-safe. */
final class CollectorCounters {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorCounters.class);

    private final String collector;
    private final LongAdder infos = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private volatile String lastError = "";

    CollectorCounters(String collector) {
        this.collector = collector;
    }

    void accepted(int count) {
        infos.add(count);
    }

    void rejected(String why) {
        rejected.increment();
        error(why);
    }

    void fetchStarted() {
        fetches.increment();
    }

    void failed(String why) {
        failures.increment();
        error(why);
    }

    void timedOut() {
        timeouts.increment();
    }

    String lastError() {
        return lastError;
    }

    CollectorStatus.Counters counters(long starts) {
        return new CollectorStatus.Counters(
                starts, infos.sum(), rejected.sum(), fetches.sum(), failures.sum(), timeouts.sum());
    }

    private void error(String what) {
        lastError = what;
        LOG.debug("collector {}: {}", collector, what);
    }

    /**
     * An error of a collector in words for an operator: the message alone if written for an operator, else with the
     * type.
     */
    static String words(Throwable error) {
        String message = error.getMessage();
        boolean plain = error instanceof CollectorUnavailableException || error instanceof IllegalStateException;
        return plain && message != null ? message : error.toString();
    }
}
