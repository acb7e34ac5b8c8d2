package io.tagger.api;

import static org.assertj.core.api.Assertions.assertThat;

import japicmp.cmp.JApiCmpArchive;
import japicmp.cmp.JarArchiveComparator;
import japicmp.cmp.JarArchiveComparatorOptions;
import japicmp.config.Options;
import japicmp.model.JApiClass;
import japicmp.output.stdout.StdoutOutputGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise of semantic versioning for tagger-api: code for a version compiles and runs with every later version of
 * the same major version; before 1.0, of the same minor version. The baseline is the last released version, {@code
 * src/test/api/tagger-api-<version>.jar}; before the first release, the state of the first promise. All changes since
 * are committed as text.
 *
 * <p>{@code mvn -pl tagger-api test -Dtest=ApiPromiseTest -Dtagger.api.update=true} writes the text anew.
 */
class ApiPromiseTest {
    private static final Path FOLDER = Path.of("src/test/api");
    private static final Path CHANGES = FOLDER.resolve("changes.txt");
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");

    @TempDir
    Path directory;

    /** Two states of an API, compared. */
    private record Comparison(String text, boolean breaks) {
        static Comparison of(Path old, Path now) {
            Options options = Options.newDefault();
            options.setOutputOnlyModifications(true);
            options.setNoAnnotations(true);
            JarArchiveComparator comparator = new JarArchiveComparator(JarArchiveComparatorOptions.of(options));
            List<JApiClass> classes = comparator.compare(
                    new JApiCmpArchive(old.toFile(), "the baseline"), new JApiCmpArchive(now.toFile(), "this"));
            String text = new StdoutOutputGenerator(options, classes).generate();
            return new Comparison(
                    text.lines()
                            .skip(1)
                            .map(line -> line.stripTrailing() + "\n")
                            .reduce("", String::concat),
                    !classes.stream().allMatch(type -> type.isBinaryCompatible() && type.isSourceCompatible()));
        }
    }

    private static Path baseline() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .reduce((one, two) -> {
                        throw new IllegalStateException("two baselines: " + one + " and " + two);
                    })
                    .orElseThrow();
        }
    }

    private Path jar(String name, Path classes) throws IOException {
        Path jar = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                entries.write(Files.readAllBytes(file));
            }
        }
        return jar;
    }

    /** Whether a version may break the promises of an earlier version. */
    static boolean mayBreak(String earlier, String now) {
        Matcher before = VERSION.matcher(earlier);
        Matcher after = VERSION.matcher(now);
        assertThat(before.find() && after.find()).isTrue();
        return !before.group(1).equals(after.group(1))
                || before.group(1).equals("0") && !before.group(2).equals(after.group(2));
    }

    @Test
    void api_breaksNothing_andItsChangesAreWrittenDown() throws Exception {
        Path baseline = baseline();
        Comparison comparison = Comparison.of(baseline, jar("now.jar", Path.of("target/classes")));
        if (Boolean.getBoolean("tagger.api.update")) {
            Files.writeString(CHANGES, comparison.text());
        }

        assertThat(comparison.breaks()
                        && !mayBreak(baseline.getFileName().toString(), System.getProperty("tagger.version")))
                .as(
                        "a break of what %s has promised; take it back, or raise the version:%n%s",
                        baseline.getFileName(), comparison.text())
                .isFalse();
        assertThat(comparison.text())
                .as("what has changed since %s; -Dtagger.api.update=true writes it anew", baseline.getFileName())
                .isEqualTo(Files.readString(CHANGES));
    }

    @Test
    void version_decidesWhatMayBreak() {
        assertThat(mayBreak("tagger-api-0.1.jar", "0.1.0-SNAPSHOT")).isFalse();
        assertThat(mayBreak("tagger-api-0.1.jar", "0.2.0")).isTrue();
        assertThat(mayBreak("tagger-api-1.4.jar", "1.5.0")).isFalse();
        assertThat(mayBreak("tagger-api-1.4.jar", "2.0.0")).isTrue();
    }

    @Test
    void comparison_seesBreaks_andLetsAdditionsBe() throws Exception {
        Path old = compiled("old", "public interface Spi { String name(); }");
        Path removed = compiled("removed", "public interface Spi { }");
        Path required = compiled("required", "public interface Spi { String name(); String also(); }");
        Path added =
                compiled("added", "public interface Spi { String name(); default String also() { return \"\"; } }");

        assertThat(Comparison.of(old, removed).breaks()).isTrue();
        assertThat(Comparison.of(old, required).breaks()).isTrue();
        assertThat(Comparison.of(old, added).breaks()).isFalse();
        assertThat(Comparison.of(old, added).text()).contains("also()");
    }

    private Path compiled(String name, String source) throws IOException {
        Path folder = Files.createDirectories(directory.resolve(name));
        Path file = Files.writeString(folder.resolve("Spi.java"), source);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", folder.resolve("classes").toString(), file.toString()))
                .isZero();
        return jar(name + ".jar", folder.resolve("classes"));
    }
}
