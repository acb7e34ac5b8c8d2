package io.tagger.collectors.kubernetes;

import java.io.IOException;

/** A server's error answer. */
final class AnswerException extends IOException {
    private static final long serialVersionUID = 1L;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;

    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int GONE = 410;

    private final int code;

    AnswerException(int code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * Whether a repeated question is likely to get the same answer: the question is forbidden, or the resource does not
     * exist.
     */
    boolean isRefusal() {
        return code == FORBIDDEN || code == NOT_FOUND;
    }

    /** Whether the object does not exist. */
    boolean isMissing() {
        return code == NOT_FOUND;
    }

    /** Whether the server has forgotten the version of a watch or of a list. */
    boolean isGone() {
        return code == GONE;
    }

    /** Whether the server has the list and not the watch: forbidden, or unknown to the server. */
    boolean isWatchRefused() {
        return isRefusal() || code == METHOD_NOT_ALLOWED;
    }
}
