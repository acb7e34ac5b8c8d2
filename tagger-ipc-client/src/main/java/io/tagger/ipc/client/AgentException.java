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
        return new AgentException(status, message(endpoint, status, response.statusMessage()), null);
    }

    private static String message(Endpoint endpoint, @Nullable GrpcStatus status, @Nullable String said) {
        String agent = "the agent at " + endpoint;
        if (status == null || status == GrpcStatus.OK) {
            return agent + " has ended the call";
        }
        if (status == GrpcStatus.UNAUTHENTICATED) {
            return agent + " refuses the token: " + said;
        }
        return said == null || said.isEmpty() ? agent + " answered " + status : said;
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
