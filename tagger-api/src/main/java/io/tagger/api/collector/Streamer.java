package io.tagger.api.collector;

/** A collector with a source of events, such as a container runtime. */
public interface Streamer extends Collector {
    /**
     * Sends the present entities, calls {@link TagSink#synced}, and then sends changes until close, interrupt or
     * failure. A return counts as a failure: the host starts a new instance after a pause. Meanwhile the tags of this
     * instance stay served; they are dropped when the new instance has synced without a report about their entities.
     *
     * @param sink where the tags go
     * @throws InterruptedException when the host ends the stream
     * @throws Exception if the source is lost
     */
    void stream(TagSink sink) throws Exception;
}
