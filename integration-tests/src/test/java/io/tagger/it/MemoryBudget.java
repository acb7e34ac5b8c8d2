package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.testkit.PluginJar;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the heap of an agent for each connection, watch, unknown id and kept deletion, for docs/limits.md. Runs by
 * {@code .ci/shows budget} alone: the figures need no check in each build.
 */
class MemoryBudget {
    private static final int MANY = 400;
    private static final int IDS = 5_000;

    @TempDir
    Path directory;

    private PluginRig rig;
    private Path socket;
    private long pid;

    @Test
    void bytesEach() throws Exception {
        rig = new PluginRig(directory);
        socket = directory.resolve("tagger.sock");
        PluginJar.of("com.acme.Shelf", AttacksIT.shelf()).write(rig.plugins.resolve("shelf/plugin.jar"));
        Path entities = Files.writeString(directory.resolve("entities.conf"), "entities {}");
        Path config = Files.writeString(
                directory.resolve("tagger.conf"),
                "tagger { collectors.static { file = \"" + entities + "\", poll-interval = 50ms }\n"
                        + "lookup { caller-rate = 100000, caller-burst = 100000 }\n"
                        + "store { deletion-grace = 0s, prune-interval = 50ms } }");
        try (Distribution.Running agent = rig.start("-c", config.toString())) {
            pid = agent.process.pid();
            ask("GET /v1/tags?entity=thing://x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            held("idle connection", MANY, "", "");
            held("watch over HTTP", MANY, "GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n", "synced");
            long before = heap();
            AtomicBoolean isOver = new AtomicBoolean();
            CompletableFuture<Void> watches = CompletableFuture.runAsync(() -> hold(isOver));
            await().until(() -> rig.curl().get("/metrics").contains("tagger_ipc_watchers 120.0"));
            print("stream with a watch over gRPC", (heap() - before) / 120);
            isOver.set(true);
            watches.join();
            before = heap();
            for (int i = 0; i < IDS; i++) {
                ask("GET /v1/tags?entity=thing://" + "x".repeat(490) + i
                        + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            }
            print("unknown id of 500 bytes", (heap() - before) / IDS);
            before = heap();
            StringBuilder all = new StringBuilder("entities {\n");
            for (int i = 0; i < IDS; i++) {
                all.append("\"job://" + "7".repeat(50) + i + "\" { low = [\"a:b\"] }\n");
            }
            Files.writeString(entities, all + "}");
            awaitEntities(IDS);
            Files.writeString(entities, "entities {}");
            awaitEntities(0);
            print("kept deletion, id of 66 bytes", (heap() - before) / IDS);
        }
    }

    private void hold(AtomicBoolean isOver) {
        try {
            new Attack(socket, 0, isOver::get).someWatches();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitEntities(int count) {
        await().until(() ->
                rig.curl().get("/metrics").contains("tagger_collector_entities{collector=\"static\"} " + count + ".0"));
    }

    private void held(String what, int count, String request, String answer) throws Exception {
        long before = heap();
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            open.add(channel);
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            String text = "";
            while (!text.contains(answer)) {
                ByteBuffer buffer = ByteBuffer.allocate(4_096);
                assertThat(channel.read(buffer)).isPositive();
                text += new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            }
        }
        print(what, (heap() - before) / count);
        for (SocketChannel channel : open) {
            channel.close();
        }
    }

    private static void print(String what, long bytes) {
        System.out.printf("%-32s %8d bytes%n", what, bytes);
    }

    /** The bytes of live objects. */
    private long heap() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher used = Pattern.compile("total \\d+K, used (\\d+)K").matcher(jcmd("GC.heap_info"));
        long bytes = 0;
        while (used.find()) {
            bytes += Long.parseLong(used.group(1)) * 1_024;
        }
        return bytes;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), "" + pid, command)
                .start();
        String out = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return out;
    }

    private void ask(String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer buffer = ByteBuffer.allocate(4_096);
            while (channel.read(buffer) >= 0) {
                buffer.clear();
            }
        }
    }
}
