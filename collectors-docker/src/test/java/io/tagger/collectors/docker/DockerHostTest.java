package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tagger.api.collector.CollectorUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerHostTest {
    @TempDir
    Path directory;

    @Test
    void find_configured_comesFirst() throws Exception {
        Path socket = Files.createFile(directory.resolve("configured.sock"));

        assertThat(DockerHost.find("unix://" + socket, Map.of("DOCKER_HOST", "tcp://elsewhere:2375")))
                .isEqualTo("unix://" + socket);
        assertThat(DockerHost.find("", Map.of("DOCKER_HOST", "tcp://elsewhere:2375")))
                .isEqualTo("tcp://elsewhere:2375");
    }

    @Test
    void find_defaultSockets_alsoThoseOfTheUserAndOfPodman() throws Exception {
        Path podman = Files.createDirectories(directory.resolve("podman")).resolve("podman.sock");
        Files.createFile(podman);
        String found = DockerHost.find("", Map.of("XDG_RUNTIME_DIR", directory.toString()));
        if (!Files.exists(Path.of("/var/run/docker.sock")) && !Files.exists(Path.of("/run/podman/podman.sock"))) {
            assertThat(found).isEqualTo("unix://" + podman);
        } else {
            assertThat(found).startsWith("unix:///").doesNotContain(directory.toString());
        }
    }

    @Test
    void find_configuredButMissing_isToBeRetried_andSaysWhere() {
        assertThatExceptionOfType(CollectorUnavailableException.class)
                .isThrownBy(() -> DockerHost.find("unix://" + directory.resolve("none.sock"), Map.of()))
                .withMessageContaining("none.sock")
                .withMessageContaining("tagger.collectors.docker.host")
                .satisfies(error -> assertThat(error.isAbsent()).isFalse());
    }

    @Test
    void find_unknownScheme_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DockerHost.find("", Map.of("DOCKER_HOST", "ssh://host")))
                .withMessageContaining("ssh://host")
                .withMessageContaining("DOCKER_HOST");
    }
}
