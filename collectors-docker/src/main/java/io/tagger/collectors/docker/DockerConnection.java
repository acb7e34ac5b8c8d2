package io.tagger.collectors.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.collectors.common.RootCause;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to a daemon, with a version accepted by the daemon. Thread-safe.
 *
 * <p>There are two clients: a client with a response timeout for requests, and a client without, for the events, which
 * may be silent for hours.
 */
final class DockerConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DockerConnection.class);
    /** Docker's names, and podman's own names, by which podman filters although it sends Docker's names. */
    private static final String[] EVENTS = {"start", "die", "died", "destroy", "remove", "rename", "update"};

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private final DockerClient requests;
    private final DockerClient events;

    private DockerConnection(DockerClient requests, DockerClient events) {
        this.requests = requests;
        this.events = events;
    }

    /**
     * Connects, and agrees on a version.
     *
     * @param host {@code unix://} or {@code tcp://}
     * @param timeout how long the daemon may take to begin an answer
     * @param parallel the number of parallel requests
     * @throws CollectorUnavailableException retry if the daemon does not answer
     */
    static DockerConnection open(String host, Duration timeout, int parallel) throws CollectorUnavailableException {
        try {
            ApiVersion version;
            try (DockerClient unversioned = client(host, RemoteApiVersion.unknown(), timeout, 1)) {
                version = negotiate(unversioned.versionCmd().exec());
            }
            LOG.debug("{} is spoken to in version {}", host, version);
            RemoteApiVersion spoken = RemoteApiVersion.create(version.major(), version.minor());
            return new DockerConnection(
                    client(host, spoken, timeout, parallel), client(host, spoken, Duration.ZERO, 1));
        } catch (NoClassDefFoundError e) {
            throw CollectorUnavailableException.retry(
                    "DOCKER_TLS_VERIFY asks for TLS to " + host + ", which needs Bouncy Castle: put the"
                            + " jars bcprov-jdk18on and bcpkix-jdk18on beside the collector (" + e.getMessage()
                            + " is missing)");
        } catch (RuntimeException | IOException e) {
            throw CollectorUnavailableException.retry(
                    "the Docker daemon at " + host + " does not answer: " + RootCause.words(e));
        }
    }

    private static ApiVersion negotiate(Version daemon) {
        ApiVersion newest =
                ApiVersion.parse(Optional.ofNullable(daemon.getApiVersion()).orElse(""));
        ApiVersion oldest = Optional.ofNullable(daemon.getMinAPIVersion())
                .filter(text -> !text.isEmpty())
                .map(ApiVersion::parse)
                .orElse(newest);
        return ApiVersion.negotiate(oldest, newest);
    }

    private static DockerClient client(String host, RemoteApiVersion version, Duration timeout, int connections) {
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host)
                .withApiVersion(version)
                .build();
        ZerodepDockerHttpClient.Builder http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .sslConfig(config.getSSLConfig())
                .maxConnections(connections)
                .connectionTimeout(CONNECT_TIMEOUT);
        if (!timeout.isZero()) {
            http.responseTimeout(timeout);
        }
        return DockerClientImpl.getInstance(config, http.build());
    }

    /** The ids of the running containers, including paused containers. */
    List<String> running() {
        return requests.listContainersCmd().exec().stream()
                .map(Container::getId)
                .toList();
    }

    /**
     * Looks at a container.
     *
     * @return the container; empty if the container does not exist or does not run
     * @throws DockerException or another runtime exception if the daemon could not tell
     */
    Optional<DockerContainer> inspect(String id) {
        try {
            InspectContainerResponse answer = requests.inspectContainerCmd(id).exec();
            var state = answer.getState();
            // A paused container runs, too; a container waiting for a restart is between its die and its start.
            if (state == null || !Boolean.TRUE.equals(state.getRunning())) {
                return Optional.empty();
            }
            var config = answer.getConfig();
            Map<String, String> labels = config == null ? null : config.getLabels();
            String[] environment = config == null ? null : config.getEnv();
            String image = config == null ? null : config.getImage();
            return Optional.of(new DockerContainer(
                    id,
                    text(answer.getName()),
                    text(image),
                    text(answer.getImageId()),
                    labels == null ? Map.of() : labels,
                    environment == null ? List.of() : Arrays.asList(environment)));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * Looks up the name of an image.
     *
     * @return the first tag, else the name of the first repository digest, else the id; empty if the image was removed
     * @throws DockerException or another runtime exception if the daemon could not tell
     */
    Optional<String> imageName(String imageId) {
        try {
            InspectImageResponse image = requests.inspectImageCmd(imageId).exec();
            return first(image.getRepoTags())
                    .or(() -> first(image.getRepoDigests()).map(digest -> digest.replaceFirst("@.*", "")))
                    .or(() -> Optional.of(imageId));
        } catch (NotFoundException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> first(@Nullable List<String> names) {
        return names == null
                ? Optional.empty()
                : names.stream().filter(name -> !name.startsWith("<none>")).findFirst();
    }

    /**
     * Subscribes to container events; the callback closes the subscription. Daemons answer before the registration of
     * the subscriber, so the request asks for events since an earlier moment.
     */
    <T extends ResultCallback<Event>> T subscribe(Instant since, T callback) {
        return events.eventsCmd()
                .withSince(String.valueOf(since.getEpochSecond()))
                .withEventTypeFilter("container")
                .withEventFilter(EVENTS)
                .exec(callback);
    }

    /** Asks for a sign of life; throws if there is none. */
    void ping() {
        requests.pingCmd().exec();
    }

    @Override
    public void close() throws IOException {
        try {
            events.close();
        } finally {
            requests.close();
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
