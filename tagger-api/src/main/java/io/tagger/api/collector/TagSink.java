package io.tagger.api.collector;

import io.tagger.api.CollectorPriority;
import io.tagger.api.TagInfo;
import java.util.Collection;
import java.util.List;

/**
 * The channel from one instance of a collector to the tagger. Thread-safe.
 *
 * <p>It is bounded and never drops: a {@code send} that finds it full blocks. When {@code send} has returned, the next lookup sees what was
 * sent.
 */
public interface TagSink {
    /**
     * Passes on what was learned. For the same entity and source the new info replaces the last one; sending the same again costs little
     * and changes nothing.
     *
     * @param infos the infos, of this collector's name only; an empty list does nothing
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalArgumentException if one of them has another collector's name as its source; none of the list is taken then
     * @throws NullPointerException if the list or one of them is null; none of the list is taken then
     * @throws IllegalStateException if the host has given this instance up; nothing is taken any more
     */
    void send(List<TagInfo> infos) throws InterruptedException;

    /**
     * Sends everything that this collector knows now: the host stores each info that has changed, and deletes each entity that an earlier
     * call of this instance named and this call does not. For pullers, which read a whole list: the collector keeps no list of its own.
     *
     * <p>A list that may be partial, after an error half-way for instance, must not be passed: the host would delete what is missing. The
     * same infos again cost little and change nothing. An entity that two infos name keeps the last one. Calls of one instance must not
     * overlap. Infos that {@link #send} sent are not touched.
     *
     * @param infos all infos, of this collector's name only; an info without tags withdraws the tags of its entity instead of deleting it
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalArgumentException as for {@link #send}
     * @throws NullPointerException as for {@link #send}
     * @throws IllegalStateException as for {@link #send}
     */
    void replaceAll(Collection<TagInfo> infos) throws InterruptedException;

    /**
     * Says: all that exists now has been sent since this instance began. The host then drops what earlier instances had sent and this one
     * has not, and counts the collector as ready. Saying it again changes nothing.
     *
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalStateException if the host has given this instance up
     */
    void synced() throws InterruptedException;

    /**
     * A sink for what a source of another tagger has said: for a collector that passes on what others collect. Its infos bear the name
     * {@code <collector>/<source>}, and the given priority counts in their merge. {@link #synced} of the collector's own sink speaks for
     * these as well. The default is a host that has no such sinks.
     *
     * @param source the name that the source has in the other tagger
     * @param priority the priority that it has there
     * @return the sink, the same for the same source and priority
     * @throws UnsupportedOperationException if this host has no such sinks
     */
    default TagSink relay(String source, CollectorPriority priority) {
        throw new UnsupportedOperationException("this host takes no infos of other taggers");
    }
}
