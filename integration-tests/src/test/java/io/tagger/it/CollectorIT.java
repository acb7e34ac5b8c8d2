package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Collector of OpenTelemetry with our processor, built by the Collector's own builder ({@code TESTS_OTELCOL} names the program),
 * beside a running agent: containers of a real Docker daemon send traces, metrics and logs by OTLP.
 */
class CollectorIT {
    private static final String TRACE = "{'resourceSpans':[{'resource':%s,'scopeSpans':[{'spans':[{'traceId':"
            + "'5b8efff798038103d269b633813fc60c','spanId':'eee19b7ec3c1b174','name':'NAME','kind':2,'startTimeUnixNano':'1',"
            + "'endTimeUnixNano':'2'}]}]}]}";
    private static final String METRIC =
            "{'resourceMetrics':[{'resource':%s,'scopeMetrics':[{'metrics':[{'name':'NAME','gauge':"
                    + "{'dataPoints':[{'asInt':'7','timeUnixNano':'1'}]}}]}]}]}";
    private static final String LOG =
            "{'resourceLogs':[{'resource':%s,'scopeLogs':[{'logRecords':[{'timeUnixNano':'1','body':"
                    + "{'stringValue':'NAME'}}]}]}]}";

    /** The container tells its id, as a resource detector of an SDK does, and an attribute of its own. */
    private static final String RESOURCE = "{'attributes':[{'key':'container.id','value':{'stringValue':'ID'}},"
            + "{'key':'service.name','value':{'stringValue':'mine'}}]}";

    private static final String IMAGE = "acme/otlp:1";

    @TempDir
    Path directory;

    private DockerShell docker;
    private Path out;
    private Process collector;
    private int port;

    @BeforeEach
    void makeImage() throws Exception {
        String program = System.getenv("TESTS_OTELCOL");
        assumeTrue(program != null, "SKIPPED: TESTS_OTELCOL names no Collector with the processor; .ci/run builds one");
        docker = new DockerShell();
        docker.makeImage(IMAGE, directory);
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        out = directory.resolve("collector.log");
        Path config = Files.writeString(directory.resolve("collector.yaml"), """
                receivers:
                  otlp: { protocols: { http: { endpoint: "127.0.0.1:%d" } } }
                processors:
                  tagger: { endpoint: "unix://%s", wait: 5s }
                exporters:
                  debug: { verbosity: detailed }
                service:
                  telemetry: { metrics: { level: none } }
                  pipelines:
                    traces: { receivers: [otlp], processors: [tagger], exporters: [debug] }
                    metrics: { receivers: [otlp], processors: [tagger], exporters: [debug] }
                    logs: { receivers: [otlp], processors: [tagger], exporters: [debug] }
                """.formatted(port, socket()));
        collector = new ProcessBuilder(program, "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    @AfterEach
    void clean() throws Exception {
        if (collector != null) {
            collector.destroyForcibly().waitFor();
        }
        if (docker != null) {
            docker.removeImage(IMAGE);
        }
    }

    private String socket() {
        return directory.resolve("tagger.sock").toString();
    }

    private Distribution.Running agent() throws IOException {
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.container.labels-as-tags { \"com.acme.team\" = team }\n");
        return new Distribution(Distribution.BUILT)
                .with("DOCKER_HOST", docker.host())
                .start(directory.resolve("run.log"), "-c", config.toString(), "--socket", socket());
    }

    private String container(String team) throws Exception {
        return docker.run("docker run -d --network host -l com.acme.team=" + team
                + " -l com.datadoghq.tags.service=shop-web -l com.datadoghq.tags.env=prod"
                + docker.programs(DockerShell.java()) + " " + IMAGE + " /bin/busybox sleep 1000");
    }

    /** Sends data from inside of a container, and returns the block that the Collector prints for the data. */
    private String send(String container, String signal, String data, String name) throws Exception {
        String body = data.formatted(RESOURCE).replace('\'', '"').replace("NAME", name);
        Path script = Files.writeString(directory.resolve("send.sh"), """
                id=$(sed -n 's#.*/containers/\\([0-9a-f]*\\)/.*#\\1#p' /proc/self/mountinfo | head -n 1)
                echo '%s' | sed "s/ID/$id/" | curl -sSf --retry 20 --retry-connrefused -H 'content-type: application/json' \
                    -d @- http://127.0.0.1:%d/v1/%s
                """.formatted(body, port, signal));
        docker.run("docker exec -i " + container + " /bin/sh -s < " + script);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(blocks(name)).hasSize(1));
        return blocks(name).get(0);
    }

    private List<String> blocks(String name) throws IOException {
        return Files.readString(out)
                .transform(text -> List.of(text.split("(?=Resource(?:Spans|Metrics|Log) #0)")))
                .stream()
                .filter(block -> block.startsWith("Resource") && block.contains(name))
                .toList();
    }

    @Test
    void everySignalOfAContainer_hasItsAttributes_andNothingIsLostWithoutTheAgent() throws Exception {
        String first;
        try (Distribution.Running agent = agent()) {
            assertThat(agent.process.isAlive()).isTrue();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(out).contains("following the tagger agent"));
            first = container("core");
            for (String[] signal : new String[][] {{"traces", TRACE}, {"metrics", METRIC}, {"logs", LOG}}) {
                assertThat(send(first, signal[0], signal[1], "first-" + signal[0]))
                        .contains(
                                "container.id: Str(" + first + ")",
                                "service.name: Str(mine)", // what is there stays
                                "deployment.environment.name: Str(prod)",
                                "container.image.name: Str(acme/otlp)",
                                "container.image.tags: Slice([\"1\"])",
                                "team: Str(core)");
            }
        }
        // The agent is gone, by a kill: what the Collector knows stays, and what it does not know passes.
        assertThat(send(first, "traces", TRACE, "without-the-agent")).contains("team: Str(core)");
        String second = container("web");
        assertThat(send(second, "traces", TRACE, "not-known")).contains(second).doesNotContain("team:");
        try (Distribution.Running agent = agent()) {
            assertThat(agent.process.isAlive()).isTrue();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(out).split("following the tagger agent", -1).length == 3);
            assertThat(send(second, "traces", TRACE, "after-its-return")).contains("team: Str(web)");
            assertThat(send(first, "traces", TRACE, "also-the-first")).contains("team: Str(core)");
        }
    }
}
