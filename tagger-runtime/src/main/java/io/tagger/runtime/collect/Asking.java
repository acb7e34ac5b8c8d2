package io.tagger.runtime.collect;

import io.tagger.store.Ticket;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A question under way: the callers wait, and further callers share the question. Thread-safe. */
final class Asking implements Questions.Memory {
    final CompletableFuture<Void> over = new CompletableFuture<>();
    final int failures;
    private @Nullable Thread thread; // guarded by this; the thread inside the collector
    private @Nullable Ticket ticket; // guarded by this; the ticket of the fetch under way

    Asking(int failures) {
        this.failures = failures;
    }

    @Override
    public long lapse() {
        return Long.MAX_VALUE;
    }

    synchronized void enter(Ticket begun) {
        thread = Thread.currentThread();
        ticket = begun;
    }

    synchronized void leave() {
        thread = null;
        ticket = null;
        Thread.interrupted(); // a late interrupt must not reach the thread's next question
    }

    /** Whether the collector still works on the question. */
    synchronized boolean isInside() {
        return thread != null;
    }

    /** Gives up the answer for good: an open ticket keeps every later deletion in memory. */
    synchronized void abandon() {
        if (ticket != null) {
            ticket.close();
        }
    }

    synchronized void interrupt() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
