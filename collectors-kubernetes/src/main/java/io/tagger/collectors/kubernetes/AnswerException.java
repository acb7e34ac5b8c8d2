package io.tagger.collectors.kubernetes;

import java.io.IOException;

/** A server has answered, and not with what was asked for. */
final class AnswerException extends IOException {
    private static final long serialVersionUID = 1L;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;

    private final int code;

    AnswerException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** Whether it is to be expected that asking again soon gets the same answer: it is not allowed, or there is no such thing. */
    boolean isRefusal() {
        return code == FORBIDDEN || code == NOT_FOUND;
    }
}
