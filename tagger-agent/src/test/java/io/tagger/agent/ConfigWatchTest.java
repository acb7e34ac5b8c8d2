package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The looks at the configuration file. */
class ConfigWatchTest {
    @TempDir
    Path directory;

    @Test
    void change_isTold_once_andAnAbsenceIsNone() throws Exception {
        Path file = Files.writeString(directory.resolve("tagger.conf"), "a");
        AtomicInteger changes = new AtomicInteger();
        ConfigWatch watch = new ConfigWatch(file, Duration.ofDays(1), changes::incrementAndGet);

        watch.look();
        assertThat(changes).hasValue(0);
        Files.writeString(file, "b");
        watch.look();
        watch.look();
        assertThat(changes).hasValue(1);
        Files.delete(file);
        watch.look();
        Files.writeString(file, "b");
        watch.look();
        assertThat(changes).hasValue(1);
        Path other = Files.writeString(directory.resolve("other"), "c");
        Files.delete(file);
        Files.createSymbolicLink(file, other);
        watch.look();
        assertThat(changes).hasValue(2);
    }
}
