package io.tagger.collectors.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time limit of a whole question to the daemon, from the connection to the end of the answer. docker-java's own
 * limit has no effect over a Unix socket, and none on the body. Thread-safe.
 *
 * @param timeout the limit
 */
record QuestionDeadline(Duration timeout) {
    /** Begins a question, on the thread that asks. */
    Question begin(String path) {
        Question question = new Question(path, timeout);
        question.end.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).exceptionally(late -> {
            question.cut();
            return null;
        });
        return question;
    }

    /** A question under way. The thread that asks closes the question. */
    static final class Question implements AutoCloseable {
        private final String path;
        private final Duration timeout;
        private final Thread thread = Thread.currentThread();
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private DockerHttpClient.@Nullable Response answer; // guarded by this
        private boolean isCut; // guarded by this
        private boolean isOver; // guarded by this

        private Question(String path, Duration timeout) {
            this.path = path;
            this.timeout = timeout;
        }

        /** Takes note of the beginning of the answer. */
        synchronized void answeredBy(DockerHttpClient.Response response) throws IOException {
            answer = response;
            if (isCut) {
                throw new IOException("past the deadline");
            }
        }

        /** The failure in words: the deadline, or else the given words. */
        synchronized IOException failure(String words, Exception cause) {
            return isCut
                    ? new IOException("no answer to " + path + " within " + timeout.toMillis() + " ms")
                    : new IOException(words, cause);
        }

        /**
         * Ends the connection: an interrupt ends a wait on a Unix socket, and closing the response a wait over TCP. The
         * collector's own threads may all hang in questions, so that no part of the cut runs there.
         */
        private void cut() {
            DockerHttpClient.Response begun;
            synchronized (this) {
                if (isOver) {
                    return;
                }
                isCut = true;
                thread.interrupt();
                begun = answer;
            }
            if (begun != null) {
                CompletableFuture.runAsync(begun::close);
            }
        }

        /** Ends the question. The interrupt of the cut does not outlive the question. */
        @Override
        public synchronized void close() {
            isOver = true;
            end.complete(null);
            if (isCut) {
                Thread.interrupted();
            }
        }
    }
}
