package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.testkit.FakeTagger;
import io.tagger.testkit.Mutations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged requests over the real socket: none is a fault of the server, and none leaves a trace. */
class FuzzTest {
    private static final int INPUTS = Integer.getInteger("tagger.fuzz.inputs", 1_000);

    private static final List<String> HTTP = List.of(
            "GET /v1/tags?entity=container_id://c1&cardinality=high&standard=true HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/entities?prefix=container_id&prefix=host HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
            "GET /v1/watch?prefix=container_id HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/collectors HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
            "HEAD /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
            "POST /v1/tags HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");

    private static final List<String> METHODS = List.of("Tag", "GetEntity", "ListEntities", "WatchEntities", "Status");

    private final FakeTagger tagger = new FakeTagger();

    @TempDir
    Path directory;

    private Path socket;
    private IpcServer server;

    @BeforeEach
    void start() {
        socket = directory.resolve("tagger.sock");
        tagger.set(TagInfo.builder("test", EntityId.container("c1"))
                .low("image_name", "nginx")
                .build());
        server = IpcServer.start(
                tagger,
                new IpcSettings(socket, "0660", Limits.of(64, Duration.ofSeconds(60)), Optional.empty()),
                statistics -> "");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void http() throws Exception {
        Mutations mutations = new Mutations(19);
        long begin = System.nanoTime();
        for (int i = 0; i < INPUTS; i++) {
            send(mutations.of(HTTP.get(i % HTTP.size())).getBytes(StandardCharsets.ISO_8859_1));
        }
        report("HTTP", begin);

        assertNothingIsLeft();
    }

    @Test
    void grpc() throws Exception {
        Random random = new Random(19);
        long begin = System.nanoTime();
        for (int i = 0; i < INPUTS; i++) {
            send(damaged(call(METHODS.get(i % METHODS.size())), random));
        }
        report("gRPC", begin);

        assertNothingIsLeft();
    }

    private static void report(String what, long begin) {
        double minutes = (System.nanoTime() - begin) / 60e9;
        System.out.printf("%s: %d inputs, %.0f a minute%n", what, INPUTS, INPUTS / minutes);
    }

    private void assertNothingIsLeft() throws Exception {
        assertThat(new Curl(socket).get("/v1/tags?entity=container_id://c1").status())
                .isEqualTo(200);
        assertThat(server.statistics().codes()).doesNotContainKeys("500", "INTERNAL", "UNKNOWN");
        await().until(() -> server.statistics().connections() == 0);
        assertThat(server.statistics().watchers()).isZero();
        assertThat(server.statistics().held().unread()).isZero();
    }

    /** A connection with one call, as bytes of HTTP/2: preface, settings, headers without compression, a message. */
    private static byte[] call(String method) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.write(0x83); // POST
        headers.write(0x86); // http
        literal(headers, 0x04, "/tagger.v1.Tagger/" + method);
        literal(headers, 0x01, "localhost");
        headers.write(0x0f); // content-type, index 31
        literal(headers, 0x10, "application/grpc");
        headers.write(0x00);
        literal(headers, -1, "te");
        literal(headers, -1, "trailers");
        byte[] entity = "container_id://c1".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer message = ByteBuffer.allocate(5 + 2 + entity.length)
                .put((byte) 0)
                .putInt(2 + entity.length)
                .put((byte) 0x0a)
                .put((byte) entity.length)
                .put(entity);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(all, 4, 0, 0, new byte[0]);
        frame(all, 1, 4, 1, headers.toByteArray());
        frame(all, 0, 1, 1, message.array());
        return all.toByteArray();
    }

    private static void literal(ByteArrayOutputStream to, int name, String value) throws IOException {
        if (name >= 0) {
            to.write(name);
        }
        to.write(value.length());
        to.write(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload)
            throws IOException {
        to.write(payload.length >> 16);
        to.write(payload.length >> 8);
        to.write(payload.length);
        to.write(type);
        to.write(flags);
        to.write(ByteBuffer.allocate(4).putInt(stream).array());
        to.write(payload);
    }

    /** Damages up to eight bytes, mostly behind the preface; sometimes repeats or cuts the rest. */
    private static byte[] damaged(byte[] good, Random random) throws IOException {
        int preface = random.nextInt(20) == 0 ? 0 : 24;
        byte[] bytes = good.clone();
        for (int i = random.nextInt(8); i >= 0; i--) {
            bytes[preface + random.nextInt(bytes.length - preface)] = (byte) random.nextInt(256);
        }
        int at = preface + random.nextInt(bytes.length - preface);
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        switch (random.nextInt(6)) {
            case 0 -> result.write(bytes, 0, at);
            case 1 -> {
                result.write(bytes);
                for (int i = random.nextInt(50); i >= 0; i--) {
                    result.write(bytes, at, bytes.length - at);
                }
            }
            default -> result.write(bytes);
        }
        return result.toByteArray();
    }

    private void send(byte[] bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(bytes));
            channel.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(16_384);
            while (channel.read(answer) >= 0) {
                answer.clear();
            }
        } catch (IOException e) {
            // The server has closed the connection.
        }
    }
}
