package io.tagger.api;

import java.util.Locale;

/** The state of a collector. */
public enum CollectorState {
    /** The collector checks whether its source is on this machine. */
    DETECTING,
    /** The collector works, and is asked on misses. */
    RUNNING,
    /** The collector failed; a new instance starts after a pause. The tags already sent stay served. */
    WAITING,
    /** The source is not on this machine. The collector rests until the next start of the tagger. */
    ABSENT,
    /**
     * The collector does not work: the code is broken, or the source is not on this machine although the configuration
     * says {@code enabled = true}. The reason in the status tells the two cases apart, and whether the host tries
     * again.
     */
    FAILED,
    /** The collector was switched off, or the tagger was closed. */
    STOPPED;

    /** The name in status and IPC, in lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
