package io.tagger.runtime.plugin;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Steps of a plugin that are taken before it is under supervision: each on a thread of its own, which is interrupted and left behind if
 * it does not come back in time. Thread-safe.
 *
 * @param <T> what comes of it
 */
final class Deadline<T> {
    /** As long as a detection may take unless configured; nothing that is due here should take a hundredth of it. */
    private static final long SECONDS = 5;

    private final Thread thread;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);

    private Deadline(String what, Callable<T> step) {
        thread = new Thread(
                () -> {
                    try {
                        result.complete(step.call());
                    } catch (Throwable e) { // whatever a plugin throws
                        result.completeExceptionally(e);
                    }
                },
                "tagger-load " + what);
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins a step. */
    static <T> Deadline<T> begin(String what, Callable<T> step) {
        return new Deadline<>(what, step);
    }

    /**
     * Waits for it. An interrupt is kept for later: it does not mean that a plugin is no good.
     *
     * @throws Throwable what it threw
     * @throws IllegalStateException if it takes too long
     */
    T await() throws Throwable {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause();
        } catch (TimeoutException e) {
            thread.interrupt();
            throw new IllegalStateException("it took over " + SECONDS + " s, and its thread may go on", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
