package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.testkit.PluginJar;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The built distribution under an operator's hands, configured for a machine without Docker. */
@Execution(ExecutionMode.CONCURRENT) // each test has an agent and a folder of its own
class AgentIT {
    @TempDir
    Path directory;

    private Path socket;
    private Path log;
    private Distribution tagger;

    @BeforeEach
    void prepare() {
        socket = directory.resolve("tagger.sock");
        log = directory.resolve("run.log");
        tagger = new Distribution(Distribution.BUILT).with("TAGGER_HOSTNAME", "test-host");
    }

    private Distribution.Running start(String... arguments) throws IOException {
        return tagger.start(
                log,
                Stream.concat(Stream.of("--socket", socket.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private Distribution.Result ask(String... arguments) throws Exception {
        return tagger.run(Stream.concat(Stream.of(arguments), Stream.of("--socket", socket.toString()))
                .toArray(String[]::new));
    }

    private Path config(String text) throws IOException {
        return Files.writeString(directory.resolve("tagger.conf"), text);
    }

    @Test
    void run_serves_tellsWhatItCollects_andAnswersTheCommands() throws Exception {
        Path file = config(
                "tagger { tags = [\"rack:7\"], collectors.static.entities { \"job://1\" { low = [\"name:init\"], high = [\"pid:1\"] } } }");
        try (Distribution.Running agent = start("--config", file.toString())) {
            assertThat(agent.log())
                    .contains("serves " + socket)
                    .containsPattern("host +pull +running +1 entities")
                    .containsPattern("ready after \\d+ ms: 3 entities");

            assertThat(ask("tag", "job://1")).isEqualTo(new Distribution.Result(0, "name:init\n", ""));
            assertThat(ask("tag", "job://1", "--cardinality", "HIGH").lines()).containsExactly("name:init", "pid:1");
            assertThat(new JsonObject(
                            ask("tag", "job://1", "-k", "high", "--json").out()))
                    .isEqualTo(new JsonObject()
                            .put("entity", "job://1")
                            .put("cardinality", "high")
                            .put("tags", new JsonArray().add("name:init").add("pid:1"))
                            .put("complete", true));
            assertThat(ask("tag", "host://test-host").lines()).contains("host:test-host", "rack:7", "os:linux");

            Distribution.Result unknown = ask("tag", "job://99");
            assertThat(unknown.code()).isEqualTo(3);
            assertThat(unknown.err()).contains("job://99");
            Distribution.Result malformed = ask("tag", "nonsense");
            assertThat(malformed.code()).isEqualTo(2);
            assertThat(malformed.err()).contains("'nonsense' is no entity id").contains("Usage:");
            Distribution.Result level = ask("tag", "job://1", "-k", "medium");
            assertThat(level.code()).isEqualTo(2);
            assertThat(level.err()).contains("'medium' is no cardinality");

            assertThat(ask("list").lines())
                    .contains(
                            "host://test-host", "job://1", "  static: name:init pid:1", "internal://global-entity-id");
            assertThat(new JsonObject(ask("list", "--json", "--prefix", "job").out()))
                    .isEqualTo(new JsonObject(
                            "{\"entities\":{\"job://1\":{\"tags\":{\"static\":[\"name:init\",\"pid:1\"]}}}}"));
            assertThat(ask("list", "--prefix", "No").code()).isEqualTo(1);

            Distribution.Result collectors = ask("collectors");
            assertThat(collectors.out())
                    .containsPattern("(?m)^static +stream +running +3 ")
                    .containsPattern("(?m)^docker +stream +(absent|running|waiting)")
                    .containsPattern("(?m)^containerd +stream +(absent|running|waiting)")
                    .containsPattern("(?m)^kubernetes +pull +(absent|running|waiting)")
                    .containsPattern("(?m)^ecs +fetch +(absent|running|waiting)");
            assertThat(new JsonObject(ask("collectors", "--json").out()).getJsonArray("collectors"))
                    .hasSize(8);
            assertThat(ask("tag", "process://" + agent.process.pid(), "--wait", "5s")
                            .lines())
                    .contains("process_name:java");
            assertThat(ask("self").out()).containsPattern("^(process|container_id)://.* \\(peer pid\\)\n");
            assertThat(new JsonObject(ask("self", "--json", "--wait", "2s").out()).getBoolean("complete"))
                    .isTrue();
            assertThat(ask("self", "--otel", "--wait", "2s").out())
                    .containsPattern("(?m)^(process|container_id)://")
                    .contains("  host.arch=");
            JsonObject resource = new JsonObject(ask("self", "--otel", "--json").out());
            assertThat(resource.getString("conventions")).isEqualTo("1.44.0");
            assertThat(resource.getJsonObject("attributes")).isNotEmpty();
            Distribution.Result wait = ask("tag", "job://1", "--wait", "1h");
            assertThat(wait.code()).isEqualTo(2);
            assertThat(wait.err()).contains("--wait is '1h', and must be a time such as 500ms or 2s");
        }
    }

    @Test
    void run_withoutDocker_saysWhyItIsAbsent() throws Exception {
        if (Files.exists(Path.of("/var/run/docker.sock")) || Files.exists(Path.of("/run/podman/podman.sock"))) {
            tagger.with("TAGGER_COLLECTORS_DOCKER_HOST", "unix://" + directory.resolve("none.sock"));
        }
        try (Distribution.Running agent = start()) {
            assertThat(agent.log()).containsPattern("docker +stream +(absent|waiting)");
            assertThat(ask("collectors").out())
                    .containsAnyOf("no Docker socket on this machine", "there is no socket " + directory);
            assertThat(ask("tag", "host://test-host").code()).isZero();
        }
    }

    @Test
    void metrics_areInThePrometheusFormat() throws Exception {
        try (Distribution.Running agent = start()) {
            assertThat(agent.process.isAlive()).isTrue();
            Process curl = new ProcessBuilder(
                            "curl", "-s", "--unix-socket", socket.toString(), "http://localhost/metrics")
                    .start();
            String text = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(text.lines())
                    .contains(
                            "# TYPE tagger_entities gauge",
                            "# TYPE tagger_misses_total counter",
                            "tagger_collector_state{collector=\"host\",state=\"running\"} 1.0",
                            "tagger_collector_entities{collector=\"host\"} 1.0",
                            "tagger_ready 1.0");
            assertThat(text.lines().filter(line -> !line.startsWith("#")))
                    .allMatch(line -> line.matches("[a-z_]+(\\{[^}]*\\})? [-0-9.E+]+"));
        }
    }

    @Test
    void requiredCollectorWithoutItsSource_isNotReady_andItsEntitiesAreIncomplete() throws Exception {
        Path file =
                config("tagger.collectors.docker { enabled = true, host = \"unix://" + directory + "/none.sock\" }");
        try (Distribution.Running agent = start("-c", file.toString())) {
            assertThat(agent.log()).contains("not ready yet");
            JsonObject ready = new JsonObject(curl("/readyz"));
            assertThat(ready.getBoolean("ready")).isFalse();
            assertThat(ready.getJsonArray("waiting_for")).isEqualTo(new JsonArray().add("docker"));
            assertThat(ready.getJsonObject("reasons").getString("docker")).contains("there is no socket " + directory);

            Distribution.Result incomplete = ask("tag", "container_id://" + "a".repeat(64), "--json");
            assertThat(incomplete.code()).isEqualTo(1);
            assertThat(new JsonObject(incomplete.out()).getBoolean("complete")).isFalse();
            assertThat(ask("tag", "job://99", "--json").code())
                    .as("known by nobody")
                    .isEqualTo(3);
            assertThat(curl("/metrics")).contains("tagger_ready 0.0").contains("tagger_ipc_errors_total 0.0");
        }
    }

    private String curl(String path) throws Exception {
        Process curl =
                new ProcessBuilder("curl", "-s", "--unix-socket", socket.toString(), "http://localhost" + path).start();
        return new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void commandLine_findsTheAgentByOneRule_andTellsAFullDiskAndAStoppedAgent() throws Exception {
        try (Distribution.Running agent = start()) {
            assertThat(tagger.run("tag", "host://test-host", "--agent", "unix:" + socket)
                            .code())
                    .isZero();
            assertThat(tagger.run("tag", "host://test-host", "--agent", "nonsense")
                            .err())
                    .contains("'nonsense' is no place where an agent serves");
            assertThat(tagger.run("tag", "host://test-host", "--agent", "unix:/x", "--socket", "/y")
                            .code())
                    .isEqualTo(2);
            tagger.with("TAGGER_CLIENT_AGENT", "unix:" + socket);
            assertThat(tagger.run("tag", "host://test-host").code()).isZero();
            tagger.with("TAGGER_CLIENT_AGENT", "unix:" + directory.resolve("none.sock"));
            Distribution.Result none = tagger.run("tag", "host://test-host");
            assertThat(none.code()).isEqualTo(4);
            assertThat(none.err()).contains("TAGGER_CLIENT_AGENT").contains("none.sock");

            Process full = new ProcessBuilder(
                            Distribution.BUILT.resolve("bin/tagger").toString(), "list", "--socket", socket.toString())
                    .redirectOutput(Path.of("/dev/full").toFile())
                    .start();
            assertThat(new String(full.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("the output can't be written: No space left on device");
            assertThat(full.waitFor()).isEqualTo(1);

            signal(agent, "HUP");
            assertThat(ask("tag", "host://test-host").code())
                    .as("after the hang-up")
                    .isZero();
            signal(agent, "STOP");
            Distribution.Result stopped = ask("tag", "host://test-host");
            signal(agent, "CONT");
            assertThat(stopped.code()).isEqualTo(4);
            assertThat(stopped.err()).contains("the agent does not answer within 3 s");
            assertThat(ask("tag", "host://test-host").code()).as("it goes on").isZero();
        }
    }

    private static void signal(Distribution.Running agent, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(agent.process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void run_again_isRefused_andAStaleSocketIsReplaced() throws Exception {
        Distribution.Running first = start();
        Distribution.Result second = tagger.run("run", "--socket", socket.toString());
        assertThat(second.code()).isEqualTo(1);
        assertThat(second.err()).contains("another agent serves " + socket);
        assertThat(ask("tag", "host://test-host").code()).isZero();

        first.process.destroyForcibly().waitFor();
        assertThat(socket).exists();
        Distribution.Result unreachable = ask("tag", "host://test-host");
        assertThat(unreachable.code()).isEqualTo(4);
        assertThat(unreachable.err()).contains("no agent answers at " + socket);
        try (Distribution.Running third = start()) {
            assertThat(third.process.isAlive()).isTrue();
            assertThat(ask("tag", "host://test-host").code()).isZero();
        }
    }

    @Test
    void run_sigterm_isACleanStopWithinFiveSeconds() throws Exception {
        try (Distribution.Running agent = start()) {
            agent.process.destroy();
            assertThat(agent.process.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(agent.process.exitValue()).isZero();
            assertThat(agent.log()).endsWith("stopped\n");
            assertThat(socket).doesNotExist();
        }
    }

    @Test
    void run_badSocketOrConfiguration_isRefusedWithTheReason() throws Exception {
        Distribution.Result tooLong =
                tagger.run("run", "--socket", directory.resolve("x".repeat(120)).toString());
        assertThat(tooLong.code()).isEqualTo(1);
        assertThat(tooLong.err()).contains("107");

        Path file = config("tagger {\n  stroe.stripes = 8\n}");
        Distribution.Result unknownKey = tagger.run("run", "--socket", socket.toString(), "-c", file.toString());
        assertThat(unknownKey.code()).isEqualTo(1);
        assertThat(unknownKey.err())
                .contains("unknown key tagger.stroe.stripes at " + file + ":2; did you mean tagger.store.stripes?");
        assertThat(socket).doesNotExist();

        Distribution.Result badMode = tagger.run(
                "run",
                "--socket",
                socket.toString(),
                "-c",
                config("tagger.ipc.socket-mode = rw").toString());
        assertThat(badMode.code()).isEqualTo(1);
        assertThat(badMode.err()).contains("tagger.ipc.socket-mode");

        Distribution.Result pattern = tagger.run("run", "--nonsense");
        assertThat(pattern.code()).isEqualTo(2);
    }

    @Test
    void config_showsEverySettingWithItsOrigin_andCheckNamesWhatIsWrong() throws Exception {
        Path good = config("tagger.tags = [\"a:b\"]\n");
        tagger.with("TAGGER_STORE_STRIPES", "8");
        Distribution.Result all = tagger.run("config", "-c", good.toString());
        assertThat(all.code()).isZero();
        assertThat(all.out())
                .containsPattern("(?m)^tagger\\.tags +=.*a:b.* +# " + good + ":1$")
                .containsPattern("(?m)^tagger\\.store\\.stripes +=.*8.* +# .*TAGGER_STORE_STRIPES$")
                .containsPattern("(?m)^tagger\\.collectors\\.docker\\.parallel-inspects +=.* +# default$")
                .containsPattern("(?m)^tagger\\.ipc\\.socket-mode +=.*0660.* +# default$");
        assertThat(new JsonObject(tagger.run("config", "--json").out())
                        .getJsonObject("tagger.store.prune-interval")
                        .getString("origin"))
                .isEqualTo("default");

        assertThat(tagger.run("config", "check", good.toString()))
                .isEqualTo(new Distribution.Result(0, good + ": ok\n", ""));
        List<String> outOfBounds = List.of(
                "store.stripes = 0",
                "lookup.deadline = 0s",
                "ipc.socket-mode = rw",
                "mode = banana",
                "collectors.docker.enabled = maybe",
                "collectors.docker.parallel-inspects = 1000",
                "container.labels-as-tags { \"[*\" = x }");
        Distribution.Result refused = tagger.run(
                "config",
                "check",
                config("tagger." + String.join("\ntagger.", outOfBounds)).toString());
        assertThat(refused.code()).isEqualTo(1);
        assertThat(outOfBounds)
                .allSatisfy(setting -> assertThat(refused.err()).contains("tagger." + setting.split(" ")[0]));
        Path several = config("tagger {\n store.stripes = 0\n lookup.fetch-deadline = 9s\n hostnam = x\n"
                + " collectors.docker { host = nonsense, parallel-inspects = 0 }\n"
                + " collectors.static.file = /no/such/file\n ipc.tcp.certificate = /no/such/cert\n"
                + " container.labels-as-tags { com.acme = a, com.acme.team = b }\n ipc.socket = \"/x/${HOME}\"\n}\n");
        assertThat(tagger.run("config", "check", several.toString()).err().lines())
                .as("each problem once, with its place")
                .hasSize(9)
                .allMatch(line -> line.contains(several + ":"))
                .anyMatch(line -> line.contains("tagger.collectors.docker.host at " + several + ":5"))
                .anyMatch(line -> line.contains("tagger.collectors.docker.parallel-inspects at " + several + ":5"));
        tagger.with("TAGGER_STORE_PRUNE_INTERVALL", "1m");
        Distribution.Result misspelt = tagger.run("config");
        assertThat(misspelt.code()).isEqualTo(1);
        assertThat(misspelt.err()).contains("did you mean TAGGER_STORE_PRUNE_INTERVAL?");
        tagger.with("TAGGER_STORE_PRUNE_INTERVALL", "");
        Path bad = config("# a comment\ntagger.colectors.docker.host = \"unix:///x\"\n");
        Distribution.Result check = tagger.run("config", "check", bad.toString());
        assertThat(check.code()).isEqualTo(1);
        assertThat(check.err())
                .contains("tagger.colectors.docker.host")
                .contains(bad + ":2")
                .contains("did you mean tagger.collectors.docker.host?");
    }

    @Test
    void watch_showsChangesAsTheyCome_andEndsWithTheAgent() throws Exception {
        Path entities =
                Files.writeString(directory.resolve("entities.conf"), "entities { \"job://1\" { low = [\"v:1\"] } }");
        Path file = config("tagger.collectors.static { file = \"" + entities + "\", poll-interval = 100ms }");
        Path out = directory.resolve("watch.out");
        try (Distribution.Running agent = start("-c", file.toString())) {
            Process watch = new ProcessBuilder(
                            Distribution.BUILT.resolve("bin/tagger").toString(),
                            "watch",
                            "-p",
                            "job",
                            "--socket",
                            socket.toString())
                    .redirectOutput(out.toFile())
                    .redirectErrorStream(true)
                    .start();
            awaitLines(out, "added     job://1  v:1", "synced");
            Files.writeString(entities, "entities { \"job://1\" { low = [\"v:2\"] } }");
            awaitLines(out, "added     job://1  v:1", "synced", "modified  job://1  v:2");
            agent.process.destroy();
            assertThat(watch.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(watch.exitValue()).isEqualTo(4);
        }
    }

    private static void awaitLines(Path file, String... lines) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(Files.readAllLines(file)).containsExactly(lines));
    }

    @Test
    void versionHelpAndCompletion() throws Exception {
        assertThat(tagger.run("version").out())
                .startsWith("tagger ")
                .contains("Java " + System.getProperty("java.version"));
        assertThat(new JsonObject(tagger.run("version", "--json").out()).fieldNames())
                .containsExactly("tagger", "java");
        assertThat(tagger.run("--help").out())
                .contains("Exit codes:", "Examples:", "collectors", "generate-completion")
                .doesNotContain("train");
        assertThat(tagger.run().code()).isEqualTo(2);
        Distribution.Result completion = tagger.run("generate-completion");
        Path script = Files.writeString(directory.resolve("completion.sh"), completion.out());
        Process bash = new ProcessBuilder("bash", "-c", "source " + script + " && complete -p tagger").start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("tagger");
        assertThat(bash.waitFor()).isZero();
    }

    // A stranger's jar.

    private static final String GOOD = """
            package com.acme;
            import io.tagger.api.*;
            import io.tagger.api.collector.*;
            import java.util.*;
            public final class Shelf implements FetchOnly {
                public String name() { return "shelf"; }
                public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                public Set<String> entityPrefixes() { return Set.of("book"); }
                public void detect(CollectorContext context) {}
                public List<TagInfo> fetch(EntityId book) {
                    return List.of(TagInfo.builder(name(), book).low("shelf", "left").build());
                }
            }
            """;

    private static final String BROKEN = """
            package com.acme;
            import io.tagger.api.*;
            import io.tagger.api.collector.*;
            import java.util.*;
            public final class Broken implements Streamer {
                public String name() { return "broken"; }
                public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                public Set<String> entityPrefixes() { return Set.of("book"); }
                public void detect(CollectorContext context) {}
                public void stream(TagSink sink) throws Exception { sink.send(null); }
                public List<TagInfo> fetch(EntityId book) throws Exception { Thread.currentThread().join(); return null; }
            }
            """;

    private static final String NO_CONSTRUCTOR = """
            package com.acme;
            import io.tagger.api.*;
            import io.tagger.api.collector.*;
            import java.util.*;
            public final class Hollow implements FetchOnly {
                public Hollow() { throw new IllegalStateException("nothing inside"); }
                public String name() { return "hollow"; }
                public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                public Set<String> entityPrefixes() { return Set.of("book"); }
                public void detect(CollectorContext context) {}
                public List<TagInfo> fetch(EntityId book) { return List.of(); }
            }
            """;

    @Test
    void jar_onTheClassPath_isFound_andBadOnesHarmNobody() throws Exception {
        Path shelf = PluginJar.of("com.acme.Shelf", GOOD).write(directory.resolve("shelf.jar"));
        Path broken = PluginJar.of("com.acme.Broken", BROKEN).write(directory.resolve("broken.jar"));
        Path hollow = PluginJar.of("com.acme.Hollow", NO_CONSTRUCTOR).write(directory.resolve("hollow.jar"));
        tagger = new Distribution(Distribution.BUILT)
                .with("TAGGER_CLASSPATH", shelf + ":" + broken + ":" + hollow)
                .with("TAGGER_HOSTNAME", "test-host");
        try (Distribution.Running agent = start(
                "-c",
                config("tagger.collectors { shelf.anything = goes, hollow.too = 1 }")
                        .toString())) {
            assertThat(agent.log()).containsPattern("shelf +fetch +running").contains("not ready yet after");
            assertThat(ask("tag", "book://1").lines()).containsExactly("shelf:left");
            assertThat(ask("tag", "host://test-host").code()).isZero();
            await().untilAsserted(() -> assertThat(ask("collectors").out())
                    .containsPattern("(?m)^broken +stream +(waiting|detecting|running) .*null instead of a list")
                    .containsPattern("(?m)^shelf +fetch +running +[1-9]")
                    .contains("com.acme.Hollow in " + hollow)
                    .contains("nothing inside"));
        }
    }

    @Test
    void archive_isBuiltAfterTheFirstStart_andUsedByTheNext() throws Exception {
        Path archives = Files.createDirectory(directory.resolve("archives"));
        tagger.with("TAGGER_ARCHIVE", archives.toString());
        // The agent trains at the lowest priority, which would starve the training on a busy machine.
        Path nice = Files.createDirectory(directory.resolve("bin")).resolve("nice");
        Files.writeString(nice, "#!/bin/sh\nshift 2\nexec \"$@\"\n");
        assertThat(nice.toFile().setExecutable(true)).isTrue();
        tagger.with("PATH", nice.getParent() + ":" + System.getenv("PATH"));
        try (Distribution.Running agent = start()) {
            assertThat(agent.process.isAlive()).isTrue();
            await().atMost(Duration.ofMinutes(5)).until(() -> finished(archives));
            assertThat(ask("tag", "host://test-host").code()).isZero();
        }
        socket = directory.resolve("second.sock");
        tagger.with("TAGGER_JAVA_OPTS", "-Xlog:class+load=info:file=" + directory.resolve("classes.log"));
        // Different options make a different archive, so that the log shows the second start under these options.
        try (Distribution.Running agent = start()) {
            assertThat(agent.process.isAlive()).isTrue();
            await().atMost(Duration.ofMinutes(5))
                    .until(() ->
                            files(archives).stream().filter(AgentIT::isArchive).count() == 2);
        }
        Files.delete(directory.resolve("classes.log"));
        socket = directory.resolve("third.sock");
        try (Distribution.Running agent = start()) {
            assertThat(agent.process.isAlive()).isTrue();
            assertThat(Files.readString(directory.resolve("classes.log"), StandardCharsets.ISO_8859_1))
                    .containsPattern("io\\.tagger\\.agent\\.Agent source: shared objects file");
        }
        for (String name : files(archives).stream().filter(AgentIT::isArchive).toList()) {
            byte[] bytes = Files.readAllBytes(archives.resolve(name));
            Files.write(archives.resolve(name), Arrays.copyOf(bytes, bytes.length / 2));
        }
        socket = directory.resolve("fourth.sock");
        try (Distribution.Running agent = start()) {
            assertThat(agent.log()).contains("is damaged, and is made anew");
        }
        Files.setPosixFilePermissions(archives, PosixFilePermissions.fromString("rwxrwxrwx"));
        Distribution.Result refused = tagger.run("version");
        assertThat(refused.code()).isZero();
        assertThat(refused.err()).contains("chmod o-w " + archives);
    }

    private static boolean finished(Path archives) throws IOException {
        return files(archives).stream().anyMatch(AgentIT::isArchive);
    }

    private static boolean isArchive(String name) {
        return name.endsWith(".jsa") || name.endsWith(".aot");
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
