package io.tagger.collectors.docker;

import org.jspecify.annotations.Nullable;

/** The daemon could not tell: the daemon refused the request, failed, or did not answer. */
final class DaemonException extends Exception {
    private static final long serialVersionUID = 1L;

    DaemonException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
