package io.tagger.client;

import java.nio.file.Files;

/** The errors of a connection in words for an operator: the fault and the remedy. */
final class LinkErrors {
    /** Of a body with an error; an error of the agent is far shorter. */
    static final int SHOWN_BYTES = 64 * 1024;

    private static final int UNAUTHENTICATED = 401;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;

    private LinkErrors() {}

    /** The exception for an answer with an error status. */
    static AgentException refusal(Endpoint endpoint, int status, byte[] body) {
        String[] error = Answers.error(body);
        String code = error[0];
        String said = error[1];
        String agent = "the agent at " + endpoint;
        if (status == UNAUTHENTICATED) {
            return new AgentException(status, code, agent + " refuses the token: " + said, null);
        }
        if (code.equals("no_such_resource") || status == BAD_REQUEST && said.startsWith("there is no parameter")) {
            return new AgentException(
                    status, code, agent + " is older than this client: " + said + "; update the agent", null);
        }
        if (!said.isEmpty()) {
            return new AgentException(status, code, said, null);
        }
        return new AgentException(
                status == NOT_FOUND ? 0 : status,
                code,
                agent + " answered with the HTTP status " + status + "; is it a tagger agent?",
                null);
    }

    /** The exception for an answer that is no answer of an agent. */
    static AgentException unusable(Endpoint endpoint, Exception error) {
        return new AgentException(
                0,
                "",
                "the answer of the agent at " + endpoint + " is not usable: " + error.getMessage()
                        + "; is it a tagger agent, of this version or a later one?",
                error);
    }

    /** The exception for a connection that could not be made, or was lost. */
    static AgentException failure(Endpoint endpoint, Throwable error) {
        if (error instanceof AgentException known) {
            return known;
        }
        if (endpoint instanceof Endpoint.Unix unix) {
            if (!Files.exists(unix.path())) {
                return new AgentException(
                        0,
                        "",
                        "no agent: there is no socket " + endpoint
                                + "; start an agent with 'tagger run', or name another agent (TAGGER_CLIENT_AGENT,"
                                + " tagger.client.agent, or --agent on the command line); in a container, mount the"
                                + " folder of the socket",
                        error);
            }
            if (Files.isRegularFile(unix.path()) || Files.isDirectory(unix.path())) {
                return new AgentException(0, "", "no agent: " + endpoint + " is no socket", error);
            }
            if (!Files.isWritable(unix.path())) {
                return new AgentException(
                        0,
                        "",
                        "this user may not connect to the agent's socket " + endpoint
                                + ": check the group and mode of the socket",
                        error);
            }
        }
        return new AgentException(0, "", "no agent answers at " + endpoint + ": " + reason(error), error);
    }

    /** The reason of an error, including a hidden cause such as an expired certificate. */
    private static String reason(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        return root == error
                ? reason
                : reason + " (" + root.getClass().getSimpleName() + ": " + root.getMessage() + ")";
    }
}
