package io.tagger.collectors.kubernetes;

import java.io.Closeable;
import java.util.HashSet;
import java.util.Set;

/** The questions to the API server without an answer so far. Thread-safe; calls nobody under its lock. */
final class Unanswered implements Closeable {
    /** A question about a kind in a namespace. */
    private record Question(String kind, String scope) {}

    private final Set<Question> questions = new HashSet<>(); // guarded by this
    private boolean isClosed; // guarded by this

    /** A question begins. */
    synchronized void begin(String kind, String scope) {
        questions.add(new Question(kind, scope));
    }

    /** A question has an answer, or will have none. */
    synchronized void over(String kind, String scope) {
        if (questions.remove(new Question(kind, scope))) {
            notifyAll();
        }
    }

    /** All questions about a namespace are over. */
    synchronized void forget(String scope) {
        questions.removeIf(question -> question.scope.equals(scope));
        notifyAll();
    }

    synchronized boolean isEmpty() {
        return questions.isEmpty();
    }

    /** Waits for the answers to all questions, at most for a time. */
    synchronized void await(long millis) throws InterruptedException {
        long begun = System.nanoTime();
        while (!questions.isEmpty() && !isClosed) {
            long left = millis - (System.nanoTime() - begun) / 1_000_000;
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    /** Ends all waits. */
    @Override
    public synchronized void close() {
        isClosed = true;
        notifyAll();
    }
}
