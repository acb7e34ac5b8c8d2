package io.tagger.datadog;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * The settings of a {@link DatadogServer}.
 *
 * @param host the address to listen on
 * @param port the port; 0 for a free port
 * @param token the file of the token, {@code auth_token}; made if there is none
 * @param certificate the file of the certificate and the key, {@code ipc_cert.pem}; made if there is none
 * @param hostName the answer to {@code GetHostname}; may be empty, and then the question is refused
 * @param times the times of a stream
 */
public record DatadogSettings(String host, int port, Path token, Path certificate, String hostName, Times times) {
    /** Rejects null. */
    public DatadogSettings {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(token, "token");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(hostName, "hostName");
        Objects.requireNonNull(times, "times");
    }

    /**
     * The times of a stream.
     *
     * @param hold the longest time from the start of the server during which events wait for the collectors' sync
     * @param quiet the longest time without a response; a client gives the stream up after 10 minutes
     * @param send the longest time for the taking of a response by a client
     * @param admission the longest time until the first call of a connection, with the token
     */
    public record Times(Duration hold, Duration quiet, Duration send, Duration admission) {
        /** The times of the Datadog Agent, and 10 s for the collectors. */
        public static final Times DEFAULT =
                new Times(Duration.ofSeconds(10), Duration.ofMinutes(9), Duration.ofMinutes(1), Duration.ofSeconds(10));

        /** Rejects null. */
        public Times {
            Objects.requireNonNull(hold, "hold");
            Objects.requireNonNull(quiet, "quiet");
            Objects.requireNonNull(send, "send");
            Objects.requireNonNull(admission, "admission");
        }
    }
}
