package io.tagger.api.collector;

import java.time.Duration;

/** A collector that asks its source for everything again and again, such as the pod list of a node. */
public interface Puller extends Collector {
    /**
     * Asks for everything and sends what has changed since the last pull of this instance: it keeps the last revision of what it saw. An
     * entity that is gone is sent as a {@link io.tagger.api.TagInfo#deletion deletion}. The end of the first pull stands for {@link
     * TagSink#synced}. Bounded: 30 s unless configured.
     *
     * @param sink where the tags go
     * @throws InterruptedException when the host wants it to end
     * @throws Exception if the source can't be asked; the host starts a new instance after a pause, and what was sent stays served
     */
    void pull(TagSink sink) throws Exception;

    /**
     * The pause from the end of one pull to the start of the next.
     *
     * @return more than zero; 5 s unless overridden
     */
    default Duration pullInterval() {
        return Duration.ofSeconds(5);
    }
}
