package io.tagger.collectors.containerd;

import io.tagger.collectors.containerd.ContainerdContainer.Key;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The containers with an event since the last look, each once: a burst of events takes no more room than the containers.
 * Thread-safe.
 */
final class ChangedContainers {
    private final Set<Key> keys = new HashSet<>(); // guarded by this
    private @Nullable IOException failure; // guarded by this

    /** A container has an event. */
    synchronized void add(Key key) {
        keys.add(key);
        notifyAll();
    }

    /** The events are lost. */
    synchronized void fail(IOException reason) {
        failure = reason;
        notifyAll();
    }

    /**
     * Waits for events.
     *
     * @param limit the longest wait
     * @return the containers, which are forgotten here; empty after the longest wait
     * @throws IOException if the events are lost
     */
    synchronized Set<Key> take(Duration limit) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (keys.isEmpty() && failure == null) {
            long left = limit.toMillis() - (System.nanoTime() - begun) / 1_000_000;
            if (left <= 0) {
                return Set.of();
            }
            wait(left);
        }
        if (failure != null) {
            throw failure;
        }
        Set<Key> taken = Set.copyOf(keys);
        keys.clear();
        return taken;
    }
}
