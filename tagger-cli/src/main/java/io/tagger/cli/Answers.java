package io.tagger.cli;

import io.tagger.client.AgentConnection;
import io.tagger.client.AgentException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for an agent's answers. An agent that shows no sign of life is given up after 3 s: an agent that looks for an
 * answer still answers a question about its status.
 */
final class Answers {
    /** Longer than the agent's default deadline of a miss. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration FIRST = Duration.ofSeconds(2);
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(1);

    /** Between the later looks for a sign of life. */
    private static final Duration BETWEEN = Duration.ofSeconds(10);

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
        return await(agent, answer, Duration.ofDays(365));
    }

    private static <T> T await(AgentConnection agent, CompletableFuture<T> answer, Duration patience) {
        try {
            long end = System.nanoTime() + patience.toNanos();
            Duration pause = FIRST;
            while (!isDone(answer, pause)) {
                if (System.nanoTime() - end > 0) {
                    throw AgentException.unreachable(
                            "the agent has not answered within " + patience.toSeconds() + " s");
                }
                if (!isDone(agent.status(SIGN_OF_LIFE.multipliedBy(2)), SIGN_OF_LIFE) && !answer.isDone()) {
                    throw AgentException.unreachable("the agent does not answer within "
                            + FIRST.plus(SIGN_OF_LIFE).toSeconds() + " s; it may be stopped, or overloaded");
                }
                pause = BETWEEN;
            }
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the agent was asked", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    /** Whether an answer, or an error, comes in time. */
    private static boolean isDone(CompletableFuture<?> answer, Duration time) throws InterruptedException {
        try {
            answer.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return answer.isDone();
        } catch (ExecutionException e) {
            return true;
        }
        return true;
    }
}
