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
