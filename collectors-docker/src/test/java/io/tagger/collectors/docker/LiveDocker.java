package io.tagger.collectors.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A real daemon for tests. With {@code TESTS_DOCKER=required} a missing daemon fails the tests, otherwise the
 * tests are skipped with a message. The containers run a static busybox, in an image made here because no image can be
 * pulled.
 */
final class LiveDocker implements AutoCloseable {
    static final String IMAGE = "acme/web";
    static final String TAG = "1.2.3";
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final String LABEL = "io.tagger.test";

    final DockerClient client;
    final String host;

    private LiveDocker(DockerClient client, String host) {
        this.client = client;
        this.host = host;
    }

    static boolean required() {
        return "required".equals(System.getenv("TESTS_DOCKER"));
    }

    /** Connects to the daemon of DOCKER_HOST, or skips the test. */
    static LiveDocker connect() throws IOException {
        String host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
        assumeTrue(
                required() || Files.exists(Path.of(host.replace("unix://", ""))) && Files.exists(BUSYBOX),
                "SKIPPED: no Docker daemon at " + host + " or no static " + BUSYBOX + "; .ci/run has both");
        return connect(host);
    }

    static LiveDocker connect(String host) throws IOException {
        DockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost(host)
                .withApiVersion(RemoteApiVersion.unknown())
                .build();
        DockerClient client = DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(config.getDockerHost())
                        .build());
        LiveDocker docker = new LiveDocker(client, host);
        docker.importImage();
        return docker;
    }

    private void importImage() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            byte[] busybox = Files.readAllBytes(BUSYBOX);
            TarArchiveEntry file = new TarArchiveEntry("bin/busybox");
            file.setSize(busybox.length);
            file.setMode(0755);
            tar.putArchiveEntry(file);
            tar.write(busybox);
            tar.closeArchiveEntry();
        }
        String said = curl(
                "application/x-tar", bytes.toByteArray(), "/images/create?fromSrc=-&repo=" + IMAGE + "&tag=" + TAG);
        if (!said.contains("sha256:")) {
            throw new IOException("the image can't be imported: " + said);
        }
    }

    /** Starts an idle container. */
    String run(Map<String, String> labels, List<String> environment) {
        String id = create(labels, environment);
        client.startContainerCmd(id).exec();
        return id;
    }

    String create(Map<String, String> labels, List<String> environment) {
        CreateContainerCmd command = command(IMAGE + ":" + TAG, labels)
                .withCmd("/bin/busybox", "sleep", "3600")
                .withEnv(environment)
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"));
        return command.exec().getId();
    }

    /** Makes a container of an image, by name or id, with a busybox command; removed at its end or not. */
    String create(String image, Map<String, String> labels, List<String> busybox, boolean removed) {
        List<String> words = new ArrayList<>(List.of("/bin/busybox"));
        words.addAll(busybox);
        return command(image, labels)
                .withCmd(words)
                .withHostConfig(
                        HostConfig.newHostConfig().withNetworkMode("none").withAutoRemove(removed))
                .exec()
                .getId();
    }

    private CreateContainerCmd command(String image, Map<String, String> labels) {
        Map<String, String> all = new HashMap<>(labels);
        all.put(LABEL, "1");
        return client.createContainerCmd(image).withLabels(all);
    }

    /** Makes a container with any options of the API, in JSON, and a label of 100,000 characters. */
    String createByCurl(String options) throws IOException {
        String body = "{\"Image\":\"" + IMAGE + ":" + TAG + "\",\"Cmd\":[\"/bin/busybox\",\"sleep\",\"3600\"],"
                + "\"Env\":[\"DD_ENV=odd\"],\"NetworkDisabled\":true,\"Labels\":{\"" + LABEL + "\":\"1\",\"large\":\""
                + "x".repeat(100_000) + "\"}," + options + "}";
        String answer = curl("application/json", body.getBytes(StandardCharsets.UTF_8), "/containers/create");
        String id = answer.replaceFirst("(?s).*\"Id\":\"([0-9a-f]{64})\".*", "$1");
        if (id.length() != 64) {
            throw new IOException("the container can't be made: " + answer);
        }
        return id;
    }

    String start(String id) {
        client.startContainerCmd(id).exec();
        return id;
    }

    private String curl(String type, byte[] body, String path) throws IOException {
        Process curl = new ProcessBuilder(
                        "curl",
                        "-sS",
                        "--unix-socket",
                        host.replace("unix://", ""),
                        "-H",
                        "Content-Type: " + type,
                        "--data-binary",
                        "@-",
                        "http://docker" + path)
                .redirectErrorStream(true)
                .start();
        try (OutputStream to = curl.getOutputStream()) {
            to.write(body);
        }
        return new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    void remove(String id) {
        client.removeContainerCmd(id).withForce(true).exec();
    }

    String imageId() {
        return client.inspectImageCmd(IMAGE + ":" + TAG).exec().getId();
    }

    List<String> running() {
        return client.listContainersCmd().exec().stream()
                .map(container -> container.getId())
                .toList();
    }

    private void removeIfThere(String id) {
        try {
            remove(id);
        } catch (NotFoundException | ConflictException e) {
            // A container with --rm ended after the list; the daemon removes, or has removed, the container itself.
        }
    }

    @Override
    public void close() throws IOException {
        client.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(LABEL))
                .exec()
                .forEach(container -> removeIfThere(container.getId()));
        client.close();
    }
}
