package io.tagger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tagger.testkit.Mutations;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaggerConfigTest {
    @TempDir
    Path directory;

    @Test
    void defaults_areValid() {
        TaggerConfig config = ConfigLayers.empty().build();

        assertThat(config.duration("store.prune-interval")).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.durationOrZero("store.deletion-grace")).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.duration("lookup.deadline")).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.duration("lookup.fetch-deadline")).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.use("static")).isEqualTo(CollectorUse.AUTO);
        assertThat(config.use("nobody")).isEqualTo(CollectorUse.AUTO);
        assertThat(config.collector("nobody")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tagger.colectors.static.file = x | tagger.colectors.static.file | tagger.collectors.static.file",
                "tagger.collectors.static.flie = x           | tagger.collectors.static.flie | tagger.collectors.static.file",
                "tagger.collectors.statik.enabled = true | tagger.collectors.statik.enabled | tagger.collectors.static.enabled",
                "tagger.store.prune-intervall = 1m           | tagger.store.prune-intervall | tagger.store.prune-interval",
                "tagger.hostnam = x                          | tagger.hostnam             | tagger.hostname",
                "tagger.lookup.dead-line = 1s                | tagger.lookup.dead-line    | tagger.lookup.deadline"
            })
    void unknownKey_isRefusedWithFileLineAndTheNearestKey(String text, String key, String nearest) throws Exception {
        Path file = write("# a comment\n\n" + text);

        assertThat(problems(ConfigLayers.empty().file(file)))
                .singleElement()
                .asString()
                .contains("unknown key " + key + " ")
                .contains(file + ":3")
                .contains("did you mean " + nearest + "?");
    }

    @Test
    void unknownKey_likeNoOther_pointsToTheList() throws Exception {
        assertThat(problems(ConfigLayers.empty().text("tagger.zzzzzzzzzzzzzz = 1")))
                .singleElement()
                .asString()
                .contains("tagger.zzzzzzzzzzzzzz")
                .contains("bin/tagger config");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tagger.store.stripes = many               | tagger.store.stripes         | a number",
                "tagger.store = 7                          | tagger.store                 | a block",
                "tagger.store.prune-interval = soon        | tagger.store.prune-interval  | a duration such as 1m",
                "tagger.tags = x                           | tagger.tags                  | a list",
                "tagger.hostname { a = b }                 | tagger.hostname              | text"
            })
    void valueOfAnotherType_isRefusedWithWhatItMustBe(String text, String key, String must) throws Exception {
        Path file = write(text);

        assertThat(problems(ConfigLayers.empty().file(file)))
                .singleElement()
                .asString()
                .contains(key + " ")
                .contains(file + ":1")
                .contains("must be " + must);
    }

    @Test
    void everyProblem_isNamedAtOnce() {
        assertThat(problems(ConfigLayers.empty().text("tagger { a = 1, b = 2, store.stripes = x }")))
                .hasSize(3);
    }

    @Test
    void syntaxError_namesFileAndLine() throws Exception {
        Path file = write("tagger {\n  tags = [\"a:b\"\n}\n");

        assertThat(problems(ConfigLayers.empty().file(file)))
                .singleElement()
                .asString()
                .contains(file.getFileName().toString())
                .contains(": 3");
    }

    @Test
    void peek_readsALayerAboveABrokenFile_andRefusesTheFileOtherwise() {
        ConfigLayers broken = ConfigLayers.empty()
                .file(directory.resolve("nothing.conf"))
                .environment(Map.of("TAGGER_IPC_SOCKET", "/here"));

        assertThat(broken.peek("ipc.socket")).contains("/here");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> broken.peek("hostname"))
                .withMessageContaining("nothing.conf");
    }

    @Test
    void pipe_isReadOnce() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process writer = new ProcessBuilder("sh", "-c", "echo 'tagger.hostname = piped' > " + pipe).start();
        TaggerConfig config = ConfigLayers.empty().file(pipe).build();

        assertThat(config.text("hostname")).isEqualTo("piped");
        assertThat(config.settings().get("tagger.hostname").origin()).contains(pipe.toString());
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void missingFile_isAnError() {
        assertThat(problems(ConfigLayers.empty().file(directory.resolve("nothing.conf"))))
                .singleElement()
                .asString()
                .contains("nothing.conf")
                .contains("does not exist");
    }

    @Test
    void keysOutsideOfTagger_areNotOurs() {
        assertThat(ConfigLayers.empty().text("other.key = 1").build().text("hostname"))
                .isEmpty();
    }

    @Test
    void freeMaps_takeAnyKey() {
        TaggerConfig config = ConfigLayers.empty()
                .text("tagger.container.env-as-tags { team = \"+squad\", \"com.acme.*\" = x }")
                .build();

        assertThat(config.settings().get("tagger.container.env-as-tags.team").value())
                .isEqualTo("\"+squad\"");
    }

    @Test
    void substitution_ofWhatSeveralShare_seesWhatWasConfigured() {
        TaggerConfig config =
                ConfigLayers.empty().text("tagger.tags = [\"a:b\"]").build();

        assertThat(config.collector("static")).containsEntry("tags", List.of("a:b"));
    }

    @Test
    void blockOfACollectorWithoutReference_isFree_ifTheCollectorIsThere() {
        String text = "tagger.collectors.mine { any { key = 1 } }";

        assertThat(problems(ConfigLayers.empty().text(text))).hasSize(1);
        assertThat(ConfigLayers.empty()
                        .collector("mine", List.of())
                        .text(text)
                        .build()
                        .collector("mine"))
                .containsEntry("any", Map.of("key", 1));
    }

    @ParameterizedTest
    @CsvSource({"auto, AUTO", "true, REQUIRED", "false, OFF", "AUTO, AUTO", "yes, REQUIRED"})
    void enabled_hasThreeValues(String text, CollectorUse expected) {
        assertThat(ConfigLayers.empty()
                        .text("tagger.collectors.host.enabled = " + text)
                        .build()
                        .use("host"))
                .isEqualTo(expected);
    }

    @Test
    void enabled_anythingElse_isRefused() {
        TaggerConfig config = ConfigLayers.empty()
                .text("tagger.collectors.host.enabled = maybe")
                .build();

        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> config.use("host"))
                .withMessageContaining("tagger.collectors.host.enabled")
                .withMessageContaining("maybe")
                .withMessageContaining("auto, true or false");
    }

    @Test
    void outOfBounds_isRefusedWithTheBounds() {
        TaggerConfig config = ConfigLayers.empty()
                .text("tagger { store.stripes = 0, lookup.deadline = 0s }")
                .build();

        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> config.number("store.stripes", 1, 10))
                .withMessageContaining("1 to 10");
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> config.duration("lookup.deadline"))
                .withMessageContaining("more than zero");
    }

    @Test
    void environment_overridesTheFile_andIsItsOrigin() throws Exception {
        Path file = write("tagger.hostname = fromfile\ntagger.store.stripes = 8\n");
        TaggerConfig config = ConfigLayers.empty()
                .file(file)
                .environment(Map.of(
                        "TAGGER_HOSTNAME", "fromenv",
                        "TAGGER_STORE_PRUNE_INTERVAL", "7s",
                        "TAGGER_CONTAINER_ENV_AS_TAGS", "{team: \"+squad\"}",
                        "TAGGER_TAGS", "[\"a:b\"]",
                        "TAGGER_SERVICE_HOST", "10.0.0.1",
                        "TAGGER_CLASSPATH", "/x.jar"))
                .build();

        assertThat(config.text("hostname")).isEqualTo("fromenv");
        assertThat(config.duration("store.prune-interval")).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.collector("static")).containsEntry("tags", List.of("a:b"));
        Map<String, TaggerConfig.Setting> settings = config.settings();
        assertThat(settings.get("tagger.hostname").origin()).contains("TAGGER_HOSTNAME");
        assertThat(settings.get("tagger.store.stripes").origin()).isEqualTo(file + ":2");
        assertThat(settings.get("tagger.lookup.deadline").origin()).isEqualTo("default");
        assertThat(settings.get("tagger.container.env-as-tags.team").value()).isEqualTo("\"+squad\"");
    }

    @Test
    void environment_badValue_namesTheVariable() {
        assertThat(problems(ConfigLayers.empty().environment(Map.of("TAGGER_STORE_STRIPES", "many"))))
                .singleElement()
                .asString()
                .contains("TAGGER_STORE_STRIPES")
                .contains("tagger.store.stripes");
    }

    // Misspelt variables.

    @ParameterizedTest
    @CsvSource({
        "TAGGER_STORE_PRUNE_INTERVALL, TAGGER_STORE_PRUNE_INTERVAL",
        "TAGGER_STOR_STRIPES, TAGGER_STORE_STRIPES",
        "TAGGER_HOST_NAME, TAGGER_HOSTNAME",
        "TAGGER_COLLECTORS_STATIC_FLIE, TAGGER_COLLECTORS_STATIC_FILE"
    })
    void environment_misspeltVariable_isRefusedWithTheNearest(String name, String nearest) {
        assertThat(problems(ConfigLayers.empty().environment(Map.of(name, "1"))))
                .singleElement()
                .asString()
                .contains("unknown environment variable " + name)
                .contains("did you mean " + nearest + "?");
    }

    @Test
    void environment_variableLikeNoOther_isRefused() {
        assertThat(problems(ConfigLayers.empty().environment(Map.of("TAGGER_QQQQQQQQQQQQQQQQ", "1"))))
                .singleElement()
                .asString()
                .contains("TAGGER_QQQQQQQQQQQQQQQQ", "bin/tagger config");
    }

    @Test
    void environment_variablesOfTheLauncherAndOfKubernetes_stopNothingAndSetNothing() {
        Map<String, String> variables = Map.ofEntries(
                Map.entry("TAGGER_CONF", "/x.conf"),
                Map.entry("TAGGER_HEAP", "64m"),
                Map.entry("TAGGER_JAVA_OPTS", "-Dx=y"),
                Map.entry("TAGGER_ARCHIVE", "off"),
                Map.entry("TAGGER_OTEL_WAIT", "1s"),
                Map.entry("TAGGER_OTEL_LATE", "true"),
                Map.entry("TAGGER_IPC_SOCKET", "/x.sock"),
                Map.entry("TAGGER_SERVICE_HOST", "10.0.0.1"),
                Map.entry("TAGGER_SERVICE_PORT", "7733"),
                Map.entry("TAGGER_SERVICE_PORT_GRPC", "7733"),
                Map.entry("TAGGER_PORT", "tcp://10.0.0.1:7733"),
                Map.entry("TAGGER_PORT_7733_TCP", "tcp://10.0.0.1:7733"),
                Map.entry("TAGGER_PORT_7733_TCP_ADDR", "10.0.0.1"),
                Map.entry("TAGGER_PORT_7733_TCP_PORT", "7733"),
                Map.entry("TAGGER_PORT_7733_TCP_PROTO", "tcp"),
                Map.entry("TAGGER_AGENT_SERVICE_HOST", "10.0.0.2"),
                Map.entry("NOT_TAGGER_STORE", "x"));

        assertThat(ConfigLayers.empty().environment(variables).build().settings())
                .isEqualTo(ConfigLayers.empty().build().settings());
        assertThat(problems(ConfigLayers.empty().environment(Map.of("TAGGER_PORT", "7733"))))
                .as("no service's value")
                .hasSize(1);
    }

    @Test
    void environment_ofACollectorWithoutReference_mayEnableIt() {
        ConfigLayers layers = ConfigLayers.empty()
                .collector("mine", List.of())
                .environment(Map.of("TAGGER_COLLECTORS_MINE_ENABLED", "false"));

        assertThat(layers.build().use("mine")).isEqualTo(CollectorUse.OFF);
        assertThat(problems(ConfigLayers.empty()
                        .collector("mine", List.of())
                        .environment(Map.of("TAGGER_COLLECTORS_MINE_URL", "x"))))
                .hasSize(1);
    }

    // What HOCON loses or leaves.

    @Test
    void substitutionInsideQuotes_isRefused() throws Exception {
        Path file = write("dir = \"/run\"\ntagger.hostname = \"node-${dir}\"\ntagger.tags = [\"a:${?X}\"]\n");

        assertThat(problems(ConfigLayers.empty().file(file)))
                .hasSize(2)
                .allMatch(problem -> problem.contains("inside quotes"))
                .anyMatch(problem -> problem.contains("tagger.hostname at " + file + ":2"))
                .anyMatch(problem -> problem.contains("tagger.tags at " + file + ":3"));
        assertThat(ConfigLayers.empty()
                        .text("x = \"n\", tagger.hostname = ${x}\"1\"")
                        .build()
                        .text("hostname"))
                .isEqualTo("n1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tagger.container.labels-as-tags { com.acme = a, com.acme.team = b }",
                "tagger { container { labels-as-tags {\n com.acme = a # one\n com { acme { team = b } } } } }",
                "tagger.container.labels-as-tags.com.acme = a\ntagger.container.labels-as-tags.com.acme.team = b",
                "tagger.container { labels-as-tags { com.acme.team = \"b, c\", com.acme : [1] } }"
            })
    void keyOfAMapThatHoconLoses_isRefused(String text) throws Exception {
        Path file = write(text);

        assertThat(problems(ConfigLayers.empty().file(file))).anySatisfy(problem -> assertThat(problem)
                .contains("tagger.container.labels-as-tags at " + file + ":")
                .contains("com.acme")
                .contains("is lost")
                .contains("in quotes"));
    }

    @Test
    void keyOfAMapThatHoconLoses_inAVariableOrOnTheClassPath_isRefused() throws Exception {
        assertThat(problems(ConfigLayers.empty()
                        .environment(Map.of("TAGGER_CONTAINER_LABELS_AS_TAGS", "{com.acme = a, com.acme.team = b}"))))
                .singleElement()
                .asString()
                .contains("TAGGER_CONTAINER_LABELS_AS_TAGS", "com.acme is lost");
        write("tagger.container.labels-as-tags { com.acme = a, com.acme.team = b }");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(problems(ConfigLayers.empty().fileOfProcess()))
                    .singleElement()
                    .asString()
                    .contains("tagger.conf", "com.acme is lost");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tagger.container.labels-as-tags { \"com.acme\" = a, \"com.acme.team\" = b }",
                "tagger.container.labels-as-tags { com.acme.a = a, com.acme.b = b }",
                "tagger.container.labels-as-tags { a = a, a = b }",
                "// com.acme = a\ntagger.container.env-as-tags { a = \"x { y\", b = \"\"\" c } = \"\"\" }\ntagger.tags = [\"a:{b\"]",
                "tagger { container.labels-as-tags = {a = b} ${?other}, hostname += x }",
                "tagger.container { labels-as-tags { com.acme = a }, labels-as-tags = null, labels-as-tags { com.acme.team = b } }"
            })
    void keysThatAreKept_areNotComplainedAbout(String text) {
        assertThat(problems(ConfigLayers.empty().text(text))).noneMatch(problem -> problem.contains("is lost"));
    }

    // A file shared with the agent.

    @Test
    void sharedWithAgent_blocksOfOtherParts_areIgnored_misspeltKeysAreNot() {
        String text = "tagger { ipc { socket = /x, odd = 1 }, client.agent = \"unix:/x\","
                + " collectors { kubernetes.pull-interval = 5s, acme { any = 1 }, static.flie = x, statik.file = y } }";

        assertThat(problems(ConfigLayers.empty().text(text).sharedWithAgent()))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("tagger.collectors.static.flie"))
                .anyMatch(problem -> problem.contains("tagger.collectors.statik.file"));
        Map<String, String> variables = Map.of(
                "TAGGER_IPC_SOCKET_MODE", "0666",
                "TAGGER_COLLECTORS_KUBERNETES_PULL_INTERVAL", "5s",
                "TAGGER_STORE_STRIPE", "8");
        assertThat(problems(ConfigLayers.empty().environment(variables).sharedWithAgent()))
                .singleElement()
                .asString()
                .contains("TAGGER_STORE_STRIPE;");
    }

    @Test
    void located_addsThePlaceToAMessageAboutASetting() throws Exception {
        Path file = write("tagger {\n collectors.static.file = x\n}\n");
        TaggerConfig config = ConfigLayers.empty().file(file).build();

        assertThat(config.located("tagger.collectors.static.file is 'x', and there is no such file"))
                .isEqualTo("tagger.collectors.static.file at " + file + ":2 is 'x', and there is no such file");
        assertThat(config.located("tagger.hostname is odd")).isEqualTo("tagger.hostname is odd");
        assertThat(config.located("nothing is named")).isEqualTo("nothing is named");
    }

    private Path write(String text) throws Exception {
        return Files.writeString(directory.resolve("tagger.conf"), text);
    }

    private static List<String> problems(ConfigLayers builder) {
        try {
            builder.build();
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
        return List.of();
    }

    // Bounds.

    @Test
    void doublings_areRefused_beforeTheyFillTheHeap() {
        StringBuilder text = new StringBuilder("a0 = 0123456789\n");
        for (int i = 1; i < 60; i++) {
            text.append("a" + i + " = ${a" + (i - 1) + "}${a" + (i - 1) + "}\n");
        }
        for (String more : List.of("", "b = { c = ${a59}, d = [${a58}, ${a57}] }\n", "e = ${a59} { f = 1 }\n")) {
            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> ConfigLayers.empty()
                            .text(text + more + "tagger.hostname = x")
                            .build())
                    .withMessageContaining("characters with all substitutions in place");
        }
    }

    /** In HOCON, a value may refer to its own value in the lines before. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = ${a}${a}",
                "a = ${a} ${a}",
                "a = ${a}{ x = ${a} }",
                "a = ${b}${b}\nb = ${a}${a}",
                "x.a = ${x.a}${x.a}"
            })
    void doublingsOfOneValue_areRefused(String line) {
        String first = line.contains("{ x")
                ? "a { k = 0123456789 }"
                : line.startsWith("x") ? "x.a = 0123456789" : "a = [0123456789]";
        String text = first + "\n" + (line + "\n").repeat(40) + "tagger.hostname = x";

        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> ConfigLayers.empty().text(text).build())
                .withMessageMatching("(?s).*(characters with all substitutions in place|substitutions within).*");
    }

    @Test
    void manyAppends_andManyReferences_areRead() {
        String appends = "list = []\n" + "list += item\n".repeat(49);
        StringBuilder references = new StringBuilder("base { z = 1 }\nblock = ${base} {");
        for (int i = 0; i < 100; i++) {
            references.append(" a").append(i).append(" = 1,");
        }
        references.append(" b = x }\n");
        for (int i = 0; i < 100; i++) {
            references.append("k").append(i).append(" = ${block.a").append(i).append("}\n");
        }

        for (String text : List.of(appends, references.toString())) {
            assertThat(ConfigLayers.empty()
                            .text(text + "tagger.hostname = node-7")
                            .build()
                            .text("hostname"))
                    .isEqualTo("node-7");
        }
    }

    @Test
    void value_mayExtendItself() {
        assertThat(ConfigLayers.empty()
                        .text("tagger.hostname = node\ntagger.hostname = ${tagger.hostname}-7")
                        .build()
                        .text("hostname"))
                .isEqualTo("node-7");
    }

    @Test
    void tooManyAppends_areRefused_withoutAStackTrace() {
        String text = "list = []\n" + "list += item\n".repeat(3_000) + "tagger.hostname = x";

        assertThat(problems(ConfigLayers.empty().text(text)))
                .singleElement()
                .asString()
                .contains("list is extended 3001 times", "at most 50");
    }

    @Test
    void manyLostKeys_areCutToTheFirst() {
        String text = "tagger.container.labels-as-tags {\n" + "a = x\na.b = y\n".repeat(10_000) + "}";

        assertThat(problems(ConfigLayers.empty().text(text))).hasSizeBetween(100, 102);
    }

    @Test
    void substitutions_thatStaySmall_areResolved() {
        assertThat(ConfigLayers.empty()
                        .text("base = abc, two = ${base}${base}, tagger.hostname = ${two}-${?NOT_THERE_AT_ALL}")
                        .build()
                        .text("hostname"))
                .isEqualTo("abcabc-");
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 1_000, 5_000, 100_000})
    void nestingThatIsTooDeep_isRefused(int depth) {
        for (String bracket : List.of("{a:", "[")) {
            String text = "tagger.hostname = " + bracket.repeat(depth) + "1"
                    + (bracket.equals("[") ? "]" : "}").repeat(depth);
            assertThatExceptionOfType(InvalidConfigurationException.class)
                    .isThrownBy(() -> ConfigLayers.empty().text(text).build())
                    .withMessageContaining("nested too deeply");
        }
    }

    @Test
    void manyWrongKeys_areCutToTheFirst() {
        StringBuilder text = new StringBuilder("tagger {\n");
        for (int i = 0; i < 20_000; i++) {
            text.append("wrong-key-number-" + i + " = 1\n");
        }
        assertThatExceptionOfType(InvalidConfigurationException.class)
                .isThrownBy(() -> ConfigLayers.empty().text(text + "}").build())
                .satisfies(error ->
                        assertThat(error.problems()).hasSize(101).last().isEqualTo("and 19900 more problems"));
    }

    @Test
    void damagedTexts_areReadOrRefused_withoutAStackTrace() {
        int inputs = Integer.getInteger("tagger.fuzz.inputs", 300);
        String good = """
                # a comment
                base = "x"
                tagger {
                  hostname = ${base}-1, tags = ["team:core", "rack:7"]
                  tag-value-split-separator { team = "," }
                  container { labels-as-tags { "com.acme.*" = "%%label%%", team = "+squad" }, env-as-tags {} }
                  store { prune-interval = 1m, stripes = 64 }
                  collectors.static { enabled = auto, entities { "container_id://3f4a" { low = ["team:core"], high = [] } } }
                  lookup.deadline = 3s
                }
                """;
        Mutations mutations = new Mutations(19);
        int refused = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < inputs; i++) {
            ConfigLayers.Checked checked =
                    ConfigLayers.empty().text(mutations.of(good)).check();
            refused += checked.problems().isEmpty() ? 0 : 1;
            assertThat(checked.problems())
                    .allMatch(problem -> !problem.contains("\tat ") && !problem.contains("Exception"));
        }
        System.out.printf(
                "configuration: %d inputs, %.0f a minute%n", inputs, inputs * 60e9 / (System.nanoTime() - begin));

        assertThat(refused).isBetween(1, inputs - 1);
    }
}
