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

    /** Takes the signal over, before the agent starts. A process that ignores the signal from its start keeps doing so. */
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

    /** The thread of a signal is for a moment: {@link AgentStop} takes its name for the end of the process. */
    private void received() {
        Reload running = reload;
        if (running != null) {
            Thread thread = new Thread(() -> running.run("signal HUP"), "tagger-reload");
            thread.setDaemon(true);
            thread.start();
        }
    }
}
