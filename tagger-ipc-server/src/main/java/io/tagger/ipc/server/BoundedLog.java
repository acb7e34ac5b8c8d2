package io.tagger.ipc.server;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Warnings that callers can cause: each kind at most once in 30 s, with the number of omitted warnings, and the stack
 * trace at the level debug. Thread-safe.
 */
final class BoundedLog {
    private static final long PAUSE_NANOS = 30_000_000_000L;

    private final Logger log;
    private final Map<String, Kind> kinds = new HashMap<>(); // guarded by this; as many as there are calls in the code

    private static final class Kind {
        long last = System.nanoTime() - PAUSE_NANOS - 1;
        long omitted;
    }

    BoundedLog(Logger log) {
        this.log = log;
    }

    /**
     * Logs a warning.
     *
     * @param what the kind, without any word of the caller
     * @param error the reason
     */
    void warn(String what, Throwable error) {
        long omitted;
        synchronized (this) {
            Kind kind = kinds.computeIfAbsent(what, first -> new Kind());
            long now = System.nanoTime();
            if (now - kind.last < PAUSE_NANOS) {
                kind.omitted++;
                return;
            }
            omitted = kind.omitted;
            kind.omitted = 0;
            kind.last = now;
        }
        log.warn("{}{}: {}", what, omitted == 0 ? "" : " (" + omitted + " more since the last line)", error.toString());
        log.debug("{}", what, error);
    }
}
