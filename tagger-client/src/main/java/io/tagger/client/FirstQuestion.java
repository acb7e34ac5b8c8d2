package io.tagger.client;

import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A question at the start of a program: one answer, and no connection afterwards. The caller waits no longer than told, and no
 * time at all where there is no agent.
 */
public final class FirstQuestion {
    /** The usual longest wait for complete tags. */
    public static final Duration DEFAULT_WAIT = Duration.ofMillis(300);

    /** The longest wait of an agent. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** For the way of the answer. */
    private static final Duration SPARE = Duration.ofMillis(100);

    private FirstQuestion() {}

    /**
     * Asks a connection.
     *
     * @param <T> the answer
     */
    @FunctionalInterface
    public interface Question<T> {
        /**
         * Asks.
         *
         * @param agent the connection
         * @param wait the longest wait of the agent for complete tags
         * @param deadline how long to wait for the agent
         * @return the answer
         */
        CompletableFuture<T> ask(AgentConnection agent, Duration wait, Duration deadline);
    }

    /**
     * Asks the agent of the machine.
     *
     * @param <T> the answer
     * @param named the agent's address; empty to find the agent by {@link AgentAddress}
     * @param wait the longest wait for complete tags, up to 30 s; the answer may come 200 ms later
     * @param question the question
     * @return the answer
     * @throws AgentException if there is no agent, or the agent does not answer in time, or refuses
     * @throws IllegalStateException if the address or another setting is not valid; the message names the setting
     * @throws InterruptedException if the calling thread is interrupted
     */
    public static <T> T ask(Optional<String> named, Duration wait, Question<T> question) throws InterruptedException {
        Endpoint endpoint = AgentAddress.find(
                named, AgentAddress.TcpFiles.OF_SETTINGS, ProcessSettings.ofProcess(Optional.empty()));
        if (endpoint instanceof Endpoint.Unix socket && !Files.exists(socket.path())) {
            // Without the cost of a connection.
            throw AgentException.unreachable("no tagger agent: there is no socket " + endpoint);
        }
        Duration limit = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
        Duration deadline = limit.plus(SPARE);
        try (AgentConnection agent = AgentConnection.to(endpoint)) {
            return question.ask(agent, limit, deadline).get(deadline.plus(SPARE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw AgentException.unreachable("the tagger agent at " + endpoint + " has not answered in "
                    + deadline.plus(SPARE).toMillis() + " ms");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AgentException refused) {
                throw refused;
            }
            throw new IllegalStateException("the answer of the tagger agent at " + endpoint + ": " + e.getCause(), e);
        }
    }

    /**
     * Reads a time as the settings write it.
     *
     * @param text for instance {@code 500ms} or {@code 3s}; milliseconds without a unit
     * @return the time
     * @throws IllegalArgumentException if the text is no time
     */
    public static Duration duration(String text) {
        return ProcessSettings.duration(text);
    }
}
