package io.tagger.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The built distribution, driven like an operator through {@code bin/tagger}, with this build's Java. */
final class Distribution {
    static {
        // Awaitility's own 100 ms before the first look, and between looks, were half of these tests' time.
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    }

    static final Path BUILT =
            Path.of("../distribution/target/tagger/tagger").toAbsolutePath().normalize();

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();

    Distribution(Path home) {
        this.home = home;
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("TAGGER_ARCHIVE", "off");
    }

    /** The start-up archives for all tests, made once: they save a third of the time of a command, and of an agent's start. */
    private static final class Archives {
        static final Path FOLDER = make();

        private static Path make() {
            try {
                Path folder = Files.createDirectories(Path.of("target", "archives"));
                Distribution tagger = new Distribution(BUILT)
                        .with("TAGGER_ARCHIVE", folder.toAbsolutePath().toString());
                assertThat(tagger.run("train").code()).isZero();
                return folder.toAbsolutePath();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A copy of the distribution, open to further plugins. */
    static Distribution copy(Path home) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("cp", "-r", BUILT.toString(), home.toString())
                        .start()
                        .waitFor())
                .isZero();
        return new Distribution(home);
    }

    Distribution with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /**
     * The result of a command.
     *
     * @param code the exit code
     * @param out the standard output
     * @param err the standard error
     */
    record Result(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    /** Runs a command to the end. */
    Result run(String... arguments) throws IOException, InterruptedException {
        return run(Path.of(""), arguments);
    }

    /** Runs a command in a folder, to the end. */
    Result run(Path folder, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile("tagger", ".out");
        Path err = Files.createTempFile("tagger", ".err");
        try {
            ProcessBuilder builder = builder(arguments);
            Process process = builder.directory(folder.toAbsolutePath().toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("%s ends", Arrays.toString(arguments))
                    .isTrue();
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Starts a command that does not end. */
    Process command(Path out, String... arguments) throws IOException {
        return builder(arguments)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    /** Starts an agent and waits for the summary. */
    Running start(Path log, String... arguments) throws IOException {
        Process process = launch(log, arguments);
        Running running = new Running(process, log);
        await().atMost(Duration.ofSeconds(60))
                .failFast("the agent has ended", () -> !process.isAlive())
                .until(() -> running.log().matches("(?s).*(ready|not ready yet) after .*"));
        return running;
    }

    /** Starts an agent without a wait. */
    Process launch(Path log, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        return builder(all.toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private ProcessBuilder builder(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/tagger").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TAGGER_") || name.equals("DOCKER_HOST"));
        builder.environment().putAll(environment);
        boolean isTraining = arguments.length > 0 && arguments[0].equals("train");
        if (!isTraining
                && home.equals(BUILT)
                && environment.get("TAGGER_ARCHIVE").equals("off")) {
            builder.environment().put("TAGGER_ARCHIVE", Archives.FOLDER.toString());
        }
        return builder;
    }

    /** An agent, running until the close. */
    static final class Running implements AutoCloseable {
        final Process process;
        private final Path log;

        Running(Process process, Path log) {
            this.process = process;
            this.log = log;
        }

        String log() throws IOException {
            return Files.readString(log, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
