package io.tagger.agent;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the server on its own socket from time to time. After three questions in a row without an answer the agent is
 * taken for dead. A connection that the server closes at once counts as an answer only if the server's event loop has
 * turned meanwhile: then the server lives, and is busy.
 */
final class Watchdog implements Runnable, AutoCloseable {
    private static final int LIMIT = 3;
    private static final long RETRY_NANOS = 50_000_000;
    private static final byte[] QUESTION =
            "GET /healthz HTTP/1.1\r\nHost: watchdog\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final UnixDomainSocketAddress address;
    private final Duration interval;
    private final Duration patience;
    private final LongSupplier turns;
    private final Runnable onDeath;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Makes an idle watchdog.
     *
     * @param socket the socket of the server
     * @param interval the pause between two questions
     * @param patience how long an answer may take
     * @param turns a number that grows while the server's event loop turns
     * @param onDeath is called when the server is taken for dead
     */
    Watchdog(Path socket, Duration interval, Duration patience, LongSupplier turns, Runnable onDeath) {
        address = UnixDomainSocketAddress.of(socket);
        this.interval = interval;
        this.patience = patience;
        this.turns = turns;
        this.onDeath = onDeath;
    }

    /** Starts the questions, on a thread of its own. */
    void start() {
        Thread thread = new Thread(this, "tagger-watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        int unanswered = 0;
        long turned = turns.getAsLong();
        while (!isClosed()) {
            Answer answer = ask();
            boolean isTurning = turns.getAsLong() != turned;
            turned = turns.getAsLong();
            unanswered = answer == Answer.GIVEN || answer == Answer.CLOSED && isTurning ? 0 : unanswered + 1;
            if (unanswered == LIMIT && closed.getCount() > 0) {
                onDeath.run();
                return;
            }
        }
    }

    /** Pauses; true if the watchdog was closed meanwhile. A plugin that interrupts all threads does not end the watch. */
    private boolean isClosed() {
        long end = System.nanoTime() + interval.toNanos();
        while (true) {
            try {
                return closed.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                // The rest of the pause follows.
            }
        }
    }

    /** The ways in which a question ends. */
    private enum Answer {
        GIVEN,
        CLOSED,
        NONE
    }

    private Answer ask() {
        long end = System.nanoTime() + patience.toNanos();
        try (SocketChannel channel = connect(end)) {
            return channel == null ? Answer.NONE : answer(channel, end);
        } catch (IOException e) {
            return Answer.NONE;
        }
    }

    /** Connects; null if that fails up to the end. A full queue of the socket refuses connections for a moment. */
    private @Nullable SocketChannel connect(long end) throws IOException {
        while (System.nanoTime() < end && closed.getCount() > 0) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.configureBlocking(false);
                if (channel.connect(address)) {
                    return channel;
                }
            } catch (IOException e) {
                // The next attempt follows.
            }
            channel.close();
            LockSupport.parkNanos(RETRY_NANOS);
            Thread.interrupted();
        }
        return null;
    }

    private Answer answer(SocketChannel channel, long end) {
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            channel.write(ByteBuffer.wrap(QUESTION)); // fits the empty buffer of the socket
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            while (left > 0) {
                if (selector.select(left) > 0) {
                    return channel.read(ByteBuffer.allocate(1)) > 0 ? Answer.GIVEN : Answer.CLOSED;
                }
                Thread.interrupted();
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
            return Answer.NONE;
        } catch (IOException e) {
            return Answer.CLOSED; // with the question unread
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
