package io.tagger.agent;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Passes a browser's requests from a loopback port on to the agent's socket. The token of the address is exchanged once for
 * a cookie; a request without the cookie, or under another host name, is refused. Only reading requests are passed on.
 */
final class UiServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long SECONDS = 10;
    private static final int POOL = 32; // a browser's connections

    /** The headers of an answer that the browser needs. */
    private static final Set<String> PASSED = Set.of(
            "content-type",
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "cache-control");

    private final Vertx vertx;
    private final HttpClient agent;
    private final SocketAddress socket;
    private final HttpServer server;
    private final String token = random();
    private final String cookie = random();
    private boolean isTokenUsed; // on the event loop

    private UiServer(Path path) {
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        agent = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(true), new PoolOptions().setHttp1MaxSize(POOL));
        socket = SocketAddress.domainSocketAddress(path.toString());
        server = vertx.createHttpServer(new HttpServerOptions()).requestHandler(this::handle);
    }

    /**
     * Begins to listen.
     *
     * @param path the agent's socket
     * @param port the port; 0 for a free port
     * @throws IllegalStateException if the port can't be served
     */
    static UiServer start(Path path, int port) {
        UiServer ui = new UiServer(path);
        try {
            await(ui.server.listen(port, LOOPBACK));
            return ui;
        } catch (IllegalStateException e) {
            ui.close();
            throw new IllegalStateException("the port " + port + " can't be served: " + e.getMessage(), e);
        }
    }

    private static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** The address for a browser. */
    String address() {
        return "http://" + host() + "/?token=" + token;
    }

    private String host() {
        return LOOPBACK + ":" + server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        String host = String.valueOf(request.getHeader(HttpHeaders.HOST));
        if (!host.equals(host()) && !host.equals("localhost:" + server.actualPort())) {
            refuse(request, "the page is served under http://" + host() + " alone");
        } else if (request.method() != HttpMethod.GET) {
            refuse(request, "the page only reads");
        } else if (request.path().equals("/") && isSame(token, request.getParam("token"))) {
            exchange(request);
        } else if (isCookie(request)) {
            pass(request);
        } else {
            refuse(request, "this address needs the token that 'tagger ui' has printed");
        }
    }

    private void exchange(HttpServerRequest request) {
        if (isTokenUsed && !isCookie(request)) {
            refuse(request, "the token has been used already; start 'tagger ui' again");
            return;
        }
        isTokenUsed = true;
        request.response()
                .addCookie(Cookie.cookie(cookieName(), cookie)
                        .setHttpOnly(true)
                        .setSameSite(CookieSameSite.STRICT)
                        .setPath("/"))
                .putHeader(HttpHeaders.LOCATION, "/")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("Referrer-Policy", "no-referrer")
                .setStatusCode(303)
                .end();
    }

    /** A browser sends a cookie to all ports of a host: pages of two agents keep theirs apart by the name. */
    private String cookieName() {
        return "tagger-ui-" + server.actualPort();
    }

    private boolean isCookie(HttpServerRequest request) {
        Cookie sent = request.getCookie(cookieName());
        return sent != null && isSame(cookie, sent.getValue());
    }

    /** Compares in a time that does not depend on the secret. */
    private static boolean isSame(String secret, String given) {
        return given != null
                && MessageDigest.isEqual(
                        secret.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    private static void refuse(HttpServerRequest request, String why) {
        request.response()
                .setStatusCode(403)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(why + "\n");
    }

    private void pass(HttpServerRequest request) {
        RequestOptions options = new RequestOptions()
                .setServer(socket)
                .setHost("localhost")
                .setPort(80)
                .setMethod(HttpMethod.GET)
                .setURI(request.uri());
        HttpServerResponse response = request.response();
        request.pause();
        agent.request(options)
                .compose(question -> {
                    response.closeHandler(nothing -> question.reset());
                    return question.send();
                })
                .onSuccess(answer -> pass(answer, response))
                .onFailure(error -> {
                    if (!response.headWritten()) {
                        response.setStatusCode(502).end("the agent does not answer: " + error.getMessage() + "\n");
                    }
                });
        request.resume();
    }

    private static void pass(HttpClientResponse answer, HttpServerResponse response) {
        response.setStatusCode(answer.statusCode()).setChunked(true);
        answer.headers().forEach((name, value) -> {
            if (PASSED.contains(name.toLowerCase(Locale.ROOT))) {
                response.putHeader(name, value);
            }
        });
        answer.pipeTo(response).onFailure(error -> response.reset());
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends the page. */
    @Override
    public void close() {
        vertx.close();
    }
}
