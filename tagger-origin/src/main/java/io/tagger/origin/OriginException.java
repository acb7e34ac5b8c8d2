package io.tagger.origin;

/** No entity was found; the message says what is missing, and how to grant it. */
public final class OriginException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a stack: the exception is an answer.
     *
     * @param message what is missing, in words for the caller
     */
    public OriginException(String message) {
        super(message, null, false, false);
    }
}
