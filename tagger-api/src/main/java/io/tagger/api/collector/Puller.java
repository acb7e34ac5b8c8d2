package io.tagger.api.collector;

import java.time.Duration;

/** A collector with a source that is read as a whole at an interval, such as the pod list of a node. */
public interface Puller extends Collector {
    /**
     * Reads the whole source and sends the changes since the last pull of this instance: {@link TagSink#replaceAll}
     * finds the changes in a complete list. Without {@code replaceAll}, the collector keeps the last revisions, and
     * sends the end of an entity as a {@link io.tagger.api.TagInfo#deletion deletion}. The end of the first pull counts
     * as {@link TagSink#synced}. Bounded: 30 s unless configured.
     *
     * @param sink where the tags go
     * @throws InterruptedException when the host ends the pull
     * @throws Exception if the source gives no answer; the host starts a new instance after a pause, and the tags
     *     already sent stay served
     */
    void pull(TagSink sink) throws Exception;

    /**
     * The pause between the end of a pull and the start of the next pull.
     *
     * @return more than zero; 5 s unless overridden
     */
    default Duration pullInterval() {
        return Duration.ofSeconds(5);
    }
}
