package io.tagger.api;

import java.time.Instant;
import java.util.Objects;

/**
 * How one collector is.
 *
 * @param name its name, the source of its tags
 * @param mode how it learns its tags
 * @param state where it stands
 * @param reason why it stands there, in words; empty where there is nothing to say
 * @param since from when on it stands there
 * @param synced whether it has told all there was at least once; always true for a {@link CollectorMode#FETCH} collector that runs
 * @param ready whether the tagger's readiness does not wait for it: it has synced, or it turned out not to be here, or does not work
 * @param entities of how many entities the store holds tags from it
 * @param lastError the last thing that went wrong; empty if nothing has
 * @param counters what it did since the tagger was started
 */
public record CollectorStatus(
        String name,
        CollectorMode mode,
        CollectorState state,
        String reason,
        Instant since,
        boolean synced,
        boolean ready,
        long entities,
        String lastError,
        Counters counters) {

    /** Checks that nothing is missing. */
    public CollectorStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(lastError, "lastError");
        Objects.requireNonNull(counters, "counters");
    }

    /**
     * What a collector did since the tagger was started.
     *
     * @param starts how many instances of it were started
     * @param infos how many infos it sent that were taken
     * @param rejected how often it sent something that was refused: null, or an info under another collector's name
     * @param fetches how often it was asked on a miss
     * @param failures how often a detection, stream, pull or fetch ended in an error
     * @param timeouts how often one was given up because it passed its deadline
     */
    public record Counters(long starts, long infos, long rejected, long fetches, long failures, long timeouts) {}
}
