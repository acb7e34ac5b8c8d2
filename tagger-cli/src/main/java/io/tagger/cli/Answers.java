package io.tagger.cli;

import io.tagger.ipc.client.AgentException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for an agent's answers. */
final class Answers {
    /** Longer than the agent's default deadline of a miss. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private Answers() {}

    /**
     * An answer.
     *
     * @throws AgentException if there is none
     */
    static <T> T await(CompletableFuture<T> answer) {
        return await(answer, PATIENCE);
    }

    /** Waits for an answer without a time limit. */
    static <T> T follow(CompletableFuture<T> answer) {
        return await(answer, Duration.ofDays(10_000));
    }

    private static <T> T await(CompletableFuture<T> answer, Duration patience) {
        try {
            return answer.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the agent was asked", e);
        } catch (TimeoutException e) {
            throw AgentException.unreachable("the agent has not answered within " + patience.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }
}
