package io.tagger.benchmarks;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.client.AgentConnection;
import io.tagger.client.ClientSettings;
import io.tagger.client.ClientTagger;
import io.tagger.client.Endpoint;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.tagger.testkit.FakeTagger;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Measures the socket. The agent is a separate process; both read the clock {@link System#nanoTime}, common to all
 * processes on Linux.
 */
final class Ipc {
    private static final int CALLS = 20_000;
    private static final int WATCHERS = 200;
    private static final int STUCK = 20;
    private static final int CHANGES_A_SECOND = 1_000;
    private static final String STAMP = "changed_at:";

    private final PrintWriter out;
    /** Kept, because Vert.x closes an unreferenced client. */
    private final List<GrpcClient> clients = new ArrayList<>();

    Ipc(PrintWriter out) {
        this.out = out;
    }

    /**
     * The agent: serves a number of containers, prints the socket, and on request changes one of 1,000 further
     * containers each millisecond.
     *
     * @param arguments how many
     * @throws IOException if standard input can't be read
     */
    public static void main(String[] arguments) throws IOException {
        World world = new World(Integer.parseInt(arguments[0]));
        boolean isFed = arguments.length > 1;
        FakeTagger fed = new FakeTagger();
        Tagger tagger = isFed ? fed : world.tagger();
        Served served = new Served(tagger);
        System.out.println(served.socket());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int seconds = Integer.parseInt(line);
            long begin = System.nanoTime();
            long step = TimeUnit.SECONDS.toNanos(1) / CHANGES_A_SECOND;
            for (int i = 0; i < seconds * CHANGES_A_SECOND; i++) {
                while (System.nanoTime() - begin < i * step) {
                    LockSupport.parkNanos(100_000);
                }
                fed.set(TagInfo.builder("benchmark", EntityId.container("c" + i % 1_000))
                        .low("image_name", "nginx")
                        .high(STAMP.substring(0, STAMP.length() - 1), String.valueOf(System.nanoTime()))
                        .build());
            }
            System.out.println("done");
        }
        served.close();
        world.close();
        System.exit(0);
    }

    /** A process with the above. */
    private static final class AgentProcess implements AutoCloseable {
        final Process process;
        final BufferedReader lines;
        final Path socket;

        AgentProcess(int entities, String... more) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-XX:+UseSerialGC",
                    "-Xmx1g",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Ipc.class.getName(),
                    String.valueOf(entities)));
            command.addAll(List.of(more));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            socket = Path.of(lines.readLine());
        }

        Endpoint endpoint() {
            return new Endpoint.Unix(socket);
        }

        /** The resident megabytes of the agent. */
        long resident() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1_024;
                }
            }
            return -1;
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.destroyForcibly();
        }
    }

    void measure(int seconds) throws Exception {
        latency();
        sync(10_000);
        sync(100_000);
        watchers(seconds);
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }

    private void latency() throws Exception {
        try (AgentProcess agent = new AgentProcess(1_000);
                AgentConnection connection = AgentConnection.to(agent.endpoint())) {
            List<EntityId> entities = Workload.containers(1_000);
            long[] nanos = new long[CALLS];
            for (int round = 0; round < 3; round++) { // the first ones warm up both processes
                for (int i = 0; i < CALLS; i++) {
                    long begin = System.nanoTime();
                    connection
                            .tag(
                                    entities.get(i % entities.size()),
                                    Cardinality.HIGH,
                                    Duration.ZERO,
                                    Duration.ofSeconds(3))
                            .get();
                    nanos[i] = System.nanoTime() - begin;
                }
            }
            Arrays.sort(nanos);
            say(
                    "/v1/tags by the client, one in flight: p50 %.0f us, p99 %.0f us",
                    nanos[CALLS / 2] / 1e3, nanos[CALLS * 99 / 100] / 1e3);
        }
    }

    private void sync(int count) throws Exception {
        try (AgentProcess agent = new AgentProcess(count)) {
            for (int round = 1; round <= 3; round++) {
                long before = used();
                long begin = System.nanoTime();
                try (ClientTagger client = ClientTagger.connect(ClientSettings.of(agent.endpoint()))) {
                    while (!client.synced()) {
                        LockSupport.parkNanos(100_000);
                    }
                    double millis = (System.nanoTime() - begin) / 1e6;
                    long entities = client.status().entities();
                    say(
                            "a client is in sync with %,d containers after %.0f ms (round %d); %.1f MB, %d bytes each",
                            entities,
                            millis,
                            round,
                            (used() - before) / 1e6,
                            (used() - before) / Math.max(1, entities));
                }
            }
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private void watchers(int seconds) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (AgentProcess agent = new AgentProcess(0, "fed")) {
            change(agent, 2); // so that all entities are present, and the code is warm
            long idle = agent.resident();
            List<Map<String, String>> states = new ArrayList<>();
            LongList delays = new LongList();
            AtomicInteger synced = new AtomicInteger();
            for (int i = 0; i < WATCHERS; i++) {
                boolean isStuck = i < STUCK;
                Map<String, String> state = new ConcurrentHashMap<>();
                if (isStuck) {
                    watch(vertx, agent.socket, GrpcClientResponse::pause);
                    synced.incrementAndGet();
                    continue;
                }
                states.add(state);
                boolean[] isSynced = new boolean[1];
                watch(
                        vertx,
                        agent.socket,
                        response -> response.handler(message -> {
                            long now = System.nanoTime();
                            for (Event event : message.getEventsList()) {
                                Entity entity = event.getEntity();
                                if (event.getType() == Event.Type.SYNCED) {
                                    isSynced[0] = true;
                                    synced.incrementAndGet();
                                } else if (event.getType() == Event.Type.SET) {
                                    String stamp = entity.getHigh(0);
                                    state.put(entity.getId(), stamp);
                                    if (isSynced[0]) {
                                        delays.add(now - Long.parseLong(stamp.substring(STAMP.length())));
                                    }
                                }
                            }
                        }));
            }
            while (synced.get() < WATCHERS) {
                LockSupport.parkNanos(1_000_000);
            }
            delays.clear();
            long before = agent.resident();
            change(agent, seconds);
            long after = agent.resident();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (states.stream().distinct().count() > 1 && System.nanoTime() < deadline) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            long[] sorted = delays.sorted();
            say(
                    "%d watchers, %d of them stuck, %,d changes a second for %d s: %,d deliveries, p50 %.1f ms, p99 %.1f ms",
                    WATCHERS,
                    STUCK,
                    CHANGES_A_SECOND,
                    seconds,
                    sorted.length,
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) (sorted.length * 99L / 100)] / 1e6);
            say(
                    "the agent: %d MB without watchers, %d MB with them, %d MB after; the good ones %s",
                    idle,
                    before,
                    after,
                    states.stream().distinct().count() == 1
                            ? "hold the same"
                            : "DIFFER: " + states.stream().distinct().count() + " states");
        } finally {
            vertx.close();
        }
    }

    private static void change(AgentProcess agent, int seconds) throws IOException {
        agent.process.getOutputStream().write((seconds + "\n").getBytes(StandardCharsets.UTF_8));
        agent.process.getOutputStream().flush();
        agent.lines.readLine();
    }

    /** A watcher with a separate connection. */
    private void watch(
            Vertx vertx, Path socket, Consumer<GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse>> begin)
            throws Exception {
        ServiceMethod<WatchEntitiesResponse, WatchEntitiesRequest> method = ServiceMethod.client(
                ServiceName.create("tagger.v1", "Tagger"),
                "WatchEntities",
                GrpcMessageEncoder.encoder(),
                GrpcMessageDecoder.decoder(WatchEntitiesResponse.getDefaultInstance()));
        GrpcClient client = GrpcClient.client(
                vertx,
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
        clients.add(client);
        client.request(SocketAddress.domainSocketAddress(socket.toString()), method)
                .compose(request -> request.send(WatchEntitiesRequest.newBuilder()
                                .setCardinalityValue(Cardinality.HIGH.ordinal() + 1)
                                .build())
                        .map(response -> {
                            begin.accept(response); // at once, or the first message is lost
                            return response;
                        }))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    /** Many numbers. Thread-safe. */
    private static final class LongList {
        private long[] values = new long[1 << 20];
        private int size;

        synchronized void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        synchronized void clear() {
            size = 0;
        }

        synchronized long[] sorted() {
            long[] sorted = Arrays.copyOf(values, size);
            Arrays.sort(sorted);
            return sorted;
        }
    }
}
