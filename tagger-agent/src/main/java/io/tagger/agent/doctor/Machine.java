package io.tagger.agent.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The files and commands of a machine, as far as the checks read them.
 *
 * @param root the folder in place of {@code /}, for tests
 */
record Machine(Path root) {
    private static final long SECONDS = 5;

    static Machine present() {
        return new Machine(Path.of("/"));
    }

    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    /** The content of a small file; empty if there is none, or no right to read. */
    Optional<String> read(String absolute) {
        try {
            return Optional.of(Files.readString(path(absolute)).strip());
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The target of a link, such as a namespace in /proc; empty if there is none. */
    Optional<String> link(String absolute) {
        try {
            return Optional.of(Files.readSymbolicLink(path(absolute)).toString());
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The output of a command; empty if there is no such command, or after a failure. */
    static Optional<String> run(String... command) {
        return run(Duration.ofSeconds(SECONDS), command);
    }

    /** As {@link #run(String...)}; also empty when the deadline is over. The output goes to a file: a read could hang. */
    static Optional<String> run(Duration deadline, String... command) {
        Path out = null;
        Process process = null;
        try {
            out = Files.createTempFile("tagger-doctor", ".txt");
            process = new ProcessBuilder(List.of(command))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(out.toFile())
                    .start();
            process.getOutputStream().close();
            boolean isOver = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return isOver && process.exitValue() == 0
                    ? Optional.of(Files.readString(out).strip())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            end(process, out);
        }
    }

    private static void end(@Nullable Process process, @Nullable Path out) {
        if (process != null) {
            process.destroyForcibly(); // no effect on a process that is over
        }
        try {
            if (out != null) {
                Files.deleteIfExists(out);
            }
        } catch (IOException e) {
            // The system clears the folder of temporary files.
        }
    }
}
