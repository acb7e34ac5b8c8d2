package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.config.ConfigLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guides in {@code docs} cover all settings, all metrics and all log lines. */
class GuidesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path SETTINGS = ROOT.resolve("docs/settings.md");

    /** In reading order. */
    private static final List<String> MODULES = List.of(
            "tagger-runtime",
            "tagger-ipc-server",
            "tagger-datadog",
            "tagger-agent",
            "tagger-client",
            "collectors-docker",
            "collectors-containerd",
            "collectors-kubernetes",
            "collectors-ecs");

    /** A literal in a call to a logger, perhaps over several lines. */
    private static final Pattern LOGGED = Pattern.compile(
            "(?:LOG|log|logger)\\s*\\.(?:info|warn|error)\\(\\s*((?:\"(?:[^\"\\\\]|\\\\.)*\"\\s*\\+?\\s*)+)");

    /** A text built for a call to a {@link System.Logger}, from literals and variables. */
    private static final Pattern SUPPLIED =
            Pattern.compile("LOG\\s*\\.log\\(\\s*Level\\.(?:INFO|WARNING|ERROR),\\s*\\(\\) -> ([^;]*?),\\s*\\w+\\);");

    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    private static String operate() throws IOException {
        return Files.readString(ROOT.resolve("docs/operate-the-agent.md"));
    }

    /**
     * {@code mvn -pl integration-tests -am test -Dtest=GuidesTest -Dtagger.guides.update=true} writes the file anew.
     */
    @Test
    void settings_areAllOfThem_asTheirJarsDocumentThem() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Settings

                Every key with its default, from the `reference.conf` of each jar; a plugin documents its keys in the same way. Three equal forms:
                HOCON `tagger { store { stripes = 64 } }`, the key `tagger.store.stripes = 64`, and the environment `TAGGER_STORE_STRIPES=64`.
                `tagger config` prints the present values.
                """);
        for (String module : MODULES) {
            page.append("\n## ").append(module).append("\n\n```hocon\n");
            page.append(Files.readString(ROOT.resolve(module).resolve("src/main/resources/reference.conf")));
            page.append("```\n");
        }
        if (Boolean.getBoolean("tagger.guides.update")) {
            Files.writeString(SETTINGS, page);
        }

        assertThat(Files.readString(SETTINGS)).isEqualTo(page.toString());
        try (Stream<Path> files = Sources.ofTheModules()) {
            assertThat(files.filter(file -> file.endsWith("src/main/resources/reference.conf")))
                    .as("no module is left out")
                    .hasSize(MODULES.size());
        }
    }

    @Test
    void configurationOfTheWholeCluster_isValid() throws IOException {
        Map<String, Object> block = ConfigLayers.empty()
                .text(Files.readString(ROOT.resolve("deploy/cluster/tagger.conf")))
                .build()
                .collector("kubernetes");

        assertThat(block).containsEntry("source", "apiserver").containsEntry("node-name", "*");
    }

    @Test
    void linesOfTheLog_areAllExplained() throws IOException {
        String guide = operate();
        List<String> missing = new ArrayList<>();
        int seen = 0;
        try (Stream<Path> files = Sources.ofTheModules()) {
            for (Path file : files.filter(GuidesTest::isShipped).toList()) {
                for (String line : loggedIn(Files.readString(file))) {
                    seen++;
                    boolean explained = guide.contains("`" + line + "`")
                            || guide.contains("`" + line.replaceAll(": .*", ": ...") + "`");
                    if (!explained) {
                        missing.add(file + ": " + line);
                    }
                }
            }
        }

        assertThat(seen).isGreaterThan(25);
        assertThat(missing).as("docs/operate-the-agent.md").isEmpty();
    }

    private static boolean isShipped(Path file) {
        String path = ROOT.relativize(file).toString();
        return path.matches("(tagger|collectors)-.*/src/main/java/.*\\.java");
    }

    private static List<String> loggedIn(String source) {
        List<String> lines = new ArrayList<>();
        Matcher logged = LOGGED.matcher(source);
        while (logged.find()) {
            lines.add(literal(logged.group(1)));
        }
        Matcher supplied = SUPPLIED.matcher(source);
        while (supplied.find()) {
            lines.add(literal(supplied.group(1).replaceAll("\"\\s*\\+\\s*[\\w.]+\\s*\\+\\s*\"", "{}")));
        }
        return lines;
    }

    private static String literal(String parts) {
        StringBuilder text = new StringBuilder();
        Matcher part = LITERAL.matcher(parts);
        while (part.find()) {
            text.append(part.group(1));
        }
        return text.toString();
    }
}
