package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Services of Spring Boot 3.5 and 4 with the starter and the Java agent, each in a container of a real Docker daemon. */
class SpringBootIT {
    private static final String IMAGE = "acme/shop:1";

    @TempDir
    Path directory;

    private DockerShell docker;
    private Path run;
    private int port;

    @BeforeEach
    void makeImage() throws Exception {
        docker = new DockerShell();
        run = Files.createDirectory(directory.resolve("run"));
        docker.makeImage(IMAGE, directory);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void clean() throws Exception {
        if (docker != null) {
            docker.removeImage(IMAGE);
        }
    }

    private String get(String path) throws Exception {
        return docker.run("curl -s http://127.0.0.1:" + port + path);
    }

    /** The application is up, whatever the state of the tagger. */
    private void assertHealth(String tagger) throws Exception {
        JsonObject health = new JsonObject(get("/actuator/health"));
        assertThat(health.getString("status")).isEqualTo("UP");
        assertThat(health.getJsonObject("components").getJsonObject("tagger").getString("status"))
                .isEqualTo(tagger);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spring-boot/target/shop-boot-3", "spring-boot-4/target/shop-boot-4"})
    void service_hasItsTags_onEveryMeter_inLogLines_andInTheActuator(String built) throws Exception {
        Path jar = Path.of("../examples", built + "-1.0-SNAPSHOT.jar")
                .toAbsolutePath()
                .normalize();
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.container.labels-as-tags { \"com.acme.team\" = team }\n");
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", run + "/tagger.sock")) {
            assertThat(agent.process.isAlive()).isTrue();
            String java = DockerShell.java();
            String service = docker.run("docker run -d --network host -l com.datadoghq.tags.service=shop-web"
                    + " -l com.datadoghq.tags.env=prod -l com.acme.team=core" + docker.programs(java)
                    + " --tmpfs /tmp:exec -v " + jar + ":/shop.jar:ro -v " + JavaAgentIT.jar("tagger-javaagent")
                    + ":/tagger.jar:ro -v " + run + ":/run/tagger " + IMAGE + " " + java
                    + "/bin/java -XX:TieredStopAtLevel=1 -javaagent:/tagger.jar=wait=20s -Dtagger.micrometer.wait=20s"
                    + " -Dserver.port=" + port + " -jar /shop.jar");
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(get("/")).isEqualTo("offers"));

            List<String> meters = get("/actuator/prometheus")
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
            assertThat(meters).hasSizeGreaterThan(20).allSatisfy(line -> assertThat(line)
                    .contains("env=\"prod\"", "service=\"shop-web\"", "team=\"core\"", "image_name=\"acme/shop\""));
            assertHealth("UP");
            JsonObject tags = new JsonObject(get("/actuator/tags"));
            assertThat(tags.getString("entity")).isEqualTo("container_id://" + service);
            assertThat(tags.getJsonObject("tags").getJsonArray("low")).contains("team:core", "env:prod");
            assertThat(new JsonObject(get("/actuator/info"))
                            .getJsonObject("tagger")
                            .getString("entity"))
                    .isEqualTo("container_id://" + service);
            String logs = docker.run("docker logs " + service + " 2>&1");
            assertThat(logs)
                    .contains("team=core service=shop-web", "offers are shown")
                    .doesNotContain("MeterFilter", "team=none", "ERROR");
        }
        // Without the agent, the service goes on with the tags that it has.
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            assertHealth("UNKNOWN");
        });
    }
}
