package io.tagger.agent;

import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * Makes the signal HUP a reload: of {@code kill -HUP}, of {@code systemctl reload}, and of a terminal that is closed, which
 * a daemon outlives. Thread-safe.
 */
final class HangUp {
    private volatile @Nullable Reload reload;

    private HangUp() {}

    /** Takes the signal over, before the agent starts. A process that was started with the signal ignored goes on ignoring the signal. */
    static HangUp install() {
        HangUp hangUp = new HangUp();
        try {
            Signal.handle(new Signal("HUP"), signal -> hangUp.received());
        } catch (IllegalArgumentException e) {
            // A JVM with -Xrs, or a system without the signal.
        }
        return hangUp;
    }

    /** Takes note of the running agent. */
    void started(Reload running) {
        reload = running;
    }

    private void received() {
        Reload running = reload;
        if (running != null) {
            running.run("signal HUP");
        }
    }
}
