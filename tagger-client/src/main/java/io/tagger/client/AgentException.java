package io.tagger.client;

import org.jspecify.annotations.Nullable;

/** The agent was not reached, or refused to answer. The message tells the case and the remedy. */
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int NOT_FOUND = 404;
    private static final String NO_RESOURCE = "no_such_resource";

    /** The HTTP status; 0 without an answer. */
    private final int status;
    /** The code of the agent's error; empty without one. */
    private final String code;

    AgentException(int status, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.code = code;
    }

    /**
     * There is no answer.
     *
     * @param message the fault and the remedy
     * @return the exception
     */
    public static AgentException unreachable(String message) {
        return new AgentException(0, "", message, null);
    }

    /**
     * Whether the agent was reached, and refused to answer.
     *
     * @return false if the agent was not reached, or did not answer in time
     */
    public boolean answered() {
        return status != 0;
    }

    /**
     * Whether the agent does not know the entity.
     *
     * @return true for an unknown entity
     */
    public boolean unknownEntity() {
        return status == NOT_FOUND && !code.equals(NO_RESOURCE);
    }
}
