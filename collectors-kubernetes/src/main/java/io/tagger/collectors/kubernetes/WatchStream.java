package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.tagger.collectors.common.RootCause;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answer to a watch, cut into lines as the bytes arrive. No thread waits for the lines. */
final class WatchStream implements AsyncBody.Consumer<List<ByteBuffer>>, Closeable {
    private static final int OK = 200;

    /** The longest line. The API server takes objects of 3 MB at most. */
    private static final int MAX_LINE = 16 << 20;

    private static final int QUOTED = 200;

    /** Receives the lines and the end of a watch, on threads of the client and never two calls at a time. */
    interface Lines {
        /** The server has accepted the watch. */
        void begun();

        /**
         * Receives a line.
         *
         * @throws IOException if the line has no known form; ends the watch
         */
        void line(byte[] line) throws IOException;

        /** The watch is over: null after a regular end by the server. The last call. */
        void end(@Nullable IOException failure);
    }

    private final Lines lines;
    private final BiConsumer<WatchStream, @Nullable IOException> release;
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // used by one thread at a time
    private volatile @Nullable AsyncBody body;
    private volatile boolean isRefused;

    /**
     * Prepares a watch.
     *
     * @param release called once, before the end, with the failure; null after a regular end
     */
    WatchStream(Lines lines, BiConsumer<WatchStream, @Nullable IOException> release) {
        this.lines = lines;
        this.release = release;
    }

    /**
     * Waits for the answer in the background.
     *
     * @param timeout the time for the answer to begin
     * @param refusal makes the error of an answer without a watch
     * @param unreached makes the error of a failed request
     */
    void begin(
            CompletableFuture<HttpResponse<AsyncBody>> answer,
            Duration timeout,
            Function<HttpResponse<AsyncBody>, IOException> refusal,
            Function<Throwable, IOException> unreached) {
        answer.whenComplete((response, failure) -> {
            if (response == null) {
                boolean isWrapped = failure instanceof CompletionException && failure.getCause() != null;
                over(unreached.apply(isWrapped ? failure.getCause() : failure));
            } else if (isOver.get()) {
                response.body().cancel();
            } else {
                isRefused = response.code() != OK;
                if (isRefused) {
                    CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
                            .execute(() -> endRefused(response, refusal));
                }
                read(response.body(), () -> refusal.apply(response));
            }
        });
        CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (!answer.isDone()) {
                        over(unreached.apply(new TimeoutException()));
                        answer.cancel(true);
                    }
                });
    }

    /** Ends a refusal whose text has no end. */
    private void endRefused(HttpResponse<AsyncBody> response, Function<HttpResponse<AsyncBody>, IOException> refusal) {
        if (!isOver.get()) {
            over(refusal.apply(response));
            response.body().cancel();
        }
    }

    private void read(AsyncBody arriving, Supplier<IOException> refusal) {
        body = arriving;
        arriving.done().whenComplete((nothing, broken) -> {
            if (isRefused) {
                over(refusal.get());
            } else {
                over(
                        broken == null
                                ? null
                                : new IOException("the watch breaks off: " + RootCause.words(broken), broken));
            }
        });
        if (isOver.get()) {
            arriving.cancel();
            return;
        }
        if (!isRefused) {
            lines.begun();
        }
        arriving.consume();
    }

    /** The begin of the text of a refused watch. */
    String text() {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "nothing" : text;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody from) {
        try {
            for (ByteBuffer buffer : buffers) {
                take(buffer);
            }
        } catch (IOException | RuntimeException e) { // an error of a listener must not end the client's thread
            over(
                    e instanceof IOException known
                            ? known
                            : new IOException("an event can't be taken: " + RootCause.words(e), e));
            from.cancel();
            return;
        }
        from.consume();
    }

    private void take(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int end = buffer.position();
            while (end < buffer.limit() && buffer.get(end) != '\n') {
                end++;
            }
            byte[] part = new byte[end - buffer.position()];
            buffer.get(part);
            if (isRefused) {
                line.write(part, 0, Math.min(part.length, QUOTED - line.size()));
            } else if (line.size() + part.length > MAX_LINE) {
                throw new IOException("an event is longer than " + MAX_LINE + " bytes");
            } else {
                line.write(part, 0, part.length);
            }
            if (buffer.hasRemaining()) {
                buffer.get(); // the end of the line
                whole();
            }
        }
    }

    private void whole() throws IOException {
        if (!isRefused && line.size() > 0) {
            byte[] whole = line.toByteArray();
            line.reset();
            if (!isOver.get()) {
                lines.line(whole);
            }
        }
    }

    /** Whether the watch has ended, for any reason. */
    boolean isOver() {
        return isOver.get();
    }

    private void over(@Nullable IOException failure) {
        if (isOver.compareAndSet(false, true)) {
            release.accept(this, failure);
            lines.end(failure);
        }
    }

    /** Ends a watch whose connection is dead; the listener gets the failure. */
    void fail(IOException failure) {
        over(failure);
        AsyncBody arriving = body;
        if (arriving != null) {
            arriving.cancel();
        }
    }

    /** Ends the watch; the listener gets the end of the watch before the method returns, unless it had it before. */
    @Override
    public void close() {
        over(null);
        AsyncBody arriving = body;
        if (arriving != null) {
            arriving.cancel();
        }
    }
}
