package io.tagger.runtime.collect;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.store.Epoch;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The services of a tagger for the host of its collectors.
 *
 * @param store the store that takes the tags
 * @param epoch the epoch of the miss logic; the host advances the epoch
 * @param settings the bounds
 * @param time the clock and the scheduler
 * @param names the names of the machine and of the tagger
 * @param calls the tagger's part in calls of collectors
 */
public record HostServices(TagStore store, Epoch epoch, HostSettings settings, Time time, Names names, Calls calls) {
    /**
     * The tagger's part in calls of collectors.
     *
     * @param lookup looks up an entity for a collector
     * @param tagged takes the name of a collector, and the time from the start of an entity to its first tags
     */
    public record Calls(
            Function<EntityId, CompletionStage<Optional<EntityTags>>> lookup, BiConsumer<String, Duration> tagged) {}

    /**
     * The clock and the scheduler.
     *
     * @param clock the time
     * @param scheduler runs deadlines and retries, all short; the host does not close the scheduler
     */
    public record Time(Clock clock, ScheduledExecutorService scheduler) {}

    /** The same services with other bounds. */
    HostServices with(HostSettings others) {
        return new HostServices(store, epoch, others, time, names, calls);
    }

    Clock clock() {
        return time.clock;
    }

    ScheduledExecutorService scheduler() {
        return time.scheduler;
    }

    /**
     * The names of the machine and of the tagger.
     *
     * @param host the name of the machine
     * @param tagger the globally unique name of the tagger in its lineage
     */
    public record Names(String host, String tagger) {}
}
