package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.util.List;

/** Takes the pods of a source that sends changes; blocks for moments only. Calls come one after another. */
interface PodFollower {
    /** Takes all present pods, which replace all pods before. */
    void listed(List<Pod> pods);

    /** Takes a new or changed pod. */
    void set(Pod pod);

    /** Drops a pod, by {@link Pod#key}. */
    void deleted(String key);

    /** A notice for the log. */
    default void notice(String text) {}

    /** The source is lost. The last call. */
    void lost(IOException reason);
}
