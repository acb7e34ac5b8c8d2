package io.tagger.cli;

import io.tagger.ipc.client.AgentConnection;
import io.tagger.ipc.client.AgentException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an agent's answers. An agent that shows no sign of life is given up after 3 s: an agent that looks for an
 * answer still answers a question about its status.
 */
final class Answers {
    /** Longer than the agent's default deadline of a miss. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);

    private Answers() {}

    /**
     * An answer.
     *
     * @param agent the agent that was asked
     * @throws AgentException if there is none
     */
    static <T> T await(AgentConnection agent, CompletableFuture<T> answer) {
        return await(agent, answer, PATIENCE);
    }

    /** Waits for an answer without a time limit, as long as the agent lives. */
    static <T> T follow(AgentConnection agent, CompletableFuture<T> answer) {
        return await(agent, answer, Duration.ofDays(10_000));
    }

    private static <T> T await(AgentConnection agent, CompletableFuture<T> answer, Duration patience) {
        try {
            T first = within(FIRST, answer);
            if (answer.isDone()) {
                return first;
            }
            CompletableFuture<?> alive = agent.status(SIGN_OF_LIFE.multipliedBy(2));
            within(SIGN_OF_LIFE, alive);
            if (!alive.isDone() && !answer.isDone()) {
                throw AgentException.unreachable("the agent does not answer within "
                        + FIRST.plus(SIGN_OF_LIFE).toSeconds() + " s; it may be stopped, or overloaded");
            }
            T last = within(patience.minus(FIRST), answer);
            if (answer.isDone()) {
                return last;
            }
            throw AgentException.unreachable("the agent has not answered within " + patience.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the agent was asked", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    /** The value of an answer if it comes in time; null otherwise. */
    private static <T> @Nullable T within(Duration time, CompletableFuture<T> answer)
            throws InterruptedException, ExecutionException {
        try {
            return answer.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        }
    }
}
