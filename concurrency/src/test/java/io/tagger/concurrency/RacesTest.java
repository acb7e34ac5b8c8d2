package io.tagger.concurrency;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the races under jcstress, in separate JVMs, in every compilation mode. */
class RacesTest {
    private static final Pattern TOTAL =
            Pattern.compile("(\\d+) planned; (\\d+) passed, 0 failed, 0 soft errs, 0 hard errs");

    @TempDir
    private static Path folder;

    private static String output = "";
    private static int exit = -1;

    @BeforeAll
    static void run() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-v",
                "-t",
                "io.tagger.concurrency"));
        command.addAll(List.of(System.getProperty("jcstress.arguments").split(" ")));
        File log = Path.of("target", "jcstress.log").toFile();
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        exit = process.waitFor();
        output = Files.readString(log.toPath(), StandardCharsets.UTF_8);
    }

    @Test
    void allConfigurations_pass() {
        String end = output.substring(Math.max(0, output.lastIndexOf("RUN RESULTS")));
        assertThat(exit).as(end).isZero();
        Matcher total = TOTAL.matcher(output);
        String planned = "none";
        String passed = "";
        while (total.find()) {
            planned = total.group(1);
            passed = total.group(2);
        }
        assertThat(passed).as("see concurrency/target/jcstress.log: " + end).isEqualTo(planned);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ReaderDuringMerge.class,
                UpdateAgainstPrune.class,
                OtherUpdateAgainstPrune.class,
                DeleteAgainstLateFetch.class,
                SubscribeAgainstUpdate.class,
                HandleAgainstRecreation.class
            })
    void race_wasTried(Class<?> race) {
        assertThat(output).contains("[OK] " + race.getName());
    }

    @Test
    void everyRace_isListedAbove() throws IOException {
        try (InputStream list = RacesTest.class.getResourceAsStream("/META-INF/TestList")) {
            assertThat(new String(list.readAllBytes(), StandardCharsets.UTF_8).lines())
                    .hasSize(6);
        }
    }
}
