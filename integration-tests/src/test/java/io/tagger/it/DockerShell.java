package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A shell whose {@code docker} talks to the daemon of {@code DOCKER_HOST}, or of this machine. */
final class DockerShell {
    private final String host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");

    /** Skips the test without a daemon, unless the daemon is required. */
    DockerShell() {
        assumeTrue(
                "required".equals(System.getenv("TESTS_DOCKER"))
                        || Files.exists(socket()) && Files.exists(Path.of("/bin/busybox")),
                "SKIPPED: no Docker daemon at " + host + " or no static /bin/busybox; .ci/run has both");
    }

    String host() {
        return host;
    }

    Path socket() {
        return Path.of(host.replace("unix://", ""));
    }

    /** The options of {@code docker run} that bring this machine's programs and Java into an empty image. */
    String programs(String java) throws IOException, InterruptedException {
        return " -v /usr:/usr:ro -v /bin:/bin:ro -v /lib:/lib:ro"
                + (Files.exists(Path.of("/lib64")) ? " -v /lib64:/lib64:ro" : "")
                + (java.startsWith("/usr") ? "" : " -v " + java + ":" + java + ":ro")
                + run("for d in /etc/java*; do [ -d $d ] && printf ' -v %s:%s:ro' $d $d; done; true")
                        .transform(" "::concat);
    }

    /** Makes an image with busybox alone. */
    void makeImage(String image, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("image/bin"));
        run("cp /bin/busybox " + folder + "/image/bin/ && tar -C " + folder + "/image -c . | docker import - " + image);
    }

    /** Removes an image, and its containers. */
    void removeImage(String image) throws IOException, InterruptedException {
        run("docker ps -aq --filter ancestor=" + image + " | xargs -r docker rm -f; docker rmi -f " + image);
    }

    /** The home of this Java, without links. */
    static String java() throws IOException {
        return Path.of(System.getProperty("java.home")).toRealPath().toString();
    }

    /** The output of a command that succeeds. */
    String run(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("DOCKER_HOST", host);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(command).isZero();
        return out;
    }
}
