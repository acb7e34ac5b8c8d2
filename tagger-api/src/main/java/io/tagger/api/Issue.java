package io.tagger.api;

import java.util.Objects;

/**
 * A problem with a plugin or a setting, in spite of which the tagger works.
 *
 * @param severity the severity
 * @param subject the subject: a collector, a class, a jar
 * @param message the problem and the remedy
 */
public record Issue(Severity severity, String subject, String message) {
    /** Rejects a null part. */
    public Issue {
        Objects.requireNonNull(severity, "severity");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(message, "message");
    }

    @Override
    public String toString() {
        return subject + ": " + message;
    }

    /** The severity of an issue. */
    public enum Severity {
        /** The subject works, but an operator should look. */
        WARNING,
        /** The subject is not used. */
        ERROR
    }
}
