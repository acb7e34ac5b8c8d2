package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.testkit.FakeTagger;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Empty CONTINUATION frames without an end (CVE-2026-33871): a server that goes on reading them is kept busy by a few
 * bytes a frame.
 */
class ContinuationFloodTest {
    private static final int FRAMES = 300_000;
    private static final int BATCH = 100;

    @TempDir
    Path directory;

    private Path socket;
    private IpcServer server;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("tagger.sock");
        Path token = Files.writeString(directory.resolve("token"), "secret-secret-secret-secret-secret");
        Files.setPosixFilePermissions(token, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        server = IpcServer.start(
                new FakeTagger(),
                new IpcSettings(
                        socket,
                        "0660",
                        Limits.of(32, Duration.ofSeconds(60)),
                        Optional.of(new TcpSettings("127.0.0.1", 0, Optional.empty(), Optional.of(token), true))),
                statistics -> "");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void flood_overTheSocket_closesTheConnection() throws Exception {
        flood(UnixDomainSocketAddress.of(socket));
        assertThat(new Curl(socket).get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void flood_overTcpWithoutAToken_closesTheConnection() throws Exception {
        flood(new InetSocketAddress("127.0.0.1", server.port()));
        assertThat(new Curl(socket).get("/healthz").status()).isEqualTo(200);
    }

    /** Sends the frames, and waits until the server has closed the connection. */
    private static void flood(SocketAddress address) throws Exception {
        try (SocketChannel channel = SocketChannel.open(address)) {
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> readToTheEnd(channel));
            write(channel, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            write(channel, frame(4, 0, new byte[0])); // SETTINGS
            write(channel, frame(1, 1, new byte[] {(byte) 0x82})); // HEADERS without END_HEADERS: method GET
            byte[] one = frame(9, 1, new byte[0]);
            byte[] batch = new byte[one.length * BATCH];
            for (int i = 0; i < BATCH; i++) {
                System.arraycopy(one, 0, batch, i * one.length, one.length);
            }
            try {
                for (int sent = 0; sent < FRAMES && !closed.isDone(); sent += BATCH) {
                    write(channel, batch);
                }
            } catch (IOException e) {
                // Closed by the server.
            }
            assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    private static void readToTheEnd(SocketChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(1_024);
        try {
            while (channel.read(buffer) >= 0) {
                buffer.clear();
            }
        } catch (IOException e) {
            // The server has closed the connection without reading everything.
        }
    }

    private static byte[] frame(int type, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) 0)
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
