package io.tagger.collectors.common;

/** The words of the error at the bottom of a chain of causes, which says what really happened. */
public final class RootCause {
    private RootCause() {}

    /**
     * Finds the words.
     *
     * @param error the error
     * @return the message of the root cause; its simple class name if it has no message
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
