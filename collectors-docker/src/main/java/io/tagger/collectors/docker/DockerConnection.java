package io.tagger.collectors.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.common.ForeignId;
import io.tagger.collectors.common.RootCause;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to a daemon, with a version accepted by the daemon. Thread-safe.
 *
 * <p>docker-java carries the requests. The answers are read here, field by field: docker-java's own classes refuse a
 * whole answer for one unexpected value in a field of no importance.
 *
 * <p>There are three transports: for requests about containers; for requests about images, so that
 * hanging image requests take no connection of the container requests; and, without a response timeout, for the
 * events: hours may be silent.
 */
final class DockerConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DockerConnection.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    /**
     * The container events of interest: Docker's names, and podman's own names. Podman filters by the latter, and sends
     * Docker's names.
     */
    private static final Map<String, List<String>> EVENTS = Map.of(
            "type",
            List.of("container"),
            "event",
            List.of("start", "die", "died", "destroy", "remove", "rename", "update"));

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    /** The deadline of the question comes first, with its clear message. */
    private static final Duration SPARE = Duration.ofSeconds(1);

    private static final int IMAGE_CONNECTIONS = 2;
    private static final int NOT_FOUND = 404;

    private final String version;
    private final QuestionDeadline deadline;
    private final DockerHttpClient containers;
    private final DockerHttpClient images;
    private final DockerHttpClient events;

    private DockerConnection(String host, QuestionDeadline deadline, int parallel, ApiVersion version) {
        this.version = "/v" + version;
        this.deadline = deadline;
        containers = transport(host, deadline.timeout(), parallel);
        images = transport(host, deadline.timeout(), IMAGE_CONNECTIONS);
        events = transport(host, Duration.ZERO, 1);
    }

    /** An answer of the daemon in place of the wanted answer. */
    private static final class RefusalException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        RefusalException(int status, String body) {
            super("HTTP " + status + ": " + words(body));
            this.status = status;
        }

        private static String words(String body) {
            try {
                String message = JSON.readTree(body).path("message").asText("");
                return message.isEmpty() ? body.strip() : message;
            } catch (JsonProcessingException e) {
                return body.strip();
            }
        }
    }

    /**
     * One inspected container.
     *
     * @param start the last start, by the daemon's clock; empty for a container that was never started
     */
    record Inspected(DockerContainer container, boolean isRunning, Optional<Instant> start) {}

    /**
     * Connects, and agrees on a version.
     *
     * @param host {@code unix://} or {@code tcp://}
     * @param timeout the limit of a whole answer, except the events
     * @param parallel the number of parallel requests
     * @throws CollectorUnavailableException retry if the daemon does not answer
     */
    static DockerConnection open(String host, Duration timeout, int parallel) throws CollectorUnavailableException {
        QuestionDeadline deadline = new QuestionDeadline(timeout);
        try (DockerHttpClient unversioned = transport(host, timeout, 1)) {
            ApiVersion version = negotiate(get(unversioned, deadline, "/version"));
            LOG.debug("{} is spoken to in version {}", host, version);
            return new DockerConnection(host, deadline, parallel, version);
        } catch (NoClassDefFoundError e) {
            throw CollectorUnavailableException.retry(
                    "DOCKER_TLS_VERIFY asks for TLS to " + host + ", which needs Bouncy Castle: put the"
                            + " jars bcprov-jdk18on and bcpkix-jdk18on beside the collector (" + e.getMessage()
                            + " is missing)");
        } catch (RuntimeException | IOException | RefusalException e) {
            throw CollectorUnavailableException.retry(
                    "the Docker daemon at " + host + " does not answer: " + RootCause.words(e));
        }
    }

    private static ApiVersion negotiate(JsonNode answer) {
        ApiVersion newest = ApiVersion.parse(answer.path("ApiVersion").asText(""));
        String oldest = answer.path("MinAPIVersion").asText("");
        return ApiVersion.negotiate(oldest.isEmpty() ? newest : ApiVersion.parse(oldest), newest);
    }

    private static DockerHttpClient transport(String host, Duration timeout, int connections) {
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host)
                .build();
        ZerodepDockerHttpClient.Builder http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .sslConfig(config.getSSLConfig())
                .maxConnections(connections)
                .connectionTimeout(CONNECT_TIMEOUT);
        if (!timeout.isZero()) {
            http.responseTimeout(timeout.plus(SPARE)); // ends a wait over TCP, where an interrupt has no effect
        }
        return http.build();
    }

    /** The running containers, including paused containers; an item without a usable id is left out. */
    List<DockerContainer> running() throws DaemonException {
        JsonNode answer = request(containers, "/containers/json");
        if (!answer.isArray()) {
            throw new DaemonException("the daemon's list of containers is no JSON array", null);
        }
        List<DockerContainer> running = new ArrayList<>();
        answer.forEach(item -> {
            DockerContainer container = DockerContainer.ofList(item);
            if (!ForeignId.isUsable(container.id())) {
                LOG.warn(
                        "an item without a usable id in the daemon's list of containers is left out: {}",
                        excerpt(item));
            } else {
                running.add(container);
            }
        });
        return running;
    }

    private static Optional<Instant> start(JsonNode answer) {
        try {
            Instant start = Instant.parse(answer.path("State").path("StartedAt").asText(""));
            return start.isBefore(Instant.EPOCH) ? Optional.empty() : Optional.of(start); // the year 1 for never
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * Looks at a container.
     *
     * @return the container; empty if the container does not exist
     * @throws DaemonException if the daemon could not tell
     */
    Optional<Inspected> inspect(String id) throws DaemonException {
        return find(containers, "/containers/" + id + "/json").map(answer -> {
            // A paused container runs, too; a container waiting for a restart is between die and start.
            boolean isRunning = answer.path("State").path("Running").asBoolean();
            return new Inspected(DockerContainer.ofInspect(id, answer), isRunning, start(answer));
        });
    }

    /**
     * Looks up the name of an image.
     *
     * @param image the id or name to inspect
     * @param reference the reference at the start of the container
     * @return the name; the id if the image has no name, or is gone
     * @throws DaemonException if the daemon could not tell
     */
    String imageName(String image, ImageReference reference) throws DaemonException {
        List<String> tags = List.of();
        List<String> digests = List.of();
        Optional<JsonNode> answer = find(images, "/images/" + image + "/json");
        if (answer.isPresent()) {
            tags = DockerContainer.list(answer.get().path("RepoTags"));
            digests = DockerContainer.list(answer.get().path("RepoDigests"));
        }
        return reference.choose(tags, digests).orElse(image);
    }

    /**
     * Subscribes to container events. Daemons answer before the registration of the subscriber, so the request asks for
     * events since an earlier moment.
     *
     * @return the answer; the body is endless
     * @throws DaemonException if the daemon refuses the request
     */
    DockerHttpClient.Response subscribe(Instant since) throws DaemonException {
        try {
            String filters = URLEncoder.encode(JSON.writeValueAsString(EVENTS), StandardCharsets.UTF_8);
            return open(events, version + "/events?since=" + since.getEpochSecond() + "&filters=" + filters);
        } catch (RefusalException | IOException | RuntimeException e) {
            throw new DaemonException(RootCause.words(e), e);
        }
    }

    /** Asks for a sign of life; throws if there is none. */
    void ping() throws DaemonException {
        request(containers, "/version"); // in place of /_ping, whose answer is no JSON
    }

    @Override
    public void close() throws IOException {
        try (containers;
                images) {
            events.close();
        }
    }

    private Optional<JsonNode> find(DockerHttpClient transport, String path) throws DaemonException {
        try {
            return Optional.of(get(transport, deadline, version + path));
        } catch (RefusalException e) {
            if (e.status == NOT_FOUND) {
                return Optional.empty();
            }
            throw new DaemonException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw new DaemonException(RootCause.words(e), e);
        }
    }

    private JsonNode request(DockerHttpClient transport, String path) throws DaemonException {
        return find(transport, path).orElseThrow(() -> new DaemonException("HTTP 404 for " + path, null));
    }

    private static JsonNode get(DockerHttpClient transport, QuestionDeadline deadline, String path)
            throws IOException, RefusalException {
        try (QuestionDeadline.Question question = deadline.begin(path)) {
            try (DockerHttpClient.Response response = execute(transport, path)) {
                question.answeredBy(response);
                requireOk(response);
                return JSON.readTree(response.getBody());
            } catch (JsonProcessingException e) {
                throw question.failure("the answer to " + path + " is no JSON: " + e.getOriginalMessage(), e);
            } catch (IOException | RuntimeException e) {
                throw question.failure(RootCause.words(e), e);
            }
        }
    }

    private static DockerHttpClient.Response open(DockerHttpClient transport, String path)
            throws IOException, RefusalException {
        DockerHttpClient.Response response = execute(transport, path);
        try {
            requireOk(response);
            return response;
        } catch (IOException | RefusalException | RuntimeException e) {
            response.close();
            throw e;
        }
    }

    private static DockerHttpClient.Response execute(DockerHttpClient transport, String path) {
        return transport.execute(DockerHttpClient.Request.builder()
                .method(DockerHttpClient.Request.Method.GET)
                .path(path)
                .build());
    }

    private static void requireOk(DockerHttpClient.Response response) throws IOException, RefusalException {
        if (response.getStatusCode() / 100 != 2) {
            throw new RefusalException(
                    response.getStatusCode(), new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static String excerpt(JsonNode item) {
        String text = item.toString();
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
