package io.tagger.runtime.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tagger.api.EntityId;
import io.tagger.api.Issue;
import io.tagger.api.Issue.Severity;
import io.tagger.api.TagInfo;
import io.tagger.testkit.PluginJar;
import io.tagger.testkit.TestContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plugin folders: their visible and invisible classes, and the messages about unusable folders. */
class PluginFolderTest {
    @TempDir
    Path plugins;

    /** The source of a FetchOnly; its fetch returns one tag with the value of an expression. */
    private static String fetching(String className, String name, String expression) {
        return """
                package com.acme;

                import io.tagger.api.*;
                import io.tagger.api.collector.*;
                import java.util.*;

                public final class %s implements FetchOnly {
                    public String name() { return "%s"; }
                    public CollectorPriority priority() { return CollectorPriority.NODE_RUNTIME; }
                    public Set<String> entityPrefixes() { return Set.of("thing"); }
                    public void detect(CollectorContext context) {}
                    public List<TagInfo> fetch(EntityId entity) throws Exception {
                        return List.of(TagInfo.builder(name(), entity).low("tag", String.valueOf(%s)).build());
                    }
                }
                """.formatted(className, name, expression);
    }

    private static PluginJar plugin(String name, String expression) {
        return PluginJar.of("com.acme.Plugin", fetching("Plugin", name, expression));
    }

    private CollectorDiscovery discover() {
        return new CollectorDiscovery().folders(plugins);
    }

    private static String fetched(CollectorPlugin plugin) throws Exception {
        PluginInstance instance = plugin.newInstance();
        try (TestContext context = new TestContext(Map.of())) {
            instance.detect(context);
            List<TagInfo> infos = instance.fetch(EntityId.of("thing", "1"));
            return infos.get(0).low().get(0);
        } finally {
            instance.close();
        }
    }

    private String fetchedFrom(PluginJar jar) throws Exception {
        jar.write(plugins.resolve("one/plugin.jar"));
        CollectorDiscovery discovery = discover();
        assertThat(discovery.issues()).isEmpty();
        return fetched(discovery.plugins().get(0));
    }

    // Discovery.

    @Test
    void folders_withIncompatibleVersionsOfOneLibrary_bothWork() throws Exception {
        Path first = PluginJar.empty()
                .with("org.lib.Lib", "package org.lib; public class Lib { public static String v() { return \"1\"; } }")
                .write(plugins.resolve("first/lib-1.jar"));
        Path second = PluginJar.empty()
                .with("org.lib.Lib", "package org.lib; public interface Lib { static int w(int x) { return x + 1; } }")
                .write(plugins.resolve("second/lib-2.jar"));
        PluginJar.of("com.acme.First", fetching("First", "first", "org.lib.Lib.v()"))
                .against(first)
                .write(plugins.resolve("first/first.jar"));
        PluginJar.of("com.acme.Second", fetching("Second", "second", "org.lib.Lib.w(1)"))
                .against(second)
                .write(plugins.resolve("second/second.jar"));

        CollectorDiscovery discovery = discover();

        assertThat(discovery.issues()).isEmpty();
        assertThat(discovery.plugins()).extracting(CollectorPlugin::name).containsExactly("first", "second");
        assertThat(fetched(discovery.plugins().get(0))).isEqualTo("tag:1");
        assertThat(fetched(discovery.plugins().get(1))).isEqualTo("tag:2");
    }

    @Test
    void plugin_knowsItsJarAndItsVersion() throws Exception {
        Path jar = plugin("one", "1").manifest("Implementation-Version", "3.2").write(plugins.resolve("one/x.jar"));

        assertThat(discover().plugins()).singleElement().satisfies(plugin -> {
            assertThat(plugin.version()).isEqualTo("3.2");
            assertThat(plugin.origin()).isEqualTo(jar.toString());
        });
    }

    // The visible classes of a folder.

    @ParameterizedTest
    @CsvSource({
        "io.tagger.api.EntityId, true",
        "org.slf4j.LoggerFactory, true",
        "java.sql.Connection, true",
        "com.typesafe.config.Config, false",
        "io.tagger.runtime.LocalTagger, false",
        "io.tagger.store.TagStore, false",
        "org.slf4j.simple.SimpleLogger, false",
        "org.junit.jupiter.api.Test, false",
    })
    void folder_seesTheJdkTheApiAndTheFacade_andNothingElseOfTheHost(String className, boolean seen) throws Exception {
        Class.forName(className, false, getClass().getClassLoader()); // present in the host
        String look = "look(\"" + className + "\")";
        String source = fetching("Plugin", "one", look).replace("public String name()", """
                        static boolean look(String name) {
                            try {
                                Class.forName(name, false, Plugin.class.getClassLoader());
                                return true;
                            } catch (ClassNotFoundException e) {
                                return false;
                            }
                        }
                        public String name()""");

        assertThat(fetchedFrom(PluginJar.of("com.acme.Plugin", source))).isEqualTo("tag:" + seen);
    }

    @Test
    void folder_seesItsOwnResources_andNoneOfTheHosts() throws Exception {
        PluginJar.empty().resource("text.txt", "other").write(plugins.resolve("one/another.jar"));
        String expression = """
                Collections.list(Plugin.class.getClassLoader().getResources("text.txt")).size()
                    + " " + new String(Plugin.class.getResourceAsStream("/text.txt").readAllBytes())
                    + " " + Plugin.class.getResource("/reference.conf")
                """;

        // The jars are searched in the order of their names.
        assertThat(fetchedFrom(plugin("one", expression).resource("text.txt", "mine")))
                .isEqualTo("tag:2 other null");
    }

    @Test
    void folder_mayHaveAnyName_andItsResourcesToo() throws Exception {
        String expression = "new String(Plugin.class.getResourceAsStream(\"/a b#c%41.txt\").readAllBytes())";
        Path jar = plugin("one", expression)
                .resource("a b#c%41.txt", "text")
                .write(plugins.resolve("an odd #name %41/a plugin.jar"));
        CollectorDiscovery discovery = discover();

        assertThat(discovery.issues()).isEmpty();
        assertThat(discovery.plugins().get(0).origin()).isEqualTo(jar.toString());
        assertThat(fetched(discovery.plugins().get(0))).isEqualTo("tag:text");
    }

    @Test
    void jarOfMultipleReleases_isSeenAsTheJvmWould() throws Exception {
        assertThat(fetchedFrom(plugin("one", "new String(Plugin.class.getResourceAsStream(\"/x.txt\").readAllBytes())")
                        .manifest("Multi-Release", "true")
                        .resource("x.txt", "old")
                        .resource("META-INF/versions/11/x.txt", "new")))
                .isEqualTo("tag:new");
    }

    @Test
    void contextLoader_isThePlugins_inEveryCall_andTheCallersAfterwards() throws Exception {
        String source = fetching(
                        "Plugin",
                        "one",
                        "seen + (Thread.currentThread().getContextClassLoader() == Plugin.class.getClassLoader())")
                .replace("public String name()", """
                        static String seen = "";
                        static void look() {
                            seen += (Thread.currentThread().getContextClassLoader() == Plugin.class.getClassLoader()) + " ";
                            Thread.currentThread().setContextClassLoader(null); // it does not matter what it leaves behind
                        }
                        public Plugin() { look(); }
                        public void check(Map<String, Object> settings) { look(); }
                        public void close() { look(); }
                        public String name()""")
                .replace("detect(CollectorContext context) {}", "detect(CollectorContext context) { look(); }");
        PluginJar.of("com.acme.Plugin", source).write(plugins.resolve("one/plugin.jar"));
        ClassLoader mine = Thread.currentThread().getContextClassLoader();

        CollectorPlugin plugin = discover().plugins().get(0);
        plugin.check(Map.of());
        fetched(plugin);

        // Judged, checked (a constructor and the check), used (a constructor and detect), closed.
        assertThat(fetched(plugin)).isEqualTo("tag:" + "true ".repeat(8) + "true");
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(mine);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "System.exit(3)",
                "Runtime.getRuntime().exit(3)",
                "Runtime.getRuntime().halt(3)",
                "((java.util.function.IntConsumer) System::exit).accept(3)",
                "((java.util.function.IntConsumer) Runtime.getRuntime()::halt).accept(3)",
            })
    void plugin_canNotEndTheProcess(String call) throws Exception {
        String source = fetching("Plugin", "one", "end()")
                .replace("public String name()", "static int end() { " + call + "; return 1; }\npublic String name()");
        PluginJar.of("com.acme.Plugin", source).write(plugins.resolve("one/plugin.jar"));
        CollectorPlugin plugin = discover().plugins().get(0);

        assertThatThrownBy(() -> fetched(plugin))
                .isInstanceOf(SecurityException.class)
                .hasMessageContaining("com.acme.Plugin")
                .hasMessageContaining("(3)");
    }

    // The messages about unusable folders.

    private Issue onlyIssue() {
        CollectorDiscovery discovery = discover();
        assertThat(discovery.plugins()).isEmpty();
        assertThat(discovery.issues()).hasSize(1);
        return discovery.issues().get(0);
    }

    @Test
    void jarWithTheApiInIt_isRefused() throws Exception {
        Path jar = plugin("one", "1")
                .resource("io/tagger/api/collector/Collector.class", "")
                .write(plugins.resolve("one/fat.jar"));

        assertThat(onlyIssue().toString()).contains(jar.toString(), "contains tagger-api", "provided");
    }

    @Test
    void jarWithTheFacadeInIt_isUsed_withAWarning() throws Exception {
        plugin("one", "org.slf4j.LoggerFactory.class.getClassLoader() == Plugin.class.getClassLoader()")
                .resource("org/slf4j/Logger.class", "")
                .write(plugins.resolve("one/fat.jar"));
        CollectorDiscovery discovery = discover();

        assertThat(fetched(discovery.plugins().get(0))).isEqualTo("tag:false");
        assertThat(discovery.issues())
                .singleElement()
                .satisfies(issue -> assertThat(issue.severity()).isEqualTo(Severity.WARNING))
                .asString()
                .contains("fat.jar", "slf4j-api");
    }

    @Test
    void folderThatRegistersNothing_isRefused() throws Exception {
        PluginJar.empty().with("com.acme.X", "package com.acme; class X {}").write(plugins.resolve("one/x.jar"));

        assertThat(onlyIssue().toString())
                .contains(plugins.resolve("one").toString(), "META-INF/services/io.tagger.api.collector.Collector");
    }

    @Test
    void serviceFileThatNamesNothing_isRefused() throws Exception {
        plugin("one", "1").service("# later", "").write(plugins.resolve("one/x.jar"));

        assertThat(onlyIssue().message()).contains("registers a collector");
    }

    @Test
    void serviceFileThatNamesNoClass_isRefused_withTheFolder() throws Exception {
        PluginJar.empty().service("com.acme.Gone").write(plugins.resolve("one/x.jar"));

        assertThat(onlyIssue().toString()).contains(plugins.resolve("one").toString(), "com.acme.Gone not found");
    }

    @Test
    void folderWithoutJars_fileThatIsNoJar_jarBesideTheFolders_andAFolderThatIsNotThere_areNamed() throws Exception {
        Files.createDirectory(plugins.resolve("empty"));
        Files.createDirectory(plugins.resolve("..data"));
        Files.writeString(Files.createDirectory(plugins.resolve("text")).resolve("x.jar"), "no jar");
        plugin("one", "1").write(plugins.resolve("loose.jar"));
        Files.writeString(plugins.resolve("README.txt"), "of no interest");
        CollectorDiscovery discovery = discover().folders(plugins.resolve("missing"));

        assertThat(discovery.plugins()).isEmpty();
        assertThat(discovery.issues())
                .extracting(Issue::toString)
                .satisfiesExactlyInAnyOrder(
                        text -> assertThat(text).contains("/empty: the folder has no jar"),
                        text -> assertThat(text).contains("/text/x.jar: the file can't be read as a jar"),
                        text -> assertThat(text).contains("/loose.jar: ", "into a separate folder"),
                        text -> assertThat(text).contains("/missing: the folder does not exist"));
    }

    @Test
    void duplicateName_isRefused_withBothJars() throws Exception {
        Path one = plugin("same", "1").write(plugins.resolve("one/a.jar"));
        Path two = plugin("same", "2").write(plugins.resolve("two/b.jar"));
        CollectorDiscovery discovery = discover();

        assertThat(discovery.plugins()).singleElement().satisfies(plugin -> assertThat(plugin.origin())
                .isEqualTo(one.toString()));
        assertThat(discovery.issues())
                .singleElement()
                .asString()
                .contains("'same'", one.toString(), two.toString(), "remove one of the two");
    }

    @Test
    void invalidName_isRefused_withTheJar() throws Exception {
        Path jar = plugin("Not Valid", "1").write(plugins.resolve("one/a.jar"));

        assertThat(onlyIssue().toString()).contains(jar.toString(), "'Not Valid'");
    }

    @Test
    void classOfAnotherVersionOfTheSpi_isRefused_withTheMethodThatItLacks() throws Exception {
        String old = fetching("Plugin", "old", "1")
                .replace("fetch(EntityId entity)", "fetch(String entity)")
                .replace("TagInfo.builder(name(), entity)", "TagInfo.builder(name(), EntityId.parse(entity))");
        PluginJar.of("com.acme.Plugin", old)
                .against(
                        "io.tagger.api.collector.FetchOnly",
                        "package io.tagger.api.collector; import io.tagger.api.*; import java.util.*;"
                                + " public interface FetchOnly extends Collector"
                                + " { List<TagInfo> fetch(String entity) throws Exception; }")
                .write(plugins.resolve("one/old.jar"));

        assertThat(onlyIssue().message()).contains("fetch", "EntityId", "another version of tagger-api");
    }

    @ParameterizedTest
    @CsvSource({
        "0.1.0, 0.1.0, true",
        "0.1.0-SNAPSHOT, 0.1.7, true",
        "0.2.0, 0.1.0, false",
        "0.1.0, 0.2.0, false",
        "1.0.0, 1.4.0, true",
        "1.5, 1.4.9, false",
        "1.4, 2.0, false",
        "2.0, 1.4, false",
        "later, 1.4, false",
        "9.9, this one, true",
    })
    void versionInTheManifest_isJudgedBySemanticVersioning(String theirs, String ours, boolean fits) {
        assertThat(SpiVersion.problemOf(theirs, ours).isEmpty()).isEqualTo(fits);
        SpiVersion.problemOf(theirs, ours)
                .ifPresent(problem -> assertThat(problem).contains(theirs, ours));
    }

    @Test
    void pluginThatNeverComesBackWhileItIsLookedAt_isRefused_andTheOthersAreFound() throws Exception {
        String source = fetching("Plugin", "loops", "1")
                .replace(
                        "public String name()",
                        "static int n; public Plugin() { while (!Thread.currentThread().isInterrupted()) n++; }"
                                + "\npublic String name()");
        Path jar = PluginJar.of("com.acme.Plugin", source).write(plugins.resolve("loops/a.jar"));
        plugin("good", "1").write(plugins.resolve("z-good/b.jar"));
        CollectorDiscovery discovery = discover();

        assertThat(discovery.plugins()).extracting(CollectorPlugin::name).containsExactly("good");
        assertThat(discovery.issues()).singleElement().asString().contains(jar.toString(), "took over 5 s");
    }

    // Who may change the code.

    @Test
    void folderOrJar_thatEverybodyMayWrite_isRefusedWithTheCommandThatMendsIt() throws Exception {
        Path jar = plugin("one", "1").write(plugins.resolve("one/plugin.jar"));
        plugin("two", "2").write(plugins.resolve("two/plugin.jar"));
        for (Path path : List.of(jar, jar.getParent())) {
            Set<PosixFilePermission> before = Files.getPosixFilePermissions(path);
            Set<PosixFilePermission> open = EnumSet.copyOf(before);
            open.add(PosixFilePermission.OTHERS_WRITE);
            Files.setPosixFilePermissions(path, open);
            CollectorDiscovery discovery = discover();
            assertThat(discovery.plugins()).extracting(CollectorPlugin::name).containsExactly("two");
            assertThat(discovery.issues()).singleElement().satisfies(issue -> assertThat(issue.toString())
                    .contains(path + "", "chmod o-w " + path, "tagger.plugins.allow-writable = true"));
            assertThat(new CollectorDiscovery()
                            .allowWritable(true)
                            .folders(plugins)
                            .plugins())
                    .hasSize(2);
            Files.setPosixFilePermissions(path, before);
        }
    }

    @Test
    void parentThatEverybodyMayWrite_isRefused_unlessSticky() throws Exception {
        plugin("one", "1").write(plugins.resolve("one/plugin.jar"));
        Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(discover().plugins()).isEmpty();
        assertThat(new ProcessBuilder("chmod", "1777", plugins.toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThat(discover().plugins()).hasSize(1);
    }

    @Test
    void jarOfAnotherUser_isRefused() throws Exception {
        Path jar = plugin("one", "1").write(plugins.resolve("one/plugin.jar"));
        Assumptions.assumeTrue(
                new ProcessBuilder("chown", "65534", jar.toString()).start().waitFor() == 0,
                "only root gives files away");

        assertThat(discover().plugins()).isEmpty();
        assertThat(discover().issues()).singleElement().satisfies(issue -> assertThat(issue.toString())
                .contains("who is neither this user nor root", "chown"));
    }
}
