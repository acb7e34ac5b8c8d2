package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stock Java agent of OpenTelemetry with a service in a container of a real Docker daemon: the resource, as the agent's own
 * exporter prints it.
 */
class OpenTelemetryIT {
    private static final String RESOURCE = "{\"resourceMetrics\":";
    private static final Path STOCK =
            Path.of("target/opentelemetry/opentelemetry-javaagent.jar").toAbsolutePath();

    private static final String STOCKS = " -javaagent:/otel.jar";
    private static final String OURS = " -javaagent:/tagger.jar=wait=10s,log";

    private static final String IMAGE = "acme/otel:1";

    @TempDir
    Path directory;

    private DockerShell docker;
    private Path run;

    @BeforeEach
    void makeImage() throws Exception {
        docker = new DockerShell();
        run = Files.createDirectory(directory.resolve("run"));
        docker.makeImage(IMAGE, directory);
        Path source = Files.writeString(directory.resolve("Service.java"), """
                public class Service {
                    public static void main(String[] arguments) throws InterruptedException {
                        Thread.currentThread().join();
                    }
                }
                """);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", directory + "/classes", source.toString()))
                .isZero();
    }

    @AfterEach
    void clean() throws Exception {
        if (docker != null) {
            docker.removeImage(IMAGE);
        }
    }

    @Test
    void resource_withAndWithoutTheExtension() throws Exception {
        Distribution tagger = new Distribution(Distribution.BUILT).with("DOCKER_HOST", docker.host());
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.container.labels-as-tags { \"com.acme.team\" = team }\n");
        try (Distribution.Running agent =
                tagger.start(directory.resolve("run.log"), "-c", config.toString(), "--socket", run + "/tagger.sock")) {
            assertThat(agent.process.isAlive()).isTrue();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(new Curl(run.resolve("tagger.sock")).collectors())
                            .containsPattern("(?m)^docker stream running "));
            Map<String, Object> without = resource("");
            Map<String, Object> with = resource("-Dotel.javaagent.extensions=/extension.jar");
            Map<String, Object> ofTheUser =
                    resource("-Dotel.javaagent.extensions=/extension.jar -Dotel.resource.attributes=team=mine");

            assertThat(without)
                    .doesNotContainKeys("team", "container.image.name")
                    .containsEntry("service.name", "unknown_service:java"); // by the stock agent
            assertThat(with)
                    .containsEntry("service.name", "shop-web")
                    .containsEntry("deployment.environment.name", "prod")
                    .containsEntry("container.image.name", "acme/otel")
                    .containsEntry("container.image.tags", "[1]")
                    .containsEntry("team", "core")
                    .containsKey("container.id");
            assertThat(ofTheUser).containsEntry("team", "mine").containsEntry("service.name", "shop-web");

            // Before the agent of OpenTelemetry, our agent sets the properties in time; behind it, for the application
            // alone.
            Map<String, Object> before = resourceWith(OURS + STOCKS, "");
            Map<String, Object> behind = resourceWith(STOCKS + OURS, "");
            Map<String, Object> both = resourceWith(STOCKS + OURS, "-Dotel.javaagent.extensions=/extension.jar");
            assertThat(before)
                    .containsEntry("service.name", "shop-web")
                    .containsEntry("deployment.environment.name", "prod")
                    .containsEntry("container.image.name", "acme/otel")
                    .containsEntry("team", "core");
            assertThat(behind.keySet()).isEqualTo(without.keySet());
            assertThat(both.keySet()).isEqualTo(with.keySet());
        }
        // Without an agent the service has the resource of the stock agent, and no error.
        assertThat(resource("-Dotel.javaagent.extensions=/extension.jar"))
                .doesNotContainKey("team")
                .containsEntry("service.name", "unknown_service:java");
    }

    /** The attributes of the resource of a service that runs in a container. */
    private Map<String, Object> resource(String options) throws Exception {
        return resourceWith(STOCKS, options);
    }

    private Map<String, Object> resourceWith(String agents, String options) throws Exception {
        String java = DockerShell.java();
        String service = docker.run("docker run -d --network none -l com.datadoghq.tags.service=shop-web"
                + " -l com.datadoghq.tags.env=prod -l com.acme.team=core" + docker.programs(java)
                + " --tmpfs /tmp:exec -v " + STOCK + ":/otel.jar:ro -v " + JavaAgentIT.jar("tagger-opentelemetry")
                + ":/extension.jar:ro -v " + JavaAgentIT.jar("tagger-javaagent") + ":/tagger.jar:ro -v "
                + directory + "/classes:/classes:ro -v " + run + ":/run/tagger " + IMAGE + " "
                + java + "/bin/java" + agents + " -Dotel.metrics.exporter=experimental-otlp/stdout"
                + " -Dotel.metric.export.interval=200 -Dotel.traces.exporter=none -Dotel.logs.exporter=none"
                + " -Dtagger.otel.wait=10s " + options + " -cp /classes Service");
        try {
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> logs(service).contains(RESOURCE));
            String logs = logs(service);
            assertThat(logs).doesNotContain("ERROR", "Exception");
            return attributes(logs.lines()
                    .filter(line -> line.contains(RESOURCE))
                    .findFirst()
                    .orElseThrow());
        } finally {
            docker.run("docker rm -f " + service);
        }
    }

    private String logs(String container) throws Exception {
        return docker.run("docker logs " + container + " 2>&1");
    }

    private static Map<String, Object> attributes(String json) {
        JsonArray attributes = new JsonObject(json)
                .getJsonArray("resourceMetrics")
                .getJsonObject(0)
                .getJsonObject("resource")
                .getJsonArray("attributes");
        Map<String, Object> found = new LinkedHashMap<>();
        attributes.forEach(each -> {
            JsonObject value = ((JsonObject) each).getJsonObject("value");
            Object text = value.containsKey("arrayValue")
                    ? value.getJsonObject("arrayValue").getJsonArray("values").stream()
                            .map(one -> ((JsonObject) one).getString("stringValue"))
                            .toList()
                            .toString()
                    : value.iterator().next().getValue();
            found.put(((JsonObject) each).getString("key"), text);
        });
        return found;
    }
}
