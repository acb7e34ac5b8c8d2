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

/**
 * Asks the server on its own socket from time to time. After three questions in a row without an answer the agent is
 * taken for dead. A connection that the server closes at once counts as an answer: the server lives, and is busy.
 */
final class Watchdog implements Runnable, AutoCloseable {
    private static final int LIMIT = 3;
    private static final byte[] QUESTION =
            "GET /healthz HTTP/1.1\r\nHost: watchdog\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final UnixDomainSocketAddress address;
    private final Duration interval;
    private final Duration patience;
    private final Runnable onDeath;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Makes an idle watchdog.
     *
     * @param socket the socket of the server
     * @param interval the pause between two questions
     * @param patience how long an answer may take
     * @param onDeath is called when the server is taken for dead
     */
    Watchdog(Path socket, Duration interval, Duration patience, Runnable onDeath) {
        address = UnixDomainSocketAddress.of(socket);
        this.interval = interval;
        this.patience = patience;
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
        while (!isClosed()) {
            unanswered = isAnswered() ? 0 : unanswered + 1;
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

    private boolean isAnswered() {
        long end = System.nanoTime() + patience.toNanos();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            if (!channel.connect(address)) {
                return false;
            }
            try {
                channel.write(ByteBuffer.wrap(QUESTION)); // fits the empty buffer of the socket
            } catch (IOException e) {
                return true; // closed by the server already
            }
            channel.register(selector, SelectionKey.OP_READ);
            while (true) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                if (selector.select(left) > 0) {
                    return true; // bytes, or the end of the connection
                }
                Thread.interrupted();
            }
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
