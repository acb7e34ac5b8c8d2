package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.testkit.PluginJar;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Plugin folders in the built distribution: a stranger's plugins, the example, and broken plugins. */
@Execution(ExecutionMode.CONCURRENT) // each test has an agent and a folder of its own
class PluginsIT {
    private static final List<String> MODES = List.of("fetch", "pull", "stream");
    private static final Path EXAMPLE = Path.of("../examples/custom-collector/target/plugin");

    @TempDir
    static Path maven;

    private static List<String> mvn;

    @BeforeAll
    static void settings() throws IOException {
        mvn = new Maven(maven).command();
    }

    @TempDir
    Path directory;

    private PluginRig rig;

    @BeforeEach
    void prepare() throws IOException {
        rig = new PluginRig(directory);
    }

    private static void copy(Path from, Path to) throws Exception {
        assertThat(new ProcessBuilder("cp", "-r", from.toString(), to.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    /**
     * The source of a FetchOnly with the class name com.acme.Plugin; its fetch returns a tag with the value of an
     * expression.
     */
    private static String fetching(String name, String expression) {
        return """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                public final class Plugin implements FetchOnly {
                    public String name() { return "%s"; }
                    public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                    public Set<String> entityPrefixes() { return Set.of("thing"); }
                    public void detect(CollectorContext context) {}
                    public List<TagInfo> fetch(EntityId entity) {
                        return List.of(TagInfo.builder(name(), entity).low(name(), String.valueOf(%s)).build());
                    }
                }
                """.formatted(name, expression);
    }

    // A stranger's.

    @Test
    void newProject_ofEachMode_isBuilt_verified_droppedIn_andAnswers() throws Exception {
        for (String mode : MODES) {
            Distribution.Result made = rig.tagger.run(
                    directory, "plugins", "new", "list-of_" + mode, "--mode", mode, "-k", "book_" + mode);
            assertThat(made.code()).as(made.err()).isZero();
            assertThat(made.out()).contains("mvn package", "book_" + mode + "://1");
        }
        mvnPackage();
        for (String mode : MODES) {
            Path plugin = directory.resolve("list-of_" + mode + "/target/plugin");
            Distribution.Result verified = rig.tagger.run("plugins", "verify", plugin.toString());
            assertThat(verified.out())
                    .contains("11 ok, 0 failed, 1 not checked")
                    .doesNotContain("FAILED");
            assertThat(verified.code()).isZero();
            copy(plugin, rig.plugins.resolve("shelf-" + mode));
            rig.tagger.with(
                    "TAGGER_COLLECTORS_LIST_OF_" + mode.toUpperCase(Locale.ROOT) + "_TEAM",
                    "core"); // from its reference.conf
        }
        String listed = rig.tagger.run("plugins").out();
        try (Distribution.Running agent = rig.start()) {
            for (String mode : MODES) {
                assertThat(listed)
                        .containsPattern("(?m)^list-of_" + mode + " +" + mode + " +1.0-SNAPSHOT +book_" + mode + " +"
                                + rig.plugins + "/shelf-" + mode + "/list-of_" + mode);
                assertThat(agent.log()).containsPattern("list-of_" + mode + " +" + mode + " +running");
                await().untilAsserted(() -> assertThat(rig.ask("tag", "book_" + mode + "://1", "-k", "high")
                                .lines())
                        .containsExactly("team:core", "book_" + mode + "_number:1"));
            }
        }
    }

    /** Builds all projects in one run of Maven. */
    private void mvnPackage() throws Exception {
        String modules = MODES.stream()
                .map(mode -> "<module>list-of_" + mode + "</module>")
                .collect(Collectors.joining());
        Files.writeString(directory.resolve("pom.xml"), """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>com.example</groupId>
                  <artifactId>all</artifactId>
                  <version>1</version>
                  <packaging>pom</packaging>
                  <modules>%s</modules>
                </project>
                """.formatted(modules));
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(mvn.stream(), Stream.of("-q", "package")).toList());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MAVEN_OPTS", Maven.OPTIONS);
        Path log = directory.resolve("build.log");
        Process build = builder.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(build.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(build.exitValue()).as(Files.readString(log)).isZero();
    }

    @Test
    void newProject_underABadName_orOverAnother_writesNothing() throws Exception {
        assertThat(rig.tagger.run(directory, "plugins", "new", "Not/Valid")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains("the name 'Not/Valid' is not valid");
        });
        assertThat(rig.tagger.run(directory, "plugins", "new", "class")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err())
                    .contains("'com.example.class' is no Java package; set a valid package with --package");
        });
        assertThat(rig.tagger.run(directory, "plugins", "new", "docker")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains("'docker' is the name of io.tagger.collectors.docker.DockerCollector");
        });
        Files.createDirectory(directory.resolve("shelf"));
        assertThat(rig.tagger.run(directory, "plugins", "new", "shelf")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("exists already");
        });
        assertThat(directory.resolve("shelf")).isEmptyDirectory();
    }

    @Test
    void example_isVerified_droppedIn_andTagsProcesses() throws Exception {
        Path pids = Files.createDirectory(directory.resolve("run"));
        Path config = Files.writeString(
                directory.resolve("tagger.conf"), "tagger.collectors.pidfiles.folder = \"" + pids + "\"");
        assertThat(rig.tagger
                        .run("plugins", "verify", EXAMPLE.toString(), "-c", config.toString())
                        .out())
                .contains("22 ok, 0 failed, 2 not checked");

        copy(EXAMPLE, rig.plugins.resolve("processes"));
        try (Distribution.Running agent = rig.start("-c", config.toString())) {
            String process = "process://" + agent.process.pid();
            assertThat(rig.ask("tag", process).lines()).contains("process_name:java");
            Files.writeString(pids.resolve("tagger.pid"), agent.process.pid() + "\n");
            await().untilAsserted(
                            () -> assertThat(rig.ask("tag", process).lines()).contains("daemon:tagger"));
        }
    }

    // Isolation.

    @Test
    void twoPlugins_withIncompatibleVersionsOfOneLibrary_bothWork() throws Exception {
        Path old = PluginJar.empty()
                .with("org.lib.Lib", "package org.lib; public class Lib { public String one() { return \"old\"; } }")
                .write(rig.plugins.resolve("old/lib-1.jar"));
        Path later = PluginJar.empty()
                .with(
                        "org.lib.Lib",
                        "package org.lib; public interface Lib { static String two() { return \"new\"; } }")
                .write(rig.plugins.resolve("later/lib-2.jar"));
        PluginJar.of("com.acme.Plugin", fetching("old", "new org.lib.Lib().one()"))
                .against(old)
                .write(rig.plugins.resolve("old/plugin.jar"));
        PluginJar.of("com.acme.Plugin", fetching("later", "org.lib.Lib.two()"))
                .against(later)
                .write(rig.plugins.resolve("later/plugin.jar"));

        try (Distribution.Running agent = rig.start()) {
            assertThat(agent.log()).contains("collectors");
            assertThat(rig.ask("tag", "thing://1").lines()).containsExactly("later:new", "old:old");
        }
    }

    @Test
    void collectorOfThePluginFolder_seesOtherThings_thanOneOfTheClassPath() throws Exception {
        String look = "Plugin.class.getClassLoader().getResource(\"io/tagger/agent/Agent.class\") != null";
        PluginJar.of("com.acme.Plugin", fetching("isolated", look)).write(rig.plugins.resolve("isolated/plugin.jar"));
        Path jar = PluginJar.of("com.acme.Plugin", fetching("shared", look)).write(directory.resolve("shared.jar"));
        rig.tagger.with("TAGGER_CLASSPATH", jar.toString());

        try (Distribution.Running agent = rig.start()) {
            assertThat(agent.log()).contains("collectors");
            assertThat(rig.ask("tag", "thing://1").lines()).containsExactly("isolated:false", "shared:true");
        }
    }

    // Broken plugins.

    @Test
    void plugins_namesWhatIsWrong_andTheAgentGoesOnWithoutThem() throws Exception {
        Path one = PluginJar.of("com.acme.Plugin", fetching("same", "1")).write(rig.plugins.resolve("one/a.jar"));
        Path two = PluginJar.of("com.acme.Plugin", fetching("same", "2")).write(rig.plugins.resolve("two/b.jar"));
        PluginJar.of("com.acme.Plugin", fetching("fat", "1"))
                .resource("io/tagger/api/collector/Collector.class", "")
                .write(rig.plugins.resolve("fat/fat.jar"));
        PluginJar.of("com.acme.Plugin", fetching("future", "1"))
                .manifest("Tagger-Api", "7.0.0")
                .write(rig.plugins.resolve("future/future.jar"));
        PluginJar.of("com.acme.Plugin", fetching("reference", "1"))
                .resource("reference.conf", "tagger.collectors.reference.key = ${tagger.no-such-key}")
                .write(rig.plugins.resolve("reference/reference.jar"));
        Files.createDirectory(rig.plugins.resolve("empty"));

        Distribution.Result listed = rig.tagger.run("plugins");
        assertThat(listed.code()).isEqualTo(1);
        assertThat(listed.out())
                .containsPattern("(?m)^same +fetch +- +thing +" + one)
                .containsPattern("(?m)^reference +fetch")
                .containsPattern("(?m)^error: .*" + two + ".*'same' is taken by com.acme.Plugin in " + one)
                .containsPattern("(?m)^error: .*fat/fat.jar: the jar contains tagger-api")
                .containsPattern("(?m)^error: .*future.jar: compiled for tagger-api 7.0.0")
                .containsPattern("(?m)^warning: .*/empty: the folder has no jar")
                .containsPattern("(?m)^error: .*reference.conf: the defaults of collector 'reference' .*no-such-key");
        JsonObject json = new JsonObject(rig.tagger.run("plugins", "--json").out());
        assertThat(json.getJsonArray("issues").size()).isEqualTo(5);
        assertThat(json.getJsonArray("plugins").stream()
                        .map(plugin -> ((JsonObject) plugin).getString("name"))
                        .toList())
                .contains("same", "reference", "docker", "host");

        try (Distribution.Running agent = rig.start()) {
            assertThat(agent.log()).contains("the jar contains tagger-api");
            assertThat(rig.ask("tag", "thing://1").lines()).containsExactly("reference:1", "same:1");
            assertThat(rig.ask("collectors").out()).contains("fat.jar", "future.jar", "/empty");
        }
    }

    @Test
    void verify_namesTheBrokenPromises() throws Exception {
        String source = fetching("bad", "1")
                .replace(
                        "public String name()",
                        "public Plugin() { new Thread(() -> { while (true) { try { Thread.sleep(1000); }"
                                + " catch (InterruptedException e) { } } }).start(); }\n"
                                + "public void close() { throw new IllegalStateException(\"never opened\"); }\n"
                                + "public String name()");
        Path folder = PluginJar.of("com.acme.Plugin", source)
                .write(rig.plugins.resolve("bad/bad.jar"))
                .getParent();

        Distribution.Result verified = rig.tagger.run("plugins", "verify", folder.toString());

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.out())
                .containsPattern("FAILED +the constructor starts no thread.*: 10 instances .* run 10 threads")
                .containsPattern("FAILED +close\\(\\) works before detect\\(\\).*never opened")
                .containsPattern("FAILED +fetch\\(\\) of an unknown entity is empty.*returned")
                .containsPattern("(?m)^\\d+ ok, [1-9]\\d* failed");
        assertThat(List.of(
                        rig.tagger.run("plugins", "verify", "/no/such/folder").code()))
                .containsExactly(2);
    }

    private static final String ENDING = """
            package com.acme;
            import io.tagger.api.*;
            import io.tagger.api.collector.*;
            import java.util.*;
            public final class Plugin implements Streamer {
                public String name() { return "docker"; }
                public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                public Set<String> entityPrefixes() { return Set.of("book"); }
                public void detect(CollectorContext context) {}
                public void stream(TagSink sink) throws InterruptedException {
                    Thread left = new Thread(() -> { while (true) { try { Thread.sleep(1000); }
                        catch (InterruptedException e) { } } }, "left-behind");
                    left.setDaemon(true);
                    left.start();
                    TagInfo.Builder many = TagInfo.builder(name(), EntityId.of("book", "1"));
                    for (int i = 0; i <= 10_000; i++) { many.low("t" + i, "v"); }
                    sink.send(List.of(many.build()));
                    sink.synced();
                }
            }
            """;

    @Test
    void verify_findsAStreamThatReturns_aThreadLeftBehind_aTakenName_andTooManyTags() throws Exception {
        Path folder = PluginJar.of("com.acme.Plugin", ENDING)
                .write(directory.resolve("ending/ending.jar"))
                .getParent();

        Distribution.Result verified = rig.tagger.run("plugins", "verify", folder.toString());

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.out())
                .containsPattern("error: the name 'docker' is taken by io.tagger.collectors.docker.DockerCollector")
                .containsPattern("FAILED +the collector sends valid infos.*stream\\(\\) returned by itself")
                .containsPattern("FAILED +no thread is left behind after close\\(\\): .*left-behind");
        Path many = PluginJar.of(
                        "com.acme.Plugin",
                        ENDING.replace("\"docker\"", "\"many\"")
                                .replace(
                                        "sink.synced();",
                                        "sink.synced(); new java.util.concurrent.CountDownLatch(1).await();"))
                .write(directory.resolve("many/many.jar"))
                .getParent();
        assertThat(rig.tagger.run("plugins", "verify", many.toString()).out())
                .containsPattern("FAILED .*book://1 has 10001 tags, more than 10000");
    }

    @Test
    void verify_ofAFolderWithoutACollector_fails() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        Distribution.Result verified = rig.tagger.run("plugins", "verify", empty.toString());

        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.out() + verified.err()).contains("0 ok").contains("no promise was checked");
    }
}
