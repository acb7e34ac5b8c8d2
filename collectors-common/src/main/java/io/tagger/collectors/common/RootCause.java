package io.tagger.collectors.common;

/** The message of the error at the bottom of a chain of causes, the most specific message. */
public final class RootCause {
    private RootCause() {}

    /**
     * Finds the words.
     *
     * @param error the error
     * @return the message of the root cause; the simple class name without a message
     */
    public static String words(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
