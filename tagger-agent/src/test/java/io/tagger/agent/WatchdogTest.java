package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchdogTest {
    /** What a server does with a connection. */
    private interface Answer {
        void to(SocketChannel caller) throws IOException;
    }

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong turns = new AtomicLong();
    private final List<SocketChannel> kept = new CopyOnWriteArrayList<>();
    private final CountDownLatch dead = new CountDownLatch(1);
    private ServerSocketChannel server;
    private Watchdog watchdog;

    @TempDir
    Path directory;

    private volatile Answer answer = kept::add;

    @BeforeEach
    void start() throws IOException {
        Path socket = directory.resolve("agent.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
        watchdog = new Watchdog(socket, Duration.ofMillis(10), Duration.ofMillis(200), turns::get, dead::countDown);
    }

    @AfterEach
    void stop() throws IOException {
        watchdog.close();
        server.close();
        for (SocketChannel channel : kept) {
            channel.close();
        }
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel caller = server.accept();
                asked.incrementAndGet();
                answer.to(caller);
            }
        } catch (IOException e) {
            // The server is closed.
        }
    }

    private static void answerOk(SocketChannel caller) throws IOException {
        caller.read(ByteBuffer.allocate(1_024));
        caller.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        caller.close();
    }

    @Test
    void threeQuestionsWithoutAnAnswer_areTheEnd() throws Exception {
        watchdog.start();

        assertThat(dead.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).hasValue(3);
    }

    @Test
    void twoQuestionsWithoutAnAnswer_areNot() throws Exception {
        answer = caller -> {
            if (asked.get() % 3 == 0) {
                answerOk(caller);
            } else {
                kept.add(caller);
            }
        };
        watchdog.start();
        await().until(() -> asked.get() >= 7);

        assertThat(dead.getCount()).isEqualTo(1);
    }

    @Test
    void serverThatAnswersOrCloses_lives_andASocketThatIsGoneIsDead() throws Exception {
        answer = caller -> {
            if (asked.get() % 2 == 0) {
                answerOk(caller);
            } else {
                turns.incrementAndGet();
                caller.close();
            }
        };
        watchdog.start();
        await().until(() -> asked.get() >= 20);
        assertThat(dead.getCount()).isEqualTo(1);
        server.close();

        assertThat(dead.await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** The acceptor lives and closes each connection, and the event loop behind has ended. */
    @Test
    void serverThatClosesWithoutATurn_isDead() throws Exception {
        answer = SocketChannel::close;
        watchdog.start();

        assertThat(dead.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(asked).hasValue(3);
    }

    @Test
    void interrupts_doNotEndTheWatch() throws Exception {
        Thread thread = new Thread(watchdog);
        thread.start();
        for (int i = 0; i < 100; i++) {
            thread.interrupt();
        }

        assertThat(dead.await(20, TimeUnit.SECONDS)).isTrue();
        thread.join();
    }
}
