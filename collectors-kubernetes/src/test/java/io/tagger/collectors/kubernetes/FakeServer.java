package io.tagger.collectors.kubernetes;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Speaks like a kubelet or an API server, as far as we ask them, because neither can run here. */
final class FakeServer implements AutoCloseable {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** What it answers. */
    record Answer(int code, String body, int length) {
        Answer(int code, String body) {
            this(code, body, body.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    /** A certificate of its own making, for 127.0.0.1. */
    record Identity(KeyStore store, String pem) {
        static Identity make(Path folder, String name) throws Exception {
            Path file = folder.resolve(name + ".p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "server",
                            "-keyalg",
                            "EC",
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "SAN=IP:127.0.0.1",
                            "-ext",
                            "BC=ca:true",
                            "-validity",
                            "2",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            new String(PASSWORD),
                            "-keystore",
                            file.toString())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
                throw new IOException("keytool: " + output);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD);
            }
            X509Certificate certificate = (X509Certificate) store.getCertificate("server");
            String base64 = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
            return new Identity(store, "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
        }

        private SSLContext context() throws GeneralSecurityException {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Headers> headers = new CopyOnWriteArrayList<>();
    private final String scheme;

    /** Whose token is accepted; empty: anybody is. */
    volatile String token = "";

    /** From the path with its query to the answer. */
    volatile Function<String, Answer> answers = path -> new Answer(404, "");

    private FakeServer(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    static FakeServer plain() throws IOException {
        return new FakeServer(HttpServer.create(address(0), 0), "http");
    }

    static FakeServer tls(Identity identity, int port) throws Exception {
        HttpsServer server = HttpsServer.create(address(port), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.context()));
        return new FakeServer(server, "https");
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    String url() {
        return scheme + "://127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** The paths that were asked for, with their queries. */
    List<String> asked() {
        return new ArrayList<>(asked);
    }

    /** The pods that are listed from now on. */
    void pods(String... pods) {
        answers = path -> new Answer(200, list("", pods));
    }

    static String list(String next, String... pods) {
        return "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":\"" + next + "\"},\"items\":["
                + String.join(",", List.of(pods).stream().map(Pods::json).toList()) + "]}";
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(exchange.getRequestURI().toString());
            headers.add(exchange.getRequestHeaders());
            boolean welcome = token.isEmpty()
                    || ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            Answer answer =
                    welcome ? answers.apply(exchange.getRequestURI().toString()) : new Answer(401, "Unauthorized");
            if (answer.code() / 100 == 3) {
                exchange.getResponseHeaders().add("Location", answer.body());
            }
            exchange.sendResponseHeaders(answer.code(), answer.length() == 0 ? -1 : answer.length());
            exchange.getResponseBody().write(answer.body().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
