package io.tagger.collectors.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.tagger.collectors.common.RootCause;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream, for one reader. The client's own stream copies byte by byte, a fifth of the cost
 * of a pull, and waits for the next part without a limit.
 */
final class Body extends InputStream implements AsyncBody.Consumer<List<ByteBuffer>> {
    /** An event of the client: a part, the end, or a failure. */
    private record Event(
            List<ByteBuffer> part, boolean isEnd, @Nullable Throwable failure) {}

    private final Duration timeout;
    private final BlockingQueue<Event> events =
            new LinkedBlockingQueue<>(); // two at most: the next part is requested when a part is taken
    private final Deque<ByteBuffer> part = new ArrayDeque<>();
    private @Nullable AsyncBody source;
    private @Nullable Event end;

    /** Makes a body that fails if the next part takes longer than the timeout. */
    Body(Duration timeout) {
        this.timeout = timeout;
    }

    /** The answer has begun. */
    Body from(AsyncBody from) {
        source = from;
        from.done().whenComplete((nothing, failure) -> events.add(new Event(List.of(), true, failure)));
        from.consume();
        return this;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody from) {
        events.add(new Event(buffers, false, null));
    }

    @Override
    public int read() throws IOException {
        return advance() ? Byte.toUnsignedInt(part.getFirst().get()) : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (!advance()) {
            return -1;
        }
        ByteBuffer buffer = part.getFirst();
        int count = Math.min(length, buffer.remaining());
        buffer.get(into, offset, count);
        return count;
    }

    /** Advances to the next byte; false at the end. */
    private boolean advance() throws IOException {
        while (part.isEmpty() || !part.getFirst().hasRemaining()) {
            if (!part.isEmpty()) {
                part.removeFirst();
            } else if (end == null) {
                take();
            } else if (end.failure == null) {
                return false;
            } else {
                throw new IOException("the answer breaks off: " + RootCause.words(end.failure), end.failure);
            }
        }
        return true;
    }

    private void take() throws IOException {
        Event event;
        try {
            event = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while an answer was read");
        }
        if (event == null) {
            throw new IOException(
                    "the answer stops in the middle; no further byte came within " + Problems.words(timeout));
        } else if (event.isEnd) {
            end = event;
        } else {
            part.addAll(event.part);
            if (source != null) {
                source.consume();
            }
        }
    }

    /** Releases the unread parts, and closes the connection if there were any. */
    @Override
    public void close() {
        if (end == null && source != null) {
            source.cancel();
        }
    }
}
