package io.tagger.datadog;

import io.tagger.api.Tagger;
import io.tagger.origin.Origins;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a tagger to the processes of the Datadog Agent, such as {@code trace-agent}: on a separate port, with the token and
 * the certificate shared by these processes. The server runs from {@link #start} to {@link #close}; the tagger belongs to the
 * caller. Thread-safe.
 */
public final class DatadogServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatadogServer.class);
    private static final long START_SECONDS = 10;
    private static final long CLOSE_SECONDS = 1;
    /** The time within which the Datadog Agent makes the files. */
    private static final Duration FILES = Duration.ofSeconds(30);
    /** Connections; further ones are closed at once. */
    private static final int CONNECTIONS = 128;
    /** Calls at once on one connection. */
    private static final int CALLS = 100;

    private static final int HEADERS = 16_384;

    private final DatadogSettings settings;
    private final Vertx vertx;
    private final Streams streams;
    private final HttpServer server;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private DatadogServer(Tagger tagger, Origins origins, DatadogSettings settings, AuthToken token) {
        this.settings = settings;
        Admissions admissions = new Admissions(CONNECTIONS, settings.times().admission());
        vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)))
                .withTransport(admissions.transport())
                .build();
        streams = new Streams(vertx, tagger, settings.times());
        String pem = settings.certificate().toString();
        server = vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setPerFrameWebSocketCompressionSupported(false) // for nobody
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setKeyCertOptions(
                                new PemKeyCertOptions().addCertPath(pem).addKeyPath(pem))
                        .setMaxHeaderSize(HEADERS)
                        .setInitialSettings(new Http2Settings()
                                .setMaxConcurrentStreams(CALLS)
                                .setMaxHeaderListSize(HEADERS)))
                .requestHandler(new DatadogApi(
                        vertx,
                        tagger,
                        origins,
                        settings.hostName(),
                        new DatadogApi.Admission(token, admissions::admit),
                        streams))
                .connectionHandler(this::connected)
                .exceptionHandler(error -> LOG.debug("a connection failed: {}", error.toString()));
    }

    /**
     * Finds or makes the files, and begins to serve.
     *
     * @param tagger the tagger to serve
     * @param origins finds the containers of processes
     * @param settings the port and the files
     * @return the server
     * @throws IllegalStateException if a file can't be read or made, or the port can't be served; the message has the
     *     reason and the way out
     */
    public static DatadogServer start(Tagger tagger, Origins origins, DatadogSettings settings) {
        AuthToken token = AuthToken.of(settings.token(), FILES);
        IpcCertificate.check(settings.certificate(), FILES);
        DatadogServer server = new DatadogServer(tagger, origins, settings, token);
        try {
            server.listen();
            return server;
        } catch (RuntimeException e) {
            server.vertx.close();
            throw e;
        }
    }

    private void listen() {
        String place = settings.host() + ":" + settings.port();
        try {
            await(server.listen(settings.port(), settings.host()), START_SECONDS);
            LOG.info("Datadog processes are served on {}:{}", settings.host(), port());
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "the port " + place + " for Datadog processes can't be served: "
                            + (e.getCause() == null ? e : e.getCause().getMessage())
                            + "; beside a core agent, set tagger.datadog.port, and DD_CMD_PORT of the processes that ask here",
                    e);
        }
    }

    private void connected(HttpConnection connection) {
        connection.closeHandler(nothing -> streams.closed(connection));
    }

    /**
     * The served port.
     *
     * @return the port
     */
    public int port() {
        return server.actualPort();
    }

    /** Ends the streams and closes all connections, within 1 s. A second close has no effect. */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        try {
            vertx.runOnContext(nothing -> streams.end());
            await(vertx.close(), CLOSE_SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the server for Datadog processes did not close in time: {}", e.toString());
        }
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
