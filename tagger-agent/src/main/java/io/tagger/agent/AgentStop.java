package io.tagger.agent;

import io.tagger.cli.Main;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * Stops the agent at the end of the process. After a signal the exit code is 0, whatever the signal (the JVM would return
 * 143). Without a signal some code of the process, perhaps a plugin, has called for the end: that is no success.
 * Thread-safe.
 */
final class AgentStop {
    private final PrintWriter out;
    private @Nullable Agent agent; // guarded by this
    private boolean isArmed = true; // guarded by this

    AgentStop(PrintWriter out) {
        this.out = out;
    }

    /** Adds the hook to the process, before the first plugin runs. */
    void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "tagger-stop"));
    }

    /** Takes note of the agent to stop. */
    synchronized void started(Agent running) {
        agent = running;
    }

    /** Leaves the end of the process alone: the agent did not start, and the command ends with its own code. */
    synchronized void disarm() {
        isArmed = false;
    }

    private void stop() {
        boolean isWanted = isSignalled();
        Agent running;
        synchronized (this) {
            if (!isArmed) {
                return;
            }
            running = agent;
        }
        RunCommand.say(
                out, isWanted ? "stopping ..." : "stopping, because a part of this process has called System.exit ...");
        if (running != null) {
            running.close();
        }
        RunCommand.say(out, "stopped");
        Runtime.getRuntime().halt(isWanted ? Main.OK : Emergency.CODE);
    }

    /** Whether a signal ends the process: the JVM waits for the hooks on a thread named after the signal. */
    private static boolean isSignalled() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().matches("SIG[A-Z]+ handler"));
    }
}
