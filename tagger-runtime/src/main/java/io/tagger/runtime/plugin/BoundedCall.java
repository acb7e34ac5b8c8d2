package io.tagger.runtime.plugin;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call into a plugin not yet under supervision, on a thread of its own. A call past its deadline is interrupted, and
 * the thread is left behind. Thread-safe.
 *
 * @param <T> the type of the result
 */
final class BoundedCall<T> {
    /** The default deadline of a detection; no call here needs a hundredth of 5 s. */
    private static final long SECONDS = 5;

    private final Thread thread;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);

    private BoundedCall(String what, Callable<T> step) {
        thread = new Thread(
                () -> {
                    try {
                        result.complete(step.call());
                    } catch (Throwable e) { // a plugin may throw any error
                        result.completeExceptionally(e);
                    }
                },
                "tagger-load " + what);
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins a call. */
    static <T> BoundedCall<T> begin(String what, Callable<T> step) {
        return new BoundedCall<>(what, step);
    }

    /**
     * Waits for the result. An interrupt of the waiting thread is kept for later, because the interrupt does not
     * concern the plugin.
     *
     * @throws Throwable the error thrown by the plugin
     * @throws IllegalStateException if the call does not return in time
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
            throw new IllegalStateException("it took over " + SECONDS + " s, and the thread may go on", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
