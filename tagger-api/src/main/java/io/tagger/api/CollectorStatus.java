package io.tagger.api;

import java.time.Instant;
import java.util.Objects;

/**
 * The status of one collector at one moment.
 *
 * @param name the collector's name, also the source of its tags
 * @param mode the way in which the collector learns tags
 * @param condition the collector's state, and why
 * @param progress how far the collector has come
 * @param lastError the last error of the collector, in words; empty if there was none
 * @param counters the collector's counters since the start of the tagger
 */
public record CollectorStatus(
        String name, CollectorMode mode, Condition condition, Progress progress, String lastError, Counters counters) {

    /** Rejects a null part. */
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
     * @param reason the reason for the state in words; for a running collector its {@linkplain
     *     io.tagger.api.collector.CollectorContext#progress progress}; may be empty
     * @param since the moment at which the collector entered the state
     */
    public record Condition(CollectorState state, String reason, Instant since) {
        /** Rejects a null part. */
        public Condition {
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * The progress of a collector.
     *
     * @param synced whether the collector has reported its whole source at least once; always true for a running {@link
     *     CollectorMode#FETCH} collector
     * @param readiness the collector's part in the readiness of the tagger
     * @param entities the number of entities with tags of this collector in the store
     */
    public record Progress(boolean synced, Readiness readiness, long entities) {
        /** Rejects a null part. */
        public Progress {
            Objects.requireNonNull(readiness, "readiness");
        }
    }

    /** The part of a collector in the readiness of the tagger. */
    public enum Readiness {
        /** The collector has synced, is absent, or is not used. */
        READY,
        /** The tagger is not ready before the collector has synced. */
        AWAITED,
        /**
         * The collector is detected or may be, and has not synced within {@code tagger.collect.ready-timeout}, or never
         * will. The tagger does not wait any longer; answers about the collector's entities stay incomplete.
         */
        DEGRADED
    }

    /**
     * The counters of a collector since the start of the tagger.
     *
     * @param starts instances started
     * @param infos infos accepted
     * @param rejected reports refused: null, an info under another collector's name, or a limit exceeded
     * @param fetches questions asked on misses
     * @param failures detections, streams, pulls and fetches ended by an error
     * @param timeouts detections, pulls and fetches past their deadline
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
     * The reason for the collector's state.
     *
     * @return {@link Condition#reason}
     */
    public String reason() {
        return condition.reason;
    }

    /**
     * The moment at which the collector entered the state.
     *
     * @return {@link Condition#since}
     */
    public Instant since() {
        return condition.since;
    }

    /**
     * Whether the collector has reported its whole source at least once.
     *
     * @return {@link Progress#synced}
     */
    public boolean synced() {
        return progress.synced;
    }

    /**
     * Whether the readiness of the tagger does not wait for the collector.
     *
     * @return false for a collector that is {@link Readiness#AWAITED}
     */
    public boolean ready() {
        return progress.readiness != Readiness.AWAITED;
    }

    /**
     * Whether the collector is degraded.
     *
     * @return true for a collector that is {@link Readiness#DEGRADED}
     */
    public boolean degraded() {
        return progress.readiness == Readiness.DEGRADED;
    }

    /**
     * The number of entities with tags of this collector in the store.
     *
     * @return {@link Progress#entities}
     */
    public long entities() {
        return progress.entities;
    }
}
