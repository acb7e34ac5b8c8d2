package io.tagger.api;

import java.time.Instant;
import java.util.Objects;

/**
 * The status of one collector at one moment.
 *
 * @param name the collector's name, which is the source of its tags
 * @param mode how the collector learns its tags
 * @param condition the collector's state, and why
 * @param progress how far the collector has come
 * @param lastError the last error of the collector, in words; empty if there was none
 * @param counters what the collector did since the tagger was started
 */
public record CollectorStatus(
        String name, CollectorMode mode, Condition condition, Progress progress, String lastError, Counters counters) {

    /** Checks that no part is missing. */
    public CollectorStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(condition, "condition");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(lastError, "lastError");
        Objects.requireNonNull(counters, "counters");
    }

    /**
     * The state of a collector, and why.
     *
     * @param state the state
     * @param reason why the collector is in that state, in words; empty where there is no more to say
     * @param since the moment at which the collector entered that state
     */
    public record Condition(CollectorState state, String reason, Instant since) {
        /** Checks that no part is missing. */
        public Condition {
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * How far a collector has come.
     *
     * @param synced whether the collector has reported everything there was at least once; always true for a running {@link
     *     CollectorMode#FETCH} collector
     * @param ready whether the readiness of the tagger does not wait for the collector: synced, absent, or failed
     * @param entities the number of entities for which the store holds tags of this collector
     */
    public record Progress(boolean synced, boolean ready, long entities) {}

    /**
     * What a collector did since the tagger was started.
     *
     * @param starts instances started
     * @param infos infos accepted
     * @param rejected reports refused: null, an info under another collector's name, or a limit exceeded
     * @param fetches questions asked on misses
     * @param failures detections, streams, pulls and fetches that ended in an error
     * @param timeouts detections, pulls and fetches that passed their deadline
     */
    public record Counters(long starts, long infos, long rejected, long fetches, long failures, long timeouts) {}

    /**
     * The state of the collector.
     *
     * @return {@link Condition#state}
     */
    public CollectorState state() {
        return condition.state;
    }

    /**
     * Why the collector is in its state.
     *
     * @return {@link Condition#reason}
     */
    public String reason() {
        return condition.reason;
    }

    /**
     * The moment at which the collector entered its state.
     *
     * @return {@link Condition#since}
     */
    public Instant since() {
        return condition.since;
    }

    /**
     * Whether the collector has reported everything there was at least once.
     *
     * @return {@link Progress#synced}
     */
    public boolean synced() {
        return progress.synced;
    }

    /**
     * Whether the readiness of the tagger does not wait for the collector.
     *
     * @return {@link Progress#ready}
     */
    public boolean ready() {
        return progress.ready;
    }

    /**
     * The number of entities for which the store holds tags of this collector.
     *
     * @return {@link Progress#entities}
     */
    public long entities() {
        return progress.entities;
    }
}
