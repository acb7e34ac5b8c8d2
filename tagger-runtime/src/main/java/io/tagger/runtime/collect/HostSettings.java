package io.tagger.runtime.collect;

import io.tagger.api.collector.Backoff;
import java.time.Duration;

/**
 * The bounds of collectors. {@code reference.conf} has the defaults and the purpose of each bound.
 *
 * @param deadlines how long the steps of a collector may take
 * @param retry the pauses before a failed collector is started again, or a failed fetch repeated
 * @param memory how long answers without tags are remembered
 * @param limits the largest share of one collector in the common resources
 */
public record HostSettings(Deadlines deadlines, Backoff retry, Memory memory, Limits limits) {
    /**
     * The deadlines.
     *
     * @param detect the deadline of a detection
     * @param pull the deadline of a pull
     * @param fetch the deadline of a fetch
     * @param call the deadline of a caller, for all fetches of a miss together
     * @param ready how long readiness waits for the sync of a detected collector
     * @param absent the pause before the next detection of an absent source
     */
    public record Deadlines(
            Duration detect, Duration pull, Duration fetch, Duration call, Duration ready, Duration absent) {}

    /**
     * The memory of answers without tags.
     *
     * @param notFound how long "not found" is remembered
     * @param incomplete the pause before an incomplete answer is asked for again
     * @param maxRemembered the number of remembered answers without tags for one collector
     */
    public record Memory(Duration notFound, Duration incomplete, int maxRemembered) {}

    /**
     * The limits of one collector.
     *
     * @param entities the number of entities with tags of the collector
     * @param tagLength the number of characters of a tag
     * @param threads the number of live threads
     * @param fetchThreads the number of fetches in parallel
     */
    public record Limits(int entities, int tagLength, int threads, int fetchThreads) {}
}
