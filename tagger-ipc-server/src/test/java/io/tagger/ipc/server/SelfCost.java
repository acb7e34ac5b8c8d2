package io.tagger.ipc.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.ipc.server.IpcSettings.OriginSettings;
import io.tagger.origin.Origins;
import io.tagger.testkit.FakeTagger;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures {@code /v1/self} beside {@code /v1/tags} on one connection, and the memory of the results of many processes.
 * Runs by {@code .ci/shows self} alone: no test asserts a time.
 */
class SelfCost {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final int CALLS = 20_000;
    private static final int PROCESSES = 100_000;

    @TempDir
    Path directory;

    private void process(long pid) throws IOException {
        Path process = Files.createDirectories(directory.resolve("proc/" + pid));
        Files.writeString(process.resolve("stat"), pid + " (x) S " + "1 ".repeat(18) + "55 0\n");
        Files.writeString(process.resolve("cgroup"), "0::/docker/" + ID + "\n");
    }

    @Test
    void latency() throws Exception {
        FakeTagger tagger = new FakeTagger();
        tagger.set(TagInfo.builder("test", EntityId.container(ID))
                .low("image_name", "web")
                .standard("env", "prod")
                .high("container_id", ID)
                .build());
        process(ProcessHandle.current().pid());
        Path socket = directory.resolve("tagger.sock");
        try (IpcServer server = IpcServer.start(
                        tagger,
                        new IpcSettings(
                                socket,
                                "0660",
                                IpcSettings.Limits.defaults(),
                                new IpcSettings.Ports(Optional.empty(), Optional.empty()),
                                new OriginSettings(
                                        new Origins.Folders(directory.resolve("proc"), directory.resolve("none")), ""),
                                IpcSettings.ResourceSettings.DEFAULT),
                        statistics -> "");
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            for (int round = 1; round <= 3; round++) { // the first warms up
                double[] both = p50(
                        channel,
                        "/v1/tags?entity=container_id://" + ID + "&cardinality=high&standard=true",
                        "/v1/self?cardinality=high");
                System.out.printf(
                        Locale.ROOT,
                        "round %d: /v1/tags p50 %.1f us, /v1/self p50 %.1f us, ratio %.2f%n",
                        round,
                        both[0],
                        both[1],
                        both[1] / both[0]);
            }
            assertThat(server.statistics().requests()).isEqualTo(6L * CALLS);
        }
    }

    /** The medians of two questions, asked by turns. */
    private static double[] p50(SocketChannel channel, String... paths) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(65_536);
        long[][] nanos = new long[paths.length][CALLS];
        for (int i = 0; i < CALLS; i++) {
            for (int path = 0; path < paths.length; path++) {
                ByteBuffer question = ByteBuffer.wrap(
                        ("GET " + paths[path] + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                long begin = System.nanoTime();
                channel.write(question);
                answer.clear();
                do {
                    channel.read(answer);
                } while (answer.get(answer.position() - 1) != '}');
                nanos[path][i] = System.nanoTime() - begin;
            }
        }
        return Arrays.stream(nanos)
                .mapToDouble(all -> Arrays.stream(all).sorted().toArray()[CALLS / 2] / 1e3)
                .toArray();
    }

    @Test
    void memory() throws Exception {
        for (int i = 0; i < PROCESSES; i++) {
            process(1_000_000 + i);
        }
        Origins origins = new Origins(
                new Origins.Folders(directory.resolve("proc"), directory.resolve("none")),
                Runnable::run,
                workload -> Optional.empty());
        origins.ofProcess(1_000_000);
        long before = used();
        for (int i = 0; i < PROCESSES; i++) {
            origins.ofProcess(1_000_000 + i).toCompletableFuture().join();
        }
        long after = used();
        System.out.printf(
                Locale.ROOT,
                "%,d processes: %d bytes each, %.1f MB%n",
                origins.remembered(),
                (after - before) / PROCESSES,
                (after - before) / 1e6);
        assertThat(origins.remembered()).isEqualTo(PROCESSES);
    }

    private static long used() {
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
