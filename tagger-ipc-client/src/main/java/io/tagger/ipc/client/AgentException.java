package io.tagger.ipc.client;

import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import org.jspecify.annotations.Nullable;

/** The agent was not reached, or refused to answer. The message tells the case and the remedy. */
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
     * @param message the fault and the remedy
     * @return the exception
     */
    public static AgentException unreachable(String message) {
        return new AgentException(null, message, null);
    }

    /** The exception for a response with an error status. */
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
     * Whether the agent was reached, and refused to answer.
     *
     * @return false if the agent was not reached, or did not answer in time
     */
    public boolean answered() {
        return status != null && status != GrpcStatus.UNAVAILABLE && status != GrpcStatus.DEADLINE_EXCEEDED;
    }

    /**
     * Whether the agent does not know the entity.
     *
     * @return true for an unknown entity
     */
    public boolean unknownEntity() {
        return status == GrpcStatus.NOT_FOUND;
    }
}
