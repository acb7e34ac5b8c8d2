package io.tagger.collectors.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A fake of the kubelet's and the API server's parts used here, because neither can run here. */
final class FakeServer implements AutoCloseable {
    static {
        // Awaitility's own 100 ms before the first look, and between looks, were half of these tests' time.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    private static final char[] PASSWORD = "changeit".toCharArray();

    /** An answer of the server. */
    record Answer(int code, String body, int length) {
        Answer(int code, String body) {
            this(code, body, body.getBytes(StandardCharsets.UTF_8).length);
        }
    }

    /** A self-signed certificate for 127.0.0.1. */
    record Identity(KeyStore store, String pem) {
        static Identity make(Path folder, String name) throws Exception {
            return make(folder, name, "EC");
        }

        static Identity make(Path folder, String name, String algorithm) throws Exception {
            return make(folder, name, algorithm, "IP:127.0.0.1");
        }

        static Identity make(Path folder, String name, String algorithm, String names) throws Exception {
            Path file = folder.resolve(name + ".p12");
            Process keytool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "server",
                            "-keyalg",
                            algorithm,
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "SAN=" + names,
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
            return new Identity(store, pem("CERTIFICATE", certificate.getEncoded()));
        }

        /** The private key. */
        String key() throws GeneralSecurityException {
            return pem("PRIVATE KEY", store.getKey("server", PASSWORD).getEncoded());
        }

        private static String pem(String what, byte[] content) {
            return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                    + what + "-----\n";
        }

        /** For a server with this identity, which trusts a client with the given identity. */
        private SSLContext context(@Nullable Identity client) throws GeneralSecurityException, IOException {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            TrustManager[] trusted = null;
            if (client != null) {
                KeyStore known = KeyStore.getInstance("PKCS12");
                known.load(null, null);
                known.setCertificateEntry("client", client.store.getCertificate("server"));
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(known);
                trusted = trust.getTrustManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trusted, null);
            return context;
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<Integer> connections = ConcurrentHashMap.newKeySet();
    private final String scheme;

    /** The accepted token; empty: every caller is accepted. */
    volatile String token = "";

    /** Whether the server compresses with gzip on request, like an API server. */
    volatile boolean isCompressing;

    /** Whether the server sends chunks. */
    volatile boolean isChunking;

    /** Holds the connection open after the sent part of an answer. */
    volatile CountDownLatch hold = new CountDownLatch(0);

    /** From the path with the query to the answer. */
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
        server.setHttpsConfigurator(new HttpsConfigurator(identity.context(null)));
        return new FakeServer(server, "https");
    }

    /** A server that accepts only the client with the given certificate. */
    static FakeServer mutual(Identity identity, Identity client) throws Exception {
        HttpsServer server = HttpsServer.create(address(0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.context(client)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                tls.setNeedClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
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

    /** The requested paths with their queries. */
    List<String> asked() {
        return new ArrayList<>(asked);
    }

    /** Writes a kubeconfig for the API server at a URL. */
    static Path kubeconfig(Path folder, String url) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "%s"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: t}}]
                current-context: c
                """.formatted(url));
    }

    /** How many connections questions have come by. */
    int connections() {
        return connections.size();
    }

    /** Sets the list of pods. */
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
            connections.add(exchange.getRemoteAddress().getPort());
            boolean welcome = token.isEmpty()
                    || ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            Answer answer =
                    welcome ? answers.apply(exchange.getRequestURI().toString()) : new Answer(401, "Unauthorized");
            if (answer.code() / 100 == 3) {
                exchange.getResponseHeaders().add("Location", answer.body());
            }
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            int length = answer.length();
            if (isCompressing && "gzip".equals(exchange.getRequestHeaders().getFirst("Accept-Encoding"))) {
                ByteArrayOutputStream compressed = new ByteArrayOutputStream();
                try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                    gzip.write(body);
                }
                body = compressed.toByteArray();
                length = body.length;
                exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            }
            CountDownLatch until = hold; // once the client has this answer, a test may set the latch of the next
            exchange.sendResponseHeaders(answer.code(), isChunking ? 0 : length == 0 ? -1 : length);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().flush();
            until.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server is being closed
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
