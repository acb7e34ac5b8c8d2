package io.tagger.api.collector;

import io.tagger.api.CollectorPriority;
import io.tagger.api.TagInfo;
import java.util.Collection;
import java.util.List;

/**
 * The channel from one instance of a collector to the tagger. Thread-safe.
 *
 * <p>The channel never drops a report. A host may write at once or through a bounded queue: {@code send} blocks while
 * the host can't take the report. After {@code send} has returned, the next lookup sees the tags.
 */
public interface TagSink {
    /**
     * Sends reports to the tagger. A report replaces the last report about the same entity from the same source; an
     * equal report costs little and has no effect.
     *
     * @param infos the reports, all under this collector's name; an empty list has no effect
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalArgumentException if a report has another collector's name as its source; the whole list is
     *     refused
     * @throws NullPointerException if the list or an element is null; the whole list is refused
     * @throws IllegalStateException if the host has given up this instance; all further reports are refused
     */
    void send(List<TagInfo> infos) throws InterruptedException;

    /**
     * Sends the whole present knowledge of this collector: the host stores each changed report, and deletes each entity
     * that is in an earlier call of this instance and missing in this call. For pullers: the host remembers the last
     * list, and the collector needs no memory of its own.
     *
     * <p>Never pass a partial list, for instance after an error half-way: the host would delete the missing entities.
     * Only changed reports are sent on; an entity that another source deleted comes back with its next changed report.
     * If two reports have the same entity, the last report counts. Calls of one instance must not overlap. Reports sent
     * with {@link #send} are left alone.
     *
     * @param infos all reports, under this collector's name; a report without tags withdraws the entity's tags instead
     *     of deleting the entity
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalArgumentException as for {@link #send}
     * @throws NullPointerException as for {@link #send}
     * @throws IllegalStateException as for {@link #send}
     */
    void replaceAll(Collection<TagInfo> infos) throws InterruptedException;

    /**
     * Declares that this instance has sent all existing entities. The host then drops entities sent by earlier
     * instances and not by this instance, and counts the collector as ready. A second call has no effect.
     *
     * @throws InterruptedException if the host wants this instance to end
     * @throws IllegalStateException if the host has given this instance up
     */
    void synced() throws InterruptedException;

    /**
     * A sink for the reports of another tagger's source, for a collector that passes on another tagger's tags. The
     * reports bear the source name {@code <collector>/<source>}, and are merged with the given priority. {@link
     * #synced} of the collector's own sink covers the relay sinks as well. The default has no relay sinks.
     *
     * @param source the source's name in the other tagger
     * @param priority the source's priority in the other tagger
     * @return the sink; equal arguments give the same sink
     * @throws UnsupportedOperationException if this host has no relay sinks
     */
    default TagSink relay(String source, CollectorPriority priority) {
        throw new UnsupportedOperationException("this host has no relay sinks");
    }
}
