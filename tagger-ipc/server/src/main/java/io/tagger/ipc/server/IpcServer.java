package io.tagger.ipc.server;

import io.tagger.api.Tagger;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a tagger on a Unix socket, and on a port where one was named: as gRPC, and as HTTP and JSON. It serves from {@link #start} to {@link #close}; the tagger is the caller's. Thread-safe.
 */
public final class IpcServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IpcServer.class);
    private static final long START_SECONDS = 10;
    private static final long CLOSE_SECONDS = 1;

    private final Vertx vertx;
    private final SocketFile file;
    private final Connections connections;
    private final HttpApi api;
    private final GrpcApi grpc;
    private final int port;

    private IpcServer(Vertx vertx, SocketFile file, Connections connections, HttpApi api, GrpcApi grpc, int port) {
        this.port = port;
        this.vertx = vertx;
        this.file = file;
        this.connections = connections;
        this.api = api;
        this.grpc = grpc;
    }

    /**
     * Begins to serve. A stale socket file is replaced.
     *
     * @param tagger who is asked
     * @param settings where, and within which bounds
     * @param metrics makes the text of {@code /metrics}, on every request for it
     * @return the server
     * @throws IllegalStateException if the socket can't be served; the message says why and what would help
     */
    public static IpcServer start(Tagger tagger, IpcSettings settings, Supplier<String> metrics) {
        SocketFile file = SocketFile.claim(settings.socket());
        Connections connections = new Connections(settings.connections(), settings.idleTimeout());
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(1) // answers are computed in microseconds; a second loop would only cost memory
                .setWorkerPoolSize(settings.misses())
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        Vertx vertx = Vertx.builder()
                .with(options)
                .withTransport(connections.transport())
                .build();
        try {
            Lookups lookups = new Lookups(vertx, tagger, settings.misses());
            HttpApi api = new HttpApi(tagger, lookups, settings, connections, metrics);
            GrpcApi grpc = new GrpcApi(vertx, tagger, lookups, settings, connections);
            HttpServerOptions http = new HttpServerOptions()
                    .setMaxInitialLineLength(settings.requestLine())
                    .setMaxHeaderSize(settings.headers())
                    .setHttp2ClearTextEnabled(true)
                    .setInitialSettings(new Http2Settings()
                            .setMaxConcurrentStreams(settings.streams())
                            .setMaxHeaderListSize(settings.headers()));
            Handler<HttpServerRequest> answers = request -> (isGrpc(request) ? grpc : api).handle(request);
            HttpServer server = prepared(vertx.createHttpServer(http).requestHandler(answers), api);
            String socket = "the socket " + settings.socket();
            listen(
                    server.listen(
                            SocketAddress.domainSocketAddress(settings.socket().toString())),
                    socket);
            try {
                file.permit(settings.socketMode());
            } catch (IOException e) {
                throw notServed(socket, e);
            }
            TcpPort port = null;
            if (settings.tcp().isPresent()) {
                TcpSettings tcp = settings.tcp().get();
                port = new TcpPort(vertx, tcp, http, answers);
                prepared(port.server(), api);
                listen(port.listen(vertx), "the port " + tcp.host() + ":" + tcp.port());
            }
            vertx.setPeriodic(Math.max(10, settings.idleTimeout().toMillis() / 4), timer -> connections.sweep());
            return new IpcServer(
                    vertx,
                    file,
                    connections,
                    api,
                    grpc,
                    port == null ? 0 : port.server().actualPort());
        } catch (RuntimeException e) {
            vertx.close();
            file.close();
            throw e;
        }
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

    private static HttpServer prepared(HttpServer server, HttpApi api) {
        return server.invalidRequestHandler(api::invalid)
                .exceptionHandler(error -> LOG.debug("a connection failed: {}", error.toString()));
    }

    static boolean isGrpc(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.startsWith("application/grpc");
    }

    /**
     * The port that is served.
     *
     * @return it; 0 if there is none
     */
    public int port() {
        return port;
    }

    /**
     * What the server did since it was started.
     *
     * @return a picture of this moment
     */
    public Statistics statistics() {
        return new Statistics(
                api.requests() + grpc.requests(),
                api.errors() + grpc.errors(),
                connections.open(),
                connections.refused(),
                grpc.watchers());
    }

    /**
     * What a server did since it was started.
     *
     * @param requests how many requests and calls came
     * @param errors how many of them were answered with an error
     * @param connections how many connections are open now
     * @param refused how many connections were closed because there were too many
     * @param watchers how many watch over gRPC now
     */
    public record Statistics(long requests, long errors, int connections, long refused, int watchers) {}

    /** Closes all connections and removes the socket, within 1 s. Closing again does nothing. */
    @Override
    public void close() {
        grpc.close();
        connections.close();
        try {
            await(vertx.close(), CLOSE_SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the server did not close in time: {}", e.toString());
        }
        file.close();
    }

    private static <T> T await(Future<T> future, long seconds) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        }
    }
}
