package io.tagger.runtime.collect;

import io.tagger.api.collector.Backoff;
import java.time.Duration;

/**
 * The bounds of collectors. {@code reference.conf} has the defaults and the purpose of each bound.
 *
 * @param deadlines how long the steps of a collector may take
 * @param retry the pauses before a failed collector is started again, or a failed fetch repeated
 * @param memory how long answers without tags are remembered
 * @param callers how many questions callers outside of this process may cause at one collector
 * @param limits the largest share of one collector in the common resources
 */
public record HostSettings(Deadlines deadlines, Backoff retry, Memory memory, Callers callers, Limits limits) {
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
     * @param maxRememberedBytes the memory of these answers
     */
    public record Memory(Duration notFound, Duration incomplete, int maxRemembered, long maxRememberedBytes) {}

    /**
     * The economy of one caller outside of this process.
     *
     * @param perSecond the number of questions a second
     * @param burst the number of questions at once
     */
    public record Callers(int perSecond, int burst) {}

    /**
     * The limits of one collector.
     *
     * @param entities the number of entities with tags of the collector
     * @param tags the number of tags of an entity
     * @param tagBytes the bytes of all tags of an entity, in UTF-8
     * @param threads the number of live threads
     * @param fetchThreads the number of fetches in parallel
     */
    public record Limits(int entities, int tags, int tagBytes, int threads, int fetchThreads) {}
}
