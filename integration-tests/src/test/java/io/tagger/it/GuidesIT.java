package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Executes the guides, in order: writes each block with a file name in its first line into that file, runs each block
 * {@code sh}, and looks for each block {@code text} in the output of the last command.
 */
class GuidesIT {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final Pattern FILE = Pattern.compile("\\A// (\\S+)\\n");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"write-a-collector.md", "merging.md", "embed-the-tagger.md"})
    void guide_holds(String guide) throws Exception {
        Path work = Files.createDirectory(directory.resolve("work"));
        List<String> expected = new ArrayList<>();
        StringBuilder script = new StringBuilder("set -eu\n");
        Matcher block = BLOCK.matcher(Files.readString(Path.of("../docs").resolve(guide)));
        while (block.find()) {
            String text = block.group(2);
            Matcher file = FILE.matcher(text);
            if (file.find()) {
                // Written by the script, relative to the folder after the earlier commands.
                script.append("mkdir -p \"$(dirname %s)\"; cat > %s <<'END-OF-FILE'%n%sEND-OF-FILE%n"
                        .formatted(file.group(1), file.group(1), text.substring(file.end())));
            } else if (block.group(1).equals("sh")) {
                script.append("echo '=== ")
                        .append(expected.size())
                        .append("'\n")
                        .append(text);
                expected.add("");
            } else if (block.group(1).equals("text")) {
                expected.set(expected.size() - 1, text);
            }
        }
        assertThat(expected).isNotEmpty();

        List<String> printed = run(work, script + "echo '=== end'\n");

        for (int i = 0; i < expected.size(); i++) {
            assertThat(oneSpace(printed.get(i)))
                    .as("step %s of %s", i + 1, guide)
                    .matches(pattern(oneSpace(expected.get(i))));
        }
    }

    /** The width of a column depends on the widest cell, which differs on the reader's machine. */
    private static String oneSpace(String text) {
        return text.replaceAll(" +", " ");
    }

    /** Literal lines; {@code ...} matches any text, in a line or over lines. */
    private static Pattern pattern(String text) {
        StringBuilder pattern = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (line.equals("...")) {
                pattern.append("(.*\\n)*");
            } else {
                for (String part : line.split("\\.\\.\\.", -1)) {
                    pattern.append(Pattern.quote(part)).append(".*");
                }
                pattern.setLength(pattern.length() - 2);
                pattern.append("\\n");
            }
        }
        return Pattern.compile(text.isEmpty() ? "(?s).*" : pattern.toString());
    }

    /** The output of each step. Started processes are ended. */
    private List<String> run(Path work, String script) throws IOException, InterruptedException {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        command(bin.resolve("tagger"), Distribution.BUILT.resolve("bin/tagger").toString());
        command(bin.resolve("mvn"), String.join(" ", new Maven(directory).command()));
        Path log = directory.resolve("log");
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script);
        builder.environment().keySet().removeIf(name -> name.startsWith("TAGGER_"));
        builder.environment().put("MAVEN_OPTS", Maven.OPTIONS);
        String java = System.getProperty("java.home");
        builder.environment().put("JAVA_HOME", java);
        builder.environment().put("TAGGER_HOME", Distribution.BUILT.toString());
        builder.environment().put("TAGGER_ARCHIVE", "off");
        builder.environment().put("PATH", bin + ":" + java + "/bin:" + System.getenv("PATH"));
        Process process = builder.directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        String printed = Files.readString(log).replaceAll("\u001b\\[[0-9;]*m", ""); // Maven's colours
        assertThat(process.exitValue()).as(printed).isZero();
        List<String> steps = new ArrayList<>(List.of(printed.split("(?m)^=== \\w+\\n", -1)));
        steps.remove(0);
        return steps;
    }

    private static void command(Path file, String command) throws IOException {
        Files.writeString(file, "#!/bin/sh\nexec " + command + " \"$@\"\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
