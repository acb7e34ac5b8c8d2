package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The list of pods for concurrent misses: all of them share one request, and there is at most one request a second. */
final class SharedList {
    private static final long PAUSE_MILLIS = 1_000;

    private final PodSource source;
    private final Duration timeout;
    private final UnaryOperator<Pod> keep;
    private final Clock clock;
    private final Executor executor;
    private final LongFunction<Executor> later;
    private @Nullable CompletableFuture<List<Pod>> current; // guarded by this
    private long next; // milliseconds; guarded by this

    SharedList(PodSource source, Duration timeout, UnaryOperator<Pod> keep, Clock clock, Executor executor) {
        this(
                source,
                timeout,
                keep,
                clock,
                executor,
                millis -> CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, executor));
    }

    /** Makes a list over an executor with a delay in milliseconds. */
    SharedList(
            PodSource source,
            Duration timeout,
            UnaryOperator<Pod> keep,
            Clock clock,
            Executor executor,
            LongFunction<Executor> later) {
        this.later = later;
        this.source = source;
        this.timeout = timeout;
        this.keep = keep;
        this.clock = clock;
        this.executor = executor;
    }

    List<Pod> pods() throws IOException, InterruptedException {
        try {
            return current().get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private synchronized CompletableFuture<List<Pod>> current() {
        if (current == null || current.isDone()) {
            long now = clock.millis();
            long wait = Math.min(Math.max(next - now, 0), PAUSE_MILLIS);
            next = now + wait + PAUSE_MILLIS;
            current = CompletableFuture.supplyAsync(this::ask, wait == 0 ? executor : later.apply(wait));
        }
        return current;
    }

    private List<Pod> ask() {
        try {
            return source.pods(timeout, keep);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(new IOException("the collector is being closed", e));
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
