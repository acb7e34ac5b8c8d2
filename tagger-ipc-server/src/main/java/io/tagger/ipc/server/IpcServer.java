package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.Tagger;
import io.tagger.origin.Origins;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a tagger on a Unix socket, and optionally on a port: as gRPC, and as HTTP and JSON. The server runs from
 * {@link #start} to {@link #close}; the tagger belongs to the caller. Thread-safe.
 */
public final class IpcServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IpcServer.class);
    private static final long START_SECONDS = 10;
    private static final long CLOSE_SECONDS = 1;
    private static final long SWEEP_MILLIS = 1_000;
    private static final long TURN_MILLIS = 500;
    private static final long FORGET_MILLIS = 60_000;
    private static final long SAMPLE_MILLIS = 10_000;

    private final IpcSettings settings;
    private final SocketFile file;
    private final RequestCounts counts = new RequestCounts();
    private final BoundedLog log = new BoundedLog(LOG);
    private final Connections connections;
    private final Origins origins;
    private final Vertx vertx;
    private final HttpApi api;
    private final HttpApi publicApi;
    private final OperatorResources resources;
    private final GrpcApi grpc;
    private final Watches watches;
    private volatile int port;
    private volatile int statusPortNumber;
    private volatile long turns; // written by the event loop alone

    private IpcServer(Tagger tagger, IpcSettings settings, Operator operator) {
        this.settings = settings;
        IpcSettings.Limits limits = settings.limits();
        file = SocketFile.claim(settings.socket());
        connections = new Connections(limits, counts);
        IpcSettings.OriginSettings origin = settings.origin();
        origins = new Origins(origin.folders(), this::work, new Workloads(tagger));
        vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1) // an answer takes microseconds; a second loop would only cost memory
                        .setWorkerPoolSize(1) // lookups wait without a thread
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .withTransport(ObservedTransport.of(connections, origins))
                .build();
        try {
            vertx.exceptionHandler(this::unexpected);
            watches = new Watches(vertx, tagger, connections);
            Lookups lookups = new Lookups(vertx, tagger, connections, operator);
            Optional<EntityId> host =
                    origin.host().isEmpty() ? Optional.empty() : Optional.of(EntityId.host(origin.host()));
            OriginAnswers answers = new OriginAnswers(vertx, connections, lookups, origins, host);
            HttpApi.Shared shared = new HttpApi.Shared(
                    lookups,
                    watches,
                    new Lists(vertx, connections, limits.shared().lists()),
                    answers,
                    new ResourceAnswers(
                            tagger, lookups, answers, settings.resources().of(tagger), host),
                    new OperatorResources(
                            vertx,
                            tagger,
                            connections,
                            new Explanations(vertx, tagger, lookups),
                            operator,
                            this::statistics));
            api = new HttpApi(tagger, settings, connections, shared, false);
            publicApi = new HttpApi(tagger, settings, connections, shared, true);
            resources = shared.operator();
            grpc = new GrpcApi(vertx, tagger, settings, connections, shared);
        } catch (RuntimeException e) {
            vertx.close();
            file.close();
            throw e;
        }
    }

    /**
     * Begins to serve. A stale socket file is replaced.
     *
     * @param tagger the tagger to serve
     * @param settings the socket, the port and the bounds
     * @param operator the parts of the agent for an operator
     * @return the server
     * @throws IllegalStateException if the socket can't be served; the message has the reason and the way out
     */
    public static IpcServer start(Tagger tagger, IpcSettings settings, Operator operator) {
        IpcServer server = new IpcServer(tagger, settings, operator);
        try {
            server.listen();
            return server;
        } catch (RuntimeException e) {
            server.vertx.close();
            server.file.close();
            throw e;
        }
    }

    /**
     * Begins to serve, as {@link #start(Tagger, IpcSettings, Operator)}, for a process without a configuration.
     *
     * @param tagger the tagger to serve
     * @param settings the socket, the port and the bounds
     * @param metrics renders the text of {@code /metrics}
     * @return the server
     */
    public static IpcServer start(Tagger tagger, IpcSettings settings, Function<Statistics, String> metrics) {
        return start(tagger, settings, Operator.ofMetrics(metrics));
    }

    private void listen() {
        IpcSettings.Limits limits = settings.limits();
        HttpServerOptions http = new HttpServerOptions()
                .setMaxInitialLineLength(limits.request().line())
                .setMaxHeaderSize(limits.request().headers())
                .setHttp2ClearTextEnabled(true)
                .setPerFrameWebSocketCompressionSupported(false) // a handler in the way of each answer, for nobody
                .setPerMessageWebSocketCompressionSupported(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(limits.streams())
                        .setMaxHeaderListSize(limits.request().headers()));
        Handler<HttpServerRequest> answers = request -> (isGrpc(request) ? grpc : api).handle(request);
        HttpServer server = prepared(vertx.createHttpServer(http).requestHandler(answers));
        String socket = "the socket " + settings.socket();
        try {
            listen(
                    server.listen(
                            SocketAddress.domainSocketAddress(file.binding().toString())),
                    socket);
            file.publish(settings.socketMode());
        } catch (IOException e) {
            throw notServed(socket, e);
        }
        settings.tcp().ifPresent(tcp -> {
            TcpPort tcpPort = new TcpPort(vertx, tcp, http, answers, counts::count);
            prepared(tcpPort.server());
            listen(tcpPort.listen(vertx), "the port " + tcp.host() + ":" + tcp.port());
            port = tcpPort.server().actualPort();
        });
        settings.status().ifPresent(status -> {
            HttpServer statusPort = prepared(vertx.createHttpServer(http).requestHandler(publicApi));
            listen(
                    statusPort.listen(SocketAddress.inetSocketAddress(status.port(), status.host())),
                    "the status port " + status.host() + ":" + status.port());
            statusPortNumber = statusPort.actualPort();
        });
        vertx.setPeriodic(SAMPLE_MILLIS, timer -> resources.sample());
        IpcSettings.Times times = limits.times();
        long shortest = Math.min(times.idle().toMillis(), times.request().toMillis());
        vertx.setPeriodic(Math.max(10, Math.min(shortest / 4, SWEEP_MILLIS)), timer -> connections.sweep());
        vertx.setPeriodic(FORGET_MILLIS, timer -> work(origins::sweep));
        vertx.setPeriodic(TURN_MILLIS, timer -> turns++);
        vertx.setPeriodic(Math.max(10, times.heartbeat().toMillis() / 4), timer -> watches.beat(times.heartbeat()));
    }

    /** Runs a task that may block for a moment, on a worker. */
    private void work(Runnable task) {
        vertx.executeBlocking(
                () -> {
                    task.run();
                    return true;
                },
                false);
    }

    /** Takes an error of the event loop outside of any answer. */
    private void unexpected(Throwable error) {
        OutOfMemory.escalate(error);
        log.warn("the server failed at a task", error);
    }

    private static void listen(Future<?> listening, String what) {
        try {
            await(listening, START_SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw notServed(what, e);
        }
    }

    private static IllegalStateException notServed(String what, Exception e) {
        return new IllegalStateException(what + " can't be served: " + (e.getCause() == null ? e : e.getCause()), e);
    }

    private HttpServer prepared(HttpServer server) {
        return server.invalidRequestHandler(api::invalid).exceptionHandler(error -> {
            OutOfMemory.escalate(error);
            LOG.debug("a connection failed: {}", error.toString());
        });
    }

    static boolean isGrpc(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.startsWith("application/grpc");
    }

    /**
     * The containers of processes, for a further server of this process.
     *
     * @return the finder, with the memory of this server
     */
    public Origins origins() {
        return origins;
    }

    /**
     * The served port.
     *
     * @return the port; 0 for none
     */
    public int port() {
        return port;
    }

    /**
     * The port for probes and metrics.
     *
     * @return the port; 0 for none
     */
    public int statusPort() {
        return statusPortNumber;
    }

    /**
     * A sign of life of the event loop.
     *
     * @return a number that grows twice a second while the event loop turns
     */
    public long turns() {
        return turns;
    }

    /**
     * The counters of the server since its start.
     *
     * @return a picture of this moment
     */
    public Statistics statistics() {
        return new Statistics(
                api.requests() + grpc.requests(),
                api.errors() + grpc.errors(),
                counts.all(),
                new Held(connections.open(), connections.refused(), watches.count(), connections.unread()),
                origins.conflicts());
    }

    /**
     * The counters of a server since its start.
     *
     * @param requests how many requests and calls came
     * @param errors the number of requests answered with an error
     * @param codes the number of ended requests by HTTP status, or by the name of a gRPC status
     * @param held what callers hold now
     * @param conflicts the number of callers that named another container than the kernel
     */
    public record Statistics(long requests, long errors, Map<String, Long> codes, Held held, long conflicts) {
        /**
         * The open connections.
         *
         * @return their number now
         */
        public int connections() {
            return held.connections;
        }

        /**
         * The connections over the limit, closed at once.
         *
         * @return their number since the start
         */
        public long refused() {
            return held.refused;
        }

        /**
         * The watches under way.
         *
         * @return their number now
         */
        public int watchers() {
            return held.watchers;
        }
    }

    /**
     * What callers hold.
     *
     * @param connections how many connections are open now
     * @param refused how many connections were closed because there were too many
     * @param watchers how many watches are under way now
     * @param unread the bytes written for callers that have not taken them
     */
    public record Held(int connections, long refused, int watchers, long unread) {}

    /** Closes all connections and removes the socket, within 1 s. A second close has no effect. */
    @Override
    public void close() {
        watches.close();
        connections.close();
        try {
            await(vertx.close(), CLOSE_SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the server did not close in time: {}", e.toString());
        }
        file.close();
    }

    private static <T> T await(Future<T> future, long seconds) throws ExecutionException, TimeoutException {
        CompletableFuture<T> result = future.toCompletionStage().toCompletableFuture();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return result.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    isInterrupted = true; // the wait is short, and half a server would be worse
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
