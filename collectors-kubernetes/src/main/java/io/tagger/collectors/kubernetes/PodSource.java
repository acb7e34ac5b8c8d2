package io.tagger.collectors.kubernetes;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A server with the pods of this node. Thread-safe. */
interface PodSource extends Closeable {
    @Override
    void close();

    /**
     * Requests all pods.
     *
     * @param timeout how long an answer may take to begin
     * @param keep selects the kept part of each pod, called while the list is still being read, so that the dropped
     *     parts are free early
     * @throws IOException if there is no complete answer; the message has the server, the answer, and the remedy
     */
    List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException;

    /** The name of the server, in words for an operator. */
    @Override
    String toString();
}
