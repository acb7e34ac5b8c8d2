package io.tagger.collectors.kubernetes;

import java.io.IOException;

/** A server has answered, and not with what was asked for. */
final class AnswerException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final int code;

    AnswerException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** The message names the rule that would allow it. */
    boolean isForbidden() {
        return code == FORBIDDEN;
    }

    boolean isNotFound() {
        return code == NOT_FOUND;
    }
}
