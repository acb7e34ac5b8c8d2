package io.tagger.runtime.collect;

import io.tagger.api.CollectorState;
import io.tagger.api.CollectorStatus;
import io.tagger.api.CollectorStatus.Readiness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The state of one collector, and the collector's part in the readiness of the tagger. Guarded by the monitor of its
 * {@link HostedCollector}.
 */
final class Standing {
    private final boolean required;
    private final Clock clock;
    private final Duration patience;

    private CollectorState state = CollectorState.STOPPED;
    private String reason = "not started yet";
    private Instant since;
    private boolean decided; // whether the first detection is over
    private boolean synced;
    private boolean switchedOff;
    private Instant detectedAt = Instant.MAX; // the first detection

    /**
     * Makes the standing of a collector that was not started.
     *
     * @param required whether the configuration says {@code enabled = true}
     * @param clock the time
     * @param patience how long readiness waits for the sync after the first detection, unless required
     */
    Standing(boolean required, Clock clock, Duration patience) {
        this.required = required;
        this.clock = clock;
        this.patience = patience;
        since = clock.instant();
    }

    void enter(CollectorState next, String why) {
        state = next;
        reason = why;
        since = clock.instant();
    }

    CollectorState state() {
        return state;
    }

    /** Whether the collector has been in its state for longer than a duration. */
    boolean isOlderThan(Duration duration) {
        return clock.instant().isAfter(since.plus(duration));
    }

    /** Notes the end of a detection without success. */
    void undetected() {
        decided = true;
    }

    void detected() {
        decided = true;
        if (!isDetected()) {
            detectedAt = clock.instant();
        }
    }

    boolean isDetected() {
        return detectedAt != Instant.MAX;
    }

    void synced() {
        synced = true;
    }

    boolean isSynced() {
        return synced;
    }

    /** Notes that the configuration does without the collector. */
    void switchedOff() {
        switchedOff = true;
    }

    /** Whether nothing can be missing because of this collector: the collector is not used here. */
    boolean isOutOfUse() {
        return state == CollectorState.ABSENT || switchedOff;
    }

    Readiness readiness() {
        if (isOutOfUse() || synced && state == CollectorState.RUNNING) {
            return Readiness.READY;
        }
        if (required) {
            return Readiness.AWAITED;
        }
        if (synced) {
            return Readiness.DEGRADED; // until the next instance runs
        }
        boolean isOver = isDetected() ? !clock.instant().isBefore(detectedAt.plus(patience)) : decided;
        return isOver || state == CollectorState.FAILED ? Readiness.DEGRADED : Readiness.AWAITED;
    }

    /**
     * The state with its reason.
     *
     * @param syncedBy the step that ends with the sync, for a collector that runs and has not synced
     * @param progress the running collector's own words; empty for none
     */
    CollectorStatus.Condition condition(String syncedBy, String progress) {
        String why = reason;
        if (state == CollectorState.RUNNING) {
            long seconds = Duration.between(since, clock.instant()).toSeconds();
            String waits = synced || seconds < 1 ? "" : syncedBy + " for " + seconds + " s";
            why = waits.isEmpty() || progress.isEmpty() ? waits + progress : waits + "; " + progress;
        }
        return new CollectorStatus.Condition(state, why, since);
    }
}
