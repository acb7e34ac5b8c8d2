package io.tagger.api.collector;

/** A collector that is told of changes as they happen, such as the events of a container runtime. */
public interface Streamer extends Collector {
    /**
     * Sends what there is, says {@link TagSink#synced}, and then sends what changes, until it is closed, interrupted or fails. Returning is
     * a failure like any other: the host starts a new instance after a pause. What this instance had sent stays served meanwhile, and is
     * dropped when the new one has synced without sending it again.
     *
     * @param sink where the tags go
     * @throws InterruptedException when the host wants it to end
     * @throws Exception if the source is lost
     */
    void stream(TagSink sink) throws Exception;
}
