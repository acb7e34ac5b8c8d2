package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tagger.testkit.PluginJar;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The alerts of {@code deploy/prometheus} and the dashboard of {@code deploy/grafana}, on a real Prometheus that scrapes a real
 * agent. The waits of the alerts are shortened; their conditions are those of the file.
 */
class AlertsIT {
    private static final Path ALERTS = Path.of("../deploy/prometheus/alerts.yaml");
    private static final Path DASHBOARD = Path.of("../deploy/grafana/tagger.json");
    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");

    /** A collector that misbehaves as a file says: a word for each fault. */
    private static final String PLUGIN = """
            package com.acme;

            import io.tagger.api.*;
            import io.tagger.api.collector.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;

            public final class Plugin implements Streamer {
                private CollectorContext context;
                public String name() { return "acme"; }
                public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                public Set<String> entityPrefixes() { return Set.of("thing"); }
                private boolean is(String word) {
                    try {
                        return Files.readString(Path.of("" + context.settings().get("file"))).contains(word);
                    } catch (java.io.IOException e) {
                        return false;
                    }
                }
                public void detect(CollectorContext lent) throws CollectorUnavailableException {
                    context = lent;
                    if (is("fail")) {
                        throw CollectorUnavailableException.retry("the file says so");
                    }
                }
                public List<TagInfo> fetch(EntityId entity) throws Exception {
                    if (is("hang")) {
                        Thread.sleep(60_000);
                    }
                    return List.of();
                }
                public void stream(TagSink sink) throws Exception {
                    sink.synced();
                    while (true) {
                        if (is("fail")) {
                            throw CollectorUnavailableException.retry("the file says so");
                        }
                        if (is("slow")) {
                            context.tagged(Instant.now().minusSeconds(20));
                        }
                        if (is("reject")) {
                            sink.send(Arrays.asList((TagInfo) null));
                        }
                        Thread.sleep(100);
                    }
                }
            }
            """;

    @TempDir
    Path directory;

    private Path faults;
    private Path socket;
    private Distribution.Running agent;
    private Distribution tagger;
    private String configuration;
    private Process prometheus;
    private int port;
    private int ownPort;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                "required".equals(System.getenv("TESTS_PROMETHEUS")) || Files.exists(PROMETHEUS),
                "SKIPPED: no " + PROMETHEUS + "; .ci/run has it");
        faults = Files.writeString(directory.resolve("faults"), "");
        socket = directory.resolve("tagger.sock");
        port = free();
        ownPort = free();
        PluginJar.of("com.acme.Plugin", PLUGIN)
                .resource("reference.conf", "tagger.collectors.acme { enabled = auto, file = \"\" }")
                .write(directory.resolve("plugins/acme/acme.jar"));
        configuration = "tagger { status { host = \"127.0.0.1\", port = " + port + " }, plugin-path = \""
                + directory.resolve("plugins") + "\", collectors { acme.file = \"" + faults
                + "\", static.entities { \"thing://1\" { low = [\"a:b\"] } } }, collect { retry-min = 50ms, retry-max = 200ms }"
                + ", lookup { deadline = 100ms, fetch-deadline = 100ms }, ipc.limits.connections = 4 }";
        tagger = new Distribution(Distribution.BUILT);
        startAgent();
        startPrometheus();
    }

    private static int free() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private void startAgent() throws IOException {
        Path config = Files.writeString(directory.resolve("tagger.conf"), configuration);
        agent = tagger.start(
                directory.resolve("run.log"), "--socket", socket.toString(), "--config", config.toString());
    }

    private void startPrometheus() throws IOException {
        String rules =
                Files.readString(ALERTS).replaceAll("for: \\d+m", "for: 0s").replaceAll("\\[\\d+m]", "[6s]");
        Files.writeString(directory.resolve("alerts.yaml"), rules);
        Files.writeString(directory.resolve("prometheus.yaml"), """
                global: { scrape_interval: 500ms, evaluation_interval: 500ms, scrape_timeout: 400ms }
                rule_files: [alerts.yaml]
                scrape_configs:
                  - job_name: tagger
                    static_configs: [{ targets: ["127.0.0.1:%d"] }]
                """.formatted(port));
        prometheus = new ProcessBuilder(
                        PROMETHEUS.toString(),
                        "--config.file=" + directory.resolve("prometheus.yaml"),
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + ownPort)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("prometheus.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> query("up").contains("\"1\""));
    }

    @AfterEach
    void stop() {
        if (prometheus != null) {
            prometheus.destroyForcibly().onExit().join();
        }
        if (agent != null) {
            agent.close();
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        Process curl =
                new ProcessBuilder("curl", "-sG", "--max-time", "20", "http://127.0.0.1:" + ownPort + path).start();
        String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return answer;
    }

    private String query(String query) throws IOException, InterruptedException {
        return get("/api/v1/query?query=" + java.net.URLEncoder.encode(query, StandardCharsets.UTF_8));
    }

    private Set<String> firing() throws IOException, InterruptedException {
        Set<String> firing = new TreeSet<>();
        JsonArray alerts =
                new JsonObject(get("/api/v1/alerts")).getJsonObject("data").getJsonArray("alerts");
        alerts.forEach(alert -> {
            JsonObject one = (JsonObject) alert;
            if (one.getString("state").equals("firing")) {
                firing.add(one.getJsonObject("labels").getString("alertname"));
            }
        });
        return firing;
    }

    private void awaitFiring(String... alerts) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(firing()).contains(alerts));
    }

    private void awaitQuiet() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(firing()).isEmpty());
    }

    @Test
    void eachAlert_fires_andIsResolved() throws Exception {
        Set<String> all = new TreeSet<>();
        Matcher names = Pattern.compile("alert: (\\w+)").matcher(Files.readString(ALERTS));
        while (names.find()) {
            all.add(names.group(1));
        }
        Set<String> shown = new TreeSet<>();

        Files.writeString(faults, "fail");
        awaitFiring("TaggerCollectorFailed", "TaggerCollectorRestarts", "TaggerIncompleteEntities");
        shown.addAll(List.of("TaggerCollectorFailed", "TaggerCollectorRestarts", "TaggerIncompleteEntities"));
        Files.writeString(faults, "reject slow");
        awaitFiring("TaggerInfosRejected", "TaggerSlowTags");
        shown.addAll(List.of("TaggerInfosRejected", "TaggerSlowTags"));

        Files.writeString(faults, "hang");
        Curl curl = new Curl(socket);
        int[] asked = {0};
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            curl.get("/v1/tags?entity=thing://hangs-" + asked[0]++);
            assertThat(firing()).contains("TaggerCollectorTimeouts");
        });
        shown.add("TaggerCollectorTimeouts");
        Files.writeString(faults, "");

        List<SocketChannel> held = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            held.add(channel);
            assertThat(firing()).contains("TaggerCallersRefused");
        });
        shown.add("TaggerCallersRefused");
        for (SocketChannel channel : held) {
            channel.close();
        }
        awaitQuiet();

        agent.close();
        awaitFiring("TaggerDown");
        shown.add("TaggerDown");
        String sound = configuration;
        configuration = configuration.replace(
                "collectors {", "collectors { docker { enabled = true, host = \"unix:///none\" },");
        startAgent();
        awaitFiring("TaggerNotReady");
        shown.add("TaggerNotReady");
        agent.close();
        configuration = sound;
        startAgent();
        awaitQuiet();

        assertThat(shown).isEqualTo(all);
    }

    @Test
    void dashboard_asksForMetricsThatAreThere() throws Exception {
        Curl curl = new Curl(socket);
        curl.get("/v1/tags?entity=thing://1");
        Files.writeString(faults, "slow");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> query("tagger_time_to_tag_seconds_count").contains("\"acme\""));
        Set<String> asked = new TreeSet<>();
        Matcher metrics =
                Pattern.compile("\\b(?:tagger|process|jvm)_\\w+|\\bup\\b").matcher(Files.readString(DASHBOARD));
        while (metrics.find()) {
            asked.add(metrics.group());
        }

        assertThat(asked).hasSizeGreaterThan(15);
        for (String metric : asked) {
            await().untilAsserted(() -> assertThat(query(metric)).as(metric).contains("\"value\""));
        }
        assertThat(new ProcessBuilder("promtool", "check", "rules", ALERTS.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }
}
