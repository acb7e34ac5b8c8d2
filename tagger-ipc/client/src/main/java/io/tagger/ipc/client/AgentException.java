package io.tagger.ipc.client;

import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import org.jspecify.annotations.Nullable;

/** The agent was not reached, or refused to answer. The message says which, and what would help. */
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable GrpcStatus status;

    AgentException(@Nullable GrpcStatus status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /**
     * There is no answer.
     *
     * @param message what happened, and what would help
     * @return the exception
     */
    public static AgentException unreachable(String message) {
        return new AgentException(null, message, null);
    }

    /** What a call that was answered with an error says. */
    static AgentException of(Endpoint endpoint, GrpcClientResponse<?, ?> response) {
        GrpcStatus status = response.status();
        String said = response.statusMessage();
        return new AgentException(
                status,
                status == GrpcStatus.UNAUTHENTICATED
                        ? "the agent at " + endpoint + " refuses the token: " + said
                        : said == null || said.isEmpty() ? "the agent at " + endpoint + " answered " + status : said,
                null);
    }

    /**
     * Whether it was reached, and refused.
     *
     * @return false if it was not reached, or did not answer in time
     */
    public boolean answered() {
        return status != null && status != GrpcStatus.UNAVAILABLE && status != GrpcStatus.DEADLINE_EXCEEDED;
    }

    /**
     * Whether it refused because it knows nothing of the entity.
     *
     * @return whether it was that
     */
    public boolean unknownEntity() {
        return status == GrpcStatus.NOT_FOUND;
    }
}
