package io.tagger.api;

import java.util.Objects;

/**
 * Something that is wrong with a plugin or a setting and that did not keep the tagger from working.
 *
 * @param severity how bad it is
 * @param subject what it is about: a collector, a class, a jar
 * @param message what is wrong and what to do about it
 */
public record Issue(Severity severity, String subject, String message) {
    /** Checks that nothing is missing. */
    public Issue {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String toString() {
        return subject + ": " + message;
    }

    /** How bad an issue is. */
    public enum Severity {
        /** The subject works, and yet somebody should look. */
        WARNING,
        /** The subject is not used. */
        ERROR
    }
}
