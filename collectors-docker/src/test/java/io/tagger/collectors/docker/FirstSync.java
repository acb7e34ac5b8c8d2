package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.config.ConfigLayers;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Measures the first sync with a daemon that takes 100 ms for an inspect. Runs by {@code .ci/shows first-sync} alone: no
 * test asserts a time.
 */
class FirstSync {
    private static final int INSPECT_MILLIS = 100;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"100, 1", "100, 4", "100, 16", "1000, 4", "1000, 16"})
    @SuppressWarnings("try") // the collector finds the door by its path
    void seconds(int containers, int parallel) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        RecordingSink sink = new RecordingSink("docker");
        DockerCollector collector = new DockerCollector();
        Path socket = directory.resolve("door.sock");
        try (FakeDaemon daemon = new FakeDaemon("1.44", "1.53");
                UnixDoor door = new UnixDoor(socket, daemon.port());
                TestContext context = new TestContext(ConfigLayers.empty()
                        .text("tagger.collectors.docker { host = \"unix://" + socket + "\", parallel-inspects = "
                                + parallel + " }")
                        .build()
                        .collector("docker"))) {
            for (int i = 0; i < containers; i++) {
                daemon.run(String.format("%064d", i), "e" + i);
            }
            daemon.beforeInspect = exchange -> never.await(INSPECT_MILLIS, TimeUnit.MILLISECONDS);
            collector.detect(context);
            long begin = System.nanoTime();
            Thread stream = new Thread(() -> {
                try {
                    collector.stream(sink);
                } catch (Exception e) {
                    // The end of the test interrupts the stream.
                }
            });
            stream.start();
            await().atMost(Duration.ofMinutes(3)).until(() -> sink.syncs() == 1);
            System.out.printf(
                    "%,d containers, %d at a time: %.1f s%n", containers, parallel, (System.nanoTime() - begin) / 1e9);
            assertThat(sink.state()).hasSize(containers);
            stream.interrupt();
            stream.join();
        } finally {
            collector.close();
        }
    }
}
