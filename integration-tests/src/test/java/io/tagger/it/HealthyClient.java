package io.tagger.it;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** A client that asks for one known entity again and again, on one connection, and measures the answers. */
final class HealthyClient {
    private static final byte[] QUESTION =
            "GET /v1/tags?entity=host://test-host HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Path socket;
    private volatile boolean isOver;

    HealthyClient(Path socket) {
        this.socket = socket;
    }

    /**
     * The answers.
     *
     * @param hits the number of answers with the tags
     * @param refused the number of other answers, and of lost connections
     * @param p50 the median, in microseconds
     * @param p99 the 99th percentile, in microseconds
     */
    record Result(int hits, int refused, long p50, long p99) {}

    /** Asks until {@link #stop}, on a thread of its own. */
    CompletableFuture<Result> start() {
        return CompletableFuture.supplyAsync(this::ask, task -> new Thread(task, "healthy-client").start());
    }

    void stop() {
        isOver = true;
    }

    private Result ask() {
        long[] nanos = new long[1 << 20];
        int hits = 0;
        int refused = 0;
        while (!isOver) {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                while (!isOver) {
                    long begin = System.nanoTime();
                    channel.write(ByteBuffer.wrap(QUESTION));
                    String answer = read(channel);
                    if (answer.startsWith("HTTP/1.1 200") && answer.contains("host:test-host")) {
                        nanos[hits++ % nanos.length] = System.nanoTime() - begin;
                    } else {
                        refused++;
                    }
                }
            } catch (IOException e) {
                refused++;
            }
        }
        long[] sorted = Arrays.copyOf(nanos, Math.min(hits, nanos.length));
        Arrays.sort(sorted);
        return new Result(hits, refused, share(sorted, 50), share(sorted, 99));
    }

    private static long share(long[] sorted, int percent) {
        return sorted.length == 0 ? -1 : sorted[(int) ((long) sorted.length * percent / 100)] / 1_000;
    }

    /** Reads one answer: the head, and as many bytes as it announces. */
    private static String read(SocketChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(8_192);
        while (true) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the connection is closed");
            }
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            int head = text.indexOf("\r\n\r\n");
            int length = text.toLowerCase(Locale.ROOT).indexOf("content-length: ");
            if (head > 0 && length > 0) {
                int end = text.indexOf('\r', length);
                int body = Integer.parseInt(text.substring(length + "content-length: ".length(), end));
                if (buffer.position() >= head + 4 + body) {
                    return text;
                }
            }
        }
    }
}
