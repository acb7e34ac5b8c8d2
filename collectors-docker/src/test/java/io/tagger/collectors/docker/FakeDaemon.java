package io.tagger.collectors.docker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A small part of the Docker API over loopback, in place of daemons that can't run here: engines newer than the
 * installed engine, and daemons that fail at a chosen moment. The behaviour of a real daemon is tested on a real
 * daemon.
 */
final class FakeDaemon implements AutoCloseable {
    static {
        // Awaitility's own 100 ms before the first look, and between looks, were half of these tests' time.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    /** A daemon's behaviour in place of the answer to an inspect. */
    interface Hook {
        void run(HttpExchange exchange) throws Exception;
    }

    private static final Pattern NAME = Pattern.compile("\"Name\":\"([^\"\\\\]*)\"");

    final List<String> paths = new CopyOnWriteArrayList<>();
    final Map<String, String> containers = new ConcurrentHashMap<>();
    volatile Hook beforeInspect = exchange -> {};
    volatile Hook beforeVersion = exchange -> {};
    volatile Hook beforeEvents = exchange -> {};
    volatile String since = "";
    volatile Hook beforeList = exchange -> {};
    volatile Hook beforeImage = exchange -> {};
    /** The items of the list in place of the containers' ids; null for these. */
    volatile String listAnswer;

    volatile String imageAnswer = "{\"Id\":\"sha256:11\",\"RepoTags\":[\"acme/web:1\"]}";
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String oldest;
    private final String newest;
    private volatile OutputStream events;
    private int sent; // guarded by this
    final CountDownLatch subscribed = new CountDownLatch(1);

    FakeDaemon(String oldest, String newest) throws IOException {
        this.oldest = oldest;
        this.newest = newest;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String host() {
        return "tcp://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A running container with the value in its environment. */
    void run(String id, String value) {
        containers.put(
                id,
                "{\"Id\":\"" + id
                        + "\",\"Name\":\"/n\",\"Image\":\"sha256:11\",\"State\":{\"Running\":true},\"Config\":{\"Image\":\"acme/web:1\",\"Env\":[\"DD_ENV="
                        + value + "\"],\"Labels\":{}}}");
    }

    void event(String action, String id) throws IOException {
        event(action, id, "{}");
    }

    /** An event with attributes, a JSON object. */
    void event(String action, String id, String attributes) throws IOException {
        send("{\"Type\":\"container\",\"Action\":\"" + action + "\",\"Actor\":{\"ID\":\"" + id + "\",\"Attributes\":"
                + attributes + "},\"id\":\"" + id + "\",\"status\":\"" + action + "\"}\n");
    }

    /** The name of a container in the list; empty for a container with an odd name. */
    private String name(String id) {
        Matcher name = NAME.matcher(containers.getOrDefault(id, ""));
        return name.find() ? name.group(1) : "";
    }

    /** The number of events sent so far. */
    synchronized int events() {
        return sent;
    }

    /** A line in the stream of events. */
    void send(String line) throws IOException {
        OutputStream out = events;
        synchronized (this) {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.flush();
            sent++;
        }
    }

    void endEvents() throws IOException {
        events.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        paths.add(path);
        try {
            if (path.matches("/v[0-9.]+/.*")) {
                ApiVersion asked = ApiVersion.parse(path.substring(2, path.indexOf('/', 1)));
                if (asked.compareTo(ApiVersion.parse(oldest)) < 0) {
                    answer(
                            exchange,
                            400,
                            "{\"message\":\"client version " + asked + " is too old. Minimum supported API version is "
                                    + oldest + "\"}");
                    return;
                }
                if (asked.compareTo(ApiVersion.parse(newest)) > 0) {
                    answer(
                            exchange,
                            400,
                            "{\"message\":\"client version " + asked + " is too new. Maximum supported API version is "
                                    + newest + "\"}");
                    return;
                }
            }
            route(exchange, path.replaceFirst("^/v[0-9.]+", ""));
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            exchange.close();
        }
    }

    private void route(HttpExchange exchange, String path) throws Exception {
        if (path.equals("/version")) {
            beforeVersion.run(exchange);
            answer(
                    exchange,
                    200,
                    "{\"Version\":\"test\",\"ApiVersion\":\"" + newest + "\",\"MinAPIVersion\":\"" + oldest + "\"}");
        } else if (path.equals("/_ping")) {
            answer(exchange, 200, "OK");
        } else if (path.equals("/events")) {
            beforeEvents.run(exchange);
            since = String.valueOf(exchange.getRequestURI().getQuery());
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            events = exchange.getResponseBody();
            events.flush();
            subscribed.countDown();
        } else if (path.equals("/containers/json")) {
            List<String> ids = List.copyOf(containers.keySet());
            beforeList.run(exchange);
            answer(
                    exchange,
                    200,
                    listAnswer != null
                            ? listAnswer
                            : "["
                                    + String.join(
                                            ",",
                                            ids.stream()
                                                    .map(id ->
                                                            "{\"Id\":\"" + id + "\",\"Names\":[\"" + name(id) + "\"]}")
                                                    .toList())
                                    + "]");
        } else if (path.matches("/containers/.*/json")) {
            beforeInspect.run(exchange);
            String body = containers.get(path.split("/")[2]);
            answer(exchange, body == null ? 404 : 200, body == null ? "{\"message\":\"No such container\"}" : body);
        } else if (path.startsWith("/images/")) {
            beforeImage.run(exchange);
            answer(exchange, 200, imageAnswer);
        } else {
            answer(exchange, 404, "{\"message\":\"page not found\"}");
        }
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
