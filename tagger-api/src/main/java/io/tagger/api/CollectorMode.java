package io.tagger.api;

import java.util.Locale;

/** How a collector learns its tags. */
public enum CollectorMode {
    /** It is told of changes as they happen. */
    STREAM,
    /** It asks for everything again and again, and passes on what changed. */
    PULL,
    /** It is asked about one entity when the tags of that entity are missed. */
    FETCH;

    /** In lower case, as status and IPC show it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
