package com.example.processes;

import static io.tagger.testkit.TagAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import io.tagger.testkit.TestHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileCollectorTest extends CollectorContractTest {
    private static final EntityId ONE = EntityId.process(1);
    private static final EntityId TWO = EntityId.process(2);

    @TempDir
    Path folder;

    @Override
    protected Collector collector() {
        return new PidFileCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("enabled", "auto", "folder", folder.toString());
    }

    private void pid(String daemon, String pid) throws IOException {
        Files.writeString(folder.resolve(daemon + ".pid"), pid);
    }

    @Test
    void daemons_areNamedByTheirFiles_andTwoMayShareAProcess() throws Exception {
        pid("sshd", "1\n");
        pid("sftp", "1");
        pid("half-written", "");
        Files.writeString(folder.resolve("other.txt"), "2");

        RecordingSink told = TestHost.collect(new PidFileCollector(), settings());

        assertThat(told).reports(ONE).hasLow("daemon:sftp", "daemon:sshd").isComplete();
        assertThat(told).doesNotReport(TWO);
    }

    @Test
    void changes_areToldAsTheyHappen() throws Exception {
        pid("sshd", "1");
        RecordingSink sink = new RecordingSink("pidfiles");
        PidFileCollector collector = new PidFileCollector();
        try (TestContext context = new TestContext(settings())) {
            collector.detect(context);
            context.executor().execute(() -> {
                try {
                    collector.stream(sink);
                } catch (Exception e) {
                    // Closing the context interrupts the stream.
                }
            });
            await().until(() -> sink.syncs() == 1);

            pid("cron", "2");
            await().untilAsserted(() -> assertThat(sink).reports(TWO).hasLow("daemon:cron"));
            pid("cron", "1");
            await().untilAsserted(() -> {
                assertThat(sink).reports(ONE).hasLow("daemon:cron", "daemon:sshd");
                assertThat(sink).doesNotReport(TWO);
            });
            Files.delete(folder.resolve("cron.pid"));
            await().untilAsserted(() -> assertThat(sink).reports(ONE).hasLow("daemon:sshd"));
        } finally {
            collector.close();
        }
    }
}
