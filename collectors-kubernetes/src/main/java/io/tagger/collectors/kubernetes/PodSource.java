package io.tagger.collectors.kubernetes;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** Who is asked for the pods of this node. Thread-safe. */
interface PodSource extends Closeable {
    @Override
    void close();

    /**
     * Asks for all of them.
     *
     * @param timeout how long an answer may take to begin
     * @param keep what to keep of each pod, called while the rest is still being read, so that what is dropped need not be kept until then
     * @throws IOException if there is no whole answer; the message says who was asked, what came back, and what would help
     */
    List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException;

    /** Who it is, in words for an operator. */
    @Override
    String toString();
}
