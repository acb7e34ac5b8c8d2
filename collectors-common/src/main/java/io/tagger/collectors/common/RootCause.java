package io.tagger.collectors.common;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** The words for a failed connection or request, from a chain of causes. */
public final class RootCause {
    private RootCause() {}

    /**
     * Finds the words.
     *
     * @param error the error
     * @return words for a refused connection, an unknown host and a closed connection; else the message of the root
     *     cause, the most specific message; the class name only if the root cause has no message
     */
    public static String words(Throwable error) {
        Throwable cause = error;
        while (true) {
            if (cause instanceof UnknownHostException unknown) {
                return unknownHost(unknown.getMessage());
            } else if (cause instanceof UnresolvedAddressException) {
                return unknownHost(null);
            } else if (cause instanceof ConnectException refused
                    && (refused.getMessage() == null || refused.getMessage().equals("Connection refused"))
                    && !isUnresolved(refused)) {
                return "the connection is refused, because no server listens there";
            }
            if (cause.getCause() == null || cause.getCause() == cause) {
                break;
            }
            cause = cause.getCause();
        }
        if (cause instanceof ClosedChannelException || cause instanceof EOFException) {
            return "the other side has closed the connection";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static boolean isUnresolved(Throwable error) {
        for (Throwable cause = error.getCause(); cause != null && cause != cause.getCause(); cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    private static String unknownHost(@Nullable String host) {
        String name = host == null || host.contains(" ") ? "" : " '" + host + "'";
        return "the host name" + name + " is unknown to the resolver of this machine";
    }
}
