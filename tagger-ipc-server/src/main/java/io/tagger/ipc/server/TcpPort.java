package io.tagger.ipc.server;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port beside the socket: callers must send the token, and the certificate follows its file. */
final class TcpPort {
    private static final Logger LOG = LoggerFactory.getLogger(TcpPort.class);

    private static final int UNAUTHENTICATED = 401;

    /** The interval of the check of the files. */
    private static final Duration RELOAD = Duration.ofSeconds(2);

    private final TcpSettings settings;
    private final @Nullable TokenFile token;
    private final HttpServer server;
    private List<FileTime> shown; // on the event loop

    /**
     * Does not listen yet.
     *
     * @param options the options shared with the socket
     * @param handler the handler of requests
     * @param onRefusal receives the code of the answer to each request without the token
     * @throws IllegalStateException if a file can't be read
     */
    TcpPort(
            Vertx vertx,
            TcpSettings settings,
            HttpServerOptions options,
            Handler<HttpServerRequest> handler,
            Consumer<String> onRefusal) {
        this.settings = settings;
        token = settings.token().map(TokenFile::new).orElse(null);
        HttpServerOptions ours = new HttpServerOptions(options);
        ours.setTcpKeepAlive(true);
        settings.tls().ifPresent(tls -> {
            check(tls);
            ours.setSsl(true).setUseAlpn(true).setKeyCertOptions(pem(tls));
        });
        shown = times();
        server = vertx.createHttpServer(ours).requestHandler(request -> {
            if (token == null || token.isIn(request.getHeader(HttpHeaders.AUTHORIZATION))) {
                handler.handle(request);
            } else {
                onRefusal.accept(IpcServer.isGrpc(request) ? GrpcStatus.UNAUTHENTICATED.name() : "401");
                refuse(request);
            }
        });
    }

    HttpServer server() {
        return server;
    }

    Future<HttpServer> listen(Vertx vertx) {
        return server.listen(SocketAddress.inetSocketAddress(settings.port(), settings.host()))
                .onSuccess(listening -> vertx.setPeriodic(RELOAD.toMillis(), timer -> reload()));
    }

    private static PemKeyCertOptions pem(TcpSettings.Tls tls) {
        return new PemKeyCertOptions()
                .addCertPath(tls.certificate().toString())
                .addKeyPath(tls.key().toString());
    }

    /** An expired certificate is for the callers to refuse; the socket is served all the same. */
    private static void check(TcpSettings.Tls tls) {
        try (InputStream pem = Files.newInputStream(tls.certificate())) {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
            if (certificate.getNotAfter().getTime() < System.currentTimeMillis()) {
                LOG.error(
                        "the certificate {} has expired on {}: callers over TCP will refuse the connection until the certificate is renewed",
                        tls.certificate(),
                        certificate.getNotAfter());
            }
        } catch (IOException | CertificateException e) {
            throw new IllegalStateException("the certificate " + tls.certificate() + " can't be read: " + e, e);
        }
        if (!Files.isReadable(tls.key())) {
            throw new IllegalStateException("the key " + tls.key() + " can't be read");
        }
    }

    private void reload() {
        if (token != null) {
            token.reload();
        }
        List<FileTime> now = times();
        if (now.equals(shown) || settings.tls().isEmpty()) {
            return;
        }
        shown = now;
        TcpSettings.Tls tls = settings.tls().get();
        try {
            check(tls);
        } catch (IllegalStateException e) {
            LOG.warn("{}; the last certificate stays in use", e.getMessage());
            return;
        }
        // Forced, because the paths are unchanged.
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pem(tls)), true)
                .onSuccess(changed -> LOG.info("the certificate {} was renewed", tls.certificate()))
                .onFailure(error -> LOG.warn(
                        "the certificate {} or its key is not usable, the last certificate stays in use: {}",
                        tls.certificate(),
                        error.toString()));
    }

    private List<FileTime> times() {
        return settings.tls()
                .map(tls -> List.of(time(tls.certificate()), time(tls.key())))
                .orElse(List.of());
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static void refuse(HttpServerRequest request) {
        String message = "a bearer token is needed, the token in the agent's tagger.ipc.tcp.token-file";
        if (IpcServer.isGrpc(request)) {
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
                    .putHeader("grpc-status", String.valueOf(GrpcStatus.UNAUTHENTICATED.code))
                    .putHeader("grpc-message", message)
                    .end();
        } else {
            HttpError error = new HttpError(UNAUTHENTICATED, "unauthenticated", message);
            request.response()
                    .setStatusCode(error.status())
                    .putHeader("WWW-Authenticate", "Bearer")
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(error.json().toBuffer());
        }
    }
}
