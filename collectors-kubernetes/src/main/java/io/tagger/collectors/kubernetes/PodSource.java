package io.tagger.collectors.kubernetes;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A server with the pods of this node. Thread-safe. */
interface PodSource extends Closeable {
    /**
     * Asks for all pods.
     *
     * @param timeout the time for an answer to begin
     * @param keep selects the kept part of a pod; the pods of a list are never all present in full at the same time
     * @throws IOException if there is no whole list; the message tells the reason and the remedy
     */
    List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) throws IOException, InterruptedException;

    /**
     * Asks whether the source answers, by a question as small as possible.
     *
     * @param timeout the time for an answer to begin
     * @return whether the source has pods
     * @throws IOException if the source does not answer; the message tells the reason and the remedy
     */
    default boolean probe(Duration timeout) throws IOException, InterruptedException {
        return !pods(timeout, UnaryOperator.identity()).isEmpty();
    }

    /** Whether a list is small enough to be asked for on a miss: the pods of a node. */
    default boolean isOfOneNode() {
        return true;
    }

    /** Whether the source sends changes, and can be followed; any further source is asked at an interval. */
    default boolean isStreaming() {
        return false;
    }

    /**
     * Begins to follow the pods: the present pods, then each change, until {@link #close}.
     *
     * @param keep as for {@link #pods}
     * @throws IOException if the source can't be followed
     */
    default void follow(UnaryOperator<Pod> keep, PodFollower follower) throws IOException {
        throw new IOException(this + " sends no changes");
    }

    /** Ends running questions, and releases the connections. */
    @Override
    void close();
}
