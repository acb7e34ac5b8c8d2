package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: a real container, the real agent, its command line and curl. */
class AgentDockerIT {
    @TempDir
    Path directory;

    private String host;

    @BeforeEach
    void needsDocker() {
        host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
        assumeTrue(
                "required".equals(System.getenv("TAGGER_DOCKER_TESTS"))
                        || Files.exists(Path.of(host.replace("unix://", ""))) && Files.exists(Path.of("/bin/busybox")),
                "SKIPPED: no Docker daemon at " + host + " or no static /bin/busybox; .ci/run has both");
    }

    @Test
    void container_hasExactlyTheTagsOfTheCatalogue() throws Exception {
        Path image = Files.createDirectories(directory.resolve("image/bin"));
        Files.copy(Path.of("/bin/busybox"), image.resolve("busybox"));
        sh("chmod 755 " + image + "/busybox && tar -C " + directory.resolve("image")
                + " -c . | docker import - acme/e2e:1.2.3");
        String imageId = sh("docker image inspect --format '{{.Id}}' acme/e2e:1.2.3");
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.container.env-as-tags { team: \"+squad\" }\n");
        Path socket = directory.resolve("tagger.sock");
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", host);
        String id = "";
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket.toString())) {
            assertThat(agent.log()).containsPattern("docker +stream +running");
            id = sh(
                    "docker run -d --network none --name tagger-e2e -l com.datadoghq.tags.service=web -e DD_ENV=prod -e TEAM=core acme/e2e:1.2.3 /bin/busybox sleep 600");
            List<String> expected = List.of(
                    "docker_image:acme/e2e:1.2.3",
                    "env:prod",
                    "image_id:" + imageId,
                    "image_name:acme/e2e",
                    "image_tag:1.2.3",
                    "service:web",
                    "short_image:e2e",
                    "container_id:" + id,
                    "container_name:tagger-e2e",
                    "squad:core");

            assertThat(tagger.run("tag", "container_id://" + id, "--cardinality", "high", "--socket", socket.toString())
                            .lines())
                    .containsExactlyElementsOf(expected);
            assertThat(new JsonObject(sh("curl -s --unix-socket " + socket
                                    + " 'http://localhost/v1/tags?entity=container_id://" + id + "&cardinality=high'"))
                            .getJsonArray("tags"))
                    .isEqualTo(new JsonArray(expected));
        } finally {
            if (!id.isEmpty()) {
                sh("docker rm -f " + id);
            }
            sh("docker rmi -f acme/e2e:1.2.3");
        }
    }

    private String sh(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(List.of("sh", "-c", command)))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("DOCKER_HOST", host);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(command).isZero();
        return out;
    }
}
