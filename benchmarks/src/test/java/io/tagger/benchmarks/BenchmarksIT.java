package io.tagger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the shipped jar. */
class BenchmarksIT {
    private static final Path JAR = Path.of("target", "benchmarks.jar");

    @Test
    void smoke_runsEveryBenchmarkOnce() throws IOException, InterruptedException {
        assertThat(benchmarks(0, "smoke")).contains(Plan.smoke().size() + " benchmarks work");
    }

    @Test
    void unknownBenchmark_isAnErrorThatNamesThoseThereAre() throws IOException, InterruptedException {
        assertThat(benchmarks(2, "quick", "--only", "Lokup"))
                .contains("no benchmark's name contains 'Lokup'")
                .contains("LookupBenchmark.hit");
    }

    @Test
    void jmh_isThereWithItsOwnOptions() throws IOException, InterruptedException {
        assertThat(benchmarks(0, "jmh", "-l")).contains("io.tagger.benchmarks.PruneBenchmark.prune");
    }

    private static String benchmarks(int exitCode, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1", // only shows that the benchmarks run
                "-Djmh.ignoreLock=true", // beside another JMH, too
                "-jar",
                JAR.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exitCode);
        return output;
    }
}
