package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The means of an operator, on the built distribution: explanation, reload, log, doctor, and the port for probes. */
@Execution(ExecutionMode.CONCURRENT) // each test has an agent and a folder of its own
@SuppressWarnings("try") // an agent that only has to run
class OperatorIT {
    private static final int ENTITIES = 500;
    private static final int WATCHERS = 10;
    private static final int RELOADS = 5;

    @TempDir
    Path directory;

    private Path config;
    private Path socket;
    private Distribution tagger;

    @BeforeEach
    void prepare() {
        config = directory.resolve("tagger.conf");
        socket = directory.resolve("tagger.sock");
        tagger = new Distribution(Distribution.BUILT);
    }

    private Distribution.Running start(String text) throws IOException {
        Files.writeString(config, text);
        return tagger.start(directory.resolve("run.log"), "--socket", socket.toString(), "--config", config.toString());
    }

    private Distribution.Result ask(String... arguments) throws Exception {
        return tagger.run(Stream.concat(Stream.of(arguments), Stream.of("--socket", socket.toString()))
                .toArray(String[]::new));
    }

    private static String entities(int team) {
        StringBuilder text = new StringBuilder("tagger.collectors.static.entities {\n");
        for (int i = 0; i < ENTITIES; i++) {
            text.append("\"job://")
                    .append(i)
                    .append("\" { low = [\"name:job-")
                    .append(i)
                    .append("\"");
            text.append(i % 10 == 0 ? ", \"team:" + team + "\"] }\n" : "] }\n");
        }
        return text.append("}\n").toString();
    }

    @Test
    void reload_underLookupsAndWatchers_showsNobodyLess() throws Exception {
        try (Distribution.Running agent = start(entities(0))) {
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicInteger lookups = new AtomicInteger();
            List<String> wrong = Collections.synchronizedList(new ArrayList<>());
            ExecutorService threads = Executors.newCachedThreadPool();
            List<Future<?>> lookers = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                int offset = thread;
                lookers.add(threads.submit(() -> {
                    Curl curl = new Curl(socket);
                    for (int i = offset; !isOver.get(); i += 7) {
                        JsonObject answer = curl.json("/v1/tags?entity=job://" + i % ENTITIES);
                        lookups.incrementAndGet();
                        if (!answer.getJsonArray("tags").contains("name:job-" + i % ENTITIES)) {
                            wrong.add(answer.encode());
                        }
                    }
                    return true;
                }));
            }
            List<Watcher> watchers = new ArrayList<>();
            for (int i = 0; i < WATCHERS; i++) {
                watchers.add(new Watcher(socket, threads));
            }
            watchers.forEach(Watcher::awaitSynced);

            for (int team = 1; team <= RELOADS; team++) {
                Files.writeString(config, entities(team));
                assertThat(ask("reload").out()).isEqualTo("restarted: static\n");
            }
            String last = "team:" + RELOADS;
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(watchers)
                    .allSatisfy(watcher -> assertThat(watcher.with(last)).isEqualTo(ENTITIES / 10)));
            isOver.set(true);
            for (Future<?> looker : lookers) {
                assertThat(looker.get()).isEqualTo(true);
            }

            assertThat(wrong).as("of " + lookups + " lookups").isEmpty();
            assertThat(lookups.get()).isPositive();
            assertThat(watchers).allSatisfy(watcher -> {
                assertThat(watcher.deleted).isEmpty();
                assertThat(watcher.touched.keySet())
                        .as("only entities with other tags are told")
                        .allSatisfy(entity -> assertThat(entity).matches("job://\\d*0"));
                watcher.close();
            });
            threads.shutdownNow();
        }
    }

    /** A foreign watcher, curl, with its view of the entities. */
    private static final class Watcher {
        final ConcurrentHashMap<String, String> tags = new ConcurrentHashMap<>();
        final ConcurrentHashMap<String, String> touched = new ConcurrentHashMap<>(); // after the sync
        final List<String> deleted = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean isSynced;
        private final Process curl;

        Watcher(Path socket, ExecutorService threads) throws IOException {
            curl = new ProcessBuilder(
                            "curl", "-sN", "--unix-socket", socket.toString(), "http://localhost/v1/watch?prefix=job")
                    .start();
            threads.submit(this::read);
        }

        private boolean read() throws IOException {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(curl.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (!line.isBlank()) {
                        take(new JsonObject(line));
                    }
                }
            }
            return true;
        }

        private void take(JsonObject event) {
            String entity = event.getString("entity", "");
            switch (event.getString("type")) {
                case "synced" -> isSynced = true;
                case "deleted" -> deleted.add(entity);
                default -> {
                    String now = String.valueOf(event.getJsonArray("tags"));
                    if (isSynced && !now.equals(tags.get(entity))) {
                        touched.put(entity, now);
                    }
                    tags.put(entity, now);
                }
            }
        }

        void awaitSynced() {
            await().atMost(Duration.ofSeconds(30)).until(() -> isSynced);
        }

        long with(String tag) {
            return tags.values().stream()
                    .filter(all -> all.contains('"' + tag + '"'))
                    .count();
        }

        void close() {
            curl.destroyForcibly();
        }
    }

    @Test
    void wrongConfiguration_changesNothing_andNamesFileAndLine() throws Exception {
        try (Distribution.Running agent = start(entities(0))) {
            Files.writeString(config, "# a comment\ntagger.collectors.static.entitees {}\n");

            Distribution.Result refused = ask("reload");

            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err()).contains(config + ":2", "did you mean tagger.collectors.static.entities?");
            assertThat(new Curl(socket).tags("job://0")).containsExactly("name:job-0", "team:0");
            assertThat(agent.log()).contains("the configuration stays as before (tagger reload)");
        }
    }

    @Test
    void hangUp_andAChangedFile_areReloads_andOtherSettingsWaitForARestart() throws Exception {
        try (Distribution.Running agent =
                start("tagger.config { watch = true, watch-interval = 100ms }\n" + entities(0))) {
            Files.writeString(
                    config,
                    "tagger { config { watch = true, watch-interval = 100ms }, ipc.limits.connections = 99 }\n"
                            + entities(1));
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(agent.log())
                    .contains("(the file has changed): restarted [static]", "[tagger.ipc.limits.connections]"));
            assertThat(new Curl(socket).tags("job://0")).contains("team:1");

            assertThat(new ProcessBuilder("kill", "-HUP", String.valueOf(agent.process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(agent.log()).contains("(signal HUP): restarted []"));
            assertThat(agent.process.isAlive()).isTrue();
        }
    }

    @Test
    void logLevel_changesForAWhile_andLinesAreJson() throws Exception {
        try (Distribution.Running agent = start("tagger.log.format = json\n" + entities(0))) {
            assertThat(ask("log", "debug", "10m").out()).matches("level debug until \\S+Z\n");
            assertThat(ask("log", "loud").err()).contains("must be one of [error, warn, info, debug, trace]");
            assertThat(ask("reload").code()).isZero();

            String line = agent.log()
                    .lines()
                    .filter(one -> one.contains("the configuration was read again"))
                    .findFirst()
                    .orElseThrow();
            assertThat(new JsonObject(line).fieldNames()).containsExactly("time", "level", "logger", "message");
            assertThat(new Curl(socket).json("/v1/log").getJsonArray("lines").encode())
                    .contains("read again");
        }
    }

    @Test
    void explanation_ofAMissingTag_andOfAPresentTag() throws Exception {
        try (Distribution.Running agent = start("tagger.tag-names { rename { team = squad } }\n" + entities(0))) {
            Distribution.Result present = ask("explain", "job://0", "squad");
            assertThat(present.code()).isZero();
            assertThat(present.lines().get(0))
                    .isEqualTo("squad:0 comes from static, tagger.collectors.static.entities by tagger.tag-names.rename"
                            + " { team = squad }");
            Distribution.Result missing = ask("explain", "job://0", "team");
            assertThat(missing.lines().get(0)).isEqualTo("team is served as squad, by tagger.tag-names.rename");
            Distribution.Result unknown = ask("explain", "job://none");
            assertThat(unknown.code()).isEqualTo(3);
            assertThat(new JsonObject(ask("explain", "job://0", "--json").out()).getJsonArray("tags"))
                    .hasSize(2);
        }
    }

    @Test
    void statusPort_hasProbesAndMetrics_andNoEntity() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (Distribution.Running agent =
                start("tagger.status { host = \"127.0.0.1\", port = " + port + " }\n" + entities(0))) {
            String base = "http://127.0.0.1:" + port;
            assertThat(curl(base + "/healthz")).endsWith("200");
            assertThat(curl(base + "/readyz")).isEqualTo("{\"ready\":true,\"waiting_for\":[],\"degraded\":[]}200");
            assertThat(curl(base + "/metrics"))
                    .contains("tagger_build_info{", "process_resident_memory_bytes", "jvm_memory_used_bytes")
                    .doesNotContain("job");
            assertThat(curl("-H", "Accept: application/openmetrics-text", base + "/metrics"))
                    .endsWith("# EOF\n200");
            assertThat(curl(base + "/")).contains("<td>static</td>").doesNotContain("job");
            for (String path :
                    List.of("/v1/tags?entity=job://0", "/v1/entities", "/v1/watch", "/v1/settings", "/page.js")) {
                assertThat(curl(base + path)).as(path).endsWith("404").doesNotContain("name:job");
            }
            assertThat(curl("-X", "POST", base + "/v1/reload")).endsWith("404");
        }
    }

    @Test
    void doctor_findsNothing_besideASoundAgent_andPacksAReport() throws Exception {
        Path report = directory.resolve("report.zip");
        try (Distribution.Running agent = start(entities(0))) {
            Distribution.Result sound = ask("doctor", "--config", config.toString(), "--bundle", report.toString());
            assertThat(sound.out()).contains("ok      collector static: runs, with 500 entities", "no problem found");
            assertThat(sound.code()).isZero();
            assertThat(report).isNotEmptyFile();
        }
        Distribution.Result stopped = ask("doctor", "--config", config.toString(), "--json");
        assertThat(stopped.code()).isEqualTo(1);
        assertThat(new JsonObject(stopped.out()).getJsonArray("findings").encode())
                .contains("\"severity\":\"problem\",\"subject\":\"socket\"");
    }

    private static String curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "--max-time", "20", "-w", "%{http_code}"));
        command.addAll(List.of(arguments));
        Process curl = new ProcessBuilder(command).start();
        String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return answer;
    }
}
