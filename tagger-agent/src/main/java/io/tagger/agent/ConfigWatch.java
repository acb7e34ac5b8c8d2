package io.tagger.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the configuration file at an interval, and tells of changes. Each look reads the file, some kilobytes: this
 * notices every kind of replacement, such as the swapped symbolic links of a Kubernetes ConfigMap. An included file is not
 * looked at.
 */
final class ConfigWatch {
    private final Path file;
    private final Duration interval;
    private final Runnable onChange;
    private byte[] known; // of the watching thread

    /**
     * Takes the present content as known.
     *
     * @param onChange runs after a change, on the watching thread
     */
    ConfigWatch(Path file, Duration interval, Runnable onChange) {
        this.file = file;
        this.interval = interval;
        this.onChange = onChange;
        known = content();
    }

    /** Begins to look, on a thread that does not keep the process alive. */
    void start() {
        Thread thread = new Thread(this::watch, "tagger-config-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        while (true) {
            LockSupport.parkNanos(TimeUnit.NANOSECONDS.convert(interval));
            Thread.interrupted(); // by a plugin that interrupts all threads
            look();
        }
    }

    /** Looks once; an absent file is no change, because a replacement may be under way. */
    void look() {
        byte[] now = content();
        if (now.length > 0 && !Arrays.equals(now, known)) {
            known = now;
            onChange.run();
        }
    }

    private byte[] content() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
