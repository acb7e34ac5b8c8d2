package io.tagger.api;

import java.util.Locale;

/** Where a collector stands. */
public enum CollectorState {
    /** It is finding out whether its source is on this machine. */
    DETECTING,
    /** It works, and is asked on misses. */
    RUNNING,
    /** It failed and is going to be started again, as a new instance, after a pause. What it had sent stays served. */
    WAITING,
    /** Its source is not on this machine. It is left alone until the tagger is started again. */
    ABSENT,
    /**
     * It does not work: its code is broken, or its source is not on this machine although the configuration says {@code enabled = true}.
     * The reason says which, and whether it is tried again.
     */
    FAILED,
    /** It was switched off, or the tagger was closed. */
    STOPPED;

    /** In lower case, as status and IPC show it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
