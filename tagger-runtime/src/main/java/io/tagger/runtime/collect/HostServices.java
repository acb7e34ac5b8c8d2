package io.tagger.runtime.collect;

import io.tagger.store.Epoch;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;

/**
 * The services of a tagger for the host of its collectors.
 *
 * @param store the store that takes the tags
 * @param epoch the epoch of the miss logic; the host advances the epoch
 * @param settings the bounds
 * @param clock the time
 * @param scheduler runs deadlines and retries, all short; the host does not close the scheduler
 * @param names the names of the machine and of the tagger
 */
public record HostServices(
        TagStore store,
        Epoch epoch,
        HostSettings settings,
        Clock clock,
        ScheduledExecutorService scheduler,
        Names names) {
    /**
     * The names of the machine and of the tagger.
     *
     * @param host the name of the machine
     * @param tagger the globally unique name of the tagger in its lineage
     */
    public record Names(String host, String tagger) {}
}
