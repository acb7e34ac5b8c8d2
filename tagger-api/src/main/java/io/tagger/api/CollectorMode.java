package io.tagger.api;

import java.util.Locale;

/** The way in which a collector learns tags. */
public enum CollectorMode {
    /** The collector receives changes as they happen. */
    STREAM,
    /** The collector reads the whole list of its source at an interval, and passes on the changes. */
    PULL,
    /** The collector is asked about one entity on a cache miss. */
    FETCH;

    /** The name in status and IPC, in lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
