package io.tagger.collectors.kubernetes;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reports the problem of a kind of question once, until all questions of this kind succeed again: twenty namespaces with
 * one missing right make one report. Thread-safe.
 */
final class Problems {
    private final Consumer<String> log;
    private final Map<String, Set<String>> failing = new HashMap<>(); // by kind; guarded by this

    Problems(Consumer<String> log) {
        this.log = log;
    }

    /** A duration in words. */
    static String words(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds == 0) {
            return duration.toMillis() + " ms";
        }
        return seconds % 60 == 0 && seconds > 60 ? seconds / 60 + " min" : seconds + " s";
    }

    /** A question about a subject has failed. */
    void report(String kind, String subject, String message) {
        boolean isFirst;
        synchronized (this) {
            Set<String> subjects = failing.computeIfAbsent(kind, same -> new HashSet<>());
            isFirst = subjects.isEmpty();
            subjects.add(subject);
        }
        if (isFirst) {
            log.accept(message);
        }
    }

    /** A subject is not asked about any more. */
    synchronized void forget(String subject) {
        failing.values().forEach(subjects -> subjects.remove(subject));
        failing.values().removeIf(Set::isEmpty);
    }

    /** A question about a subject has succeeded. */
    synchronized void over(String kind, String subject) {
        Set<String> subjects = failing.get(kind);
        if (subjects != null && subjects.remove(subject) && subjects.isEmpty()) {
            failing.remove(kind);
        }
    }
}
