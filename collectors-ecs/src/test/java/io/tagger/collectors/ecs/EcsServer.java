package io.tagger.collectors.ecs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A fake of ECS over real HTTP, with answers in the documented forms: the endpoints of the agent and of the tasks
 * (GET), and the API (POST). Neither an ECS agent nor Fargate can run here, and moto has neither errors nor container
 * ids.
 */
final class EcsServer implements AutoCloseable {
    static final String ARN = "arn:aws:ecs:eu-west-1:123456789012:task/test-cluster/8f3a";
    static final String INSTANCE = "arn:aws:ecs:eu-west-1:123456789012:container-instance/test-cluster/x";
    static final String METADATA = """
            {"Cluster": "test-cluster", "ContainerInstanceArn": "%s",
             "Version": "Amazon ECS Agent - v1.30.0 (02ff320c)"}
            """.formatted(INSTANCE);
    static final String V1 = """
            {"Arn": "%s", "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "Family": "hello_world", "Version": "8",
             "Containers": [{"DockerId": "c1", "DockerName": "ecs-hello_world-8-mysql-fcae8ac8f9f1d89d8301", "Name": "mysql"},
                            {"DockerId": "c2", "DockerName": "ecs-hello_world-8-wordpress-e8bfddf9b488dff36c00",
                             "Name": "wordpress", "Ports": [{"ContainerPort": 80, "Protocol": "tcp", "HostPort": 80}]},
                            {"DockerId": "c3", "Name": "sidecar-3"}, {"DockerId": "c4", "Name": "sidecar-4"},
                            {"DockerId": "c5", "Name": "sidecar-5"}]}
            """.formatted(ARN);
    static final String V3 = """
            {"Cluster": "test-cluster", "TaskARN": "%s", "Family": "shop", "Revision": "3", "DesiredStatus": "RUNNING",
             "KnownStatus": "RUNNING", "Limits": {"CPU": 0.25, "Memory": 512}, "AvailabilityZone": "eu-west-1a",
             "PullStartedAt": "2026-11-02T09:15:42.1Z",
             "Containers": [{"DockerId": "8f3a-1", "Name": "web", "DockerName": "web", "Image": "acme/web:2",
                             "ImageID": "sha256:d1", "Labels": {"com.datadoghq.tags.env": "prod"},
                             "DesiredStatus": "RUNNING", "KnownStatus": "RUNNING", "Type": "NORMAL",
                             "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.0.1"]}]}]}
            """.formatted(ARN);
    static final String V4 = V3.replace(
            "\"PullStartedAt\"",
            "\"LaunchType\": \"FARGATE\", \"ServiceName\": \"Checkout\", \"TaskTags\": {\"team\": \"core\"}, \"PullStartedAt\"");

    /** An answer on the wire. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    /** The requests so far: the path of a GET, the action of a POST and its body. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    EcsServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
                String question = target == null
                        ? exchange.getRequestURI().toString()
                        : target.substring(target.indexOf('.') + 1) + " "
                                + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                asked.add(question);
                answers.entrySet().stream()
                        .filter(answer -> question.startsWith(answer.getKey()))
                        .max(Map.Entry.comparingByKey(Comparator.comparingInt(String::length)))
                        .map(Map.Entry::getValue)
                        .orElse(answer(404, "{}"))
                        .to(exchange);
            }
        });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Sets the answer to requests with a prefix; the longest prefix decides. */
    EcsServer on(String beginning, Answer answer) {
        answers.put(beginning, answer);
        return this;
    }

    EcsServer on(String beginning, String body) {
        return on(beginning, answer(200, body));
    }

    /** Sets up an ECS agent with one task. */
    EcsServer ec2() {
        return on("/v1/metadata", METADATA).on("/v1/tasks?dockerid=c", V1).on("/v1/tasks?taskarn=arn", V1);
    }

    List<String> asked(String beginning) {
        return asked.stream().filter(question -> question.startsWith(beginning)).toList();
    }

    static Answer answer(int code, String body, String... headers) {
        return exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    /** The connection ends before there is an answer. */
    static Answer reset() {
        return exchange -> {};
    }

    /** The connection ends within the answer. */
    static Answer half(String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            exchange.getResponseBody().flush();
        };
    }

    /** No answer until the end of the test. */
    Answer hang() {
        return exchange -> {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** The answer waits for a signal. */
    static Answer after(CountDownLatch signal, String body) {
        return exchange -> {
            try {
                signal.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            answer(200, body).to(exchange);
        };
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
