package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.ipc.server.IpcServer;
import io.tagger.runtime.LocalTagger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Path GUIDE = Path.of("../docs/operate-the-agent.md");
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP (\\S+?)(?:_total)? (.*)$");

    private static String text() {
        try (LocalTagger tagger = LocalTagger.builder()
                .classPath(LocalTagger.class.getClassLoader())
                .build()) {
            return new Metrics()
                    .text(
                            tagger,
                            new IpcServer.Statistics(7, 1, Map.of("401", 7L), new IpcServer.Held(2, 3, 4, 5), 6),
                            false);
        }
    }

    @Test
    void metrics_areAllExplainedInTheGuide() throws IOException {
        String guide = Files.readString(GUIDE);
        String text = text();
        List<String> missing = new ArrayList<>();
        int seen = 0;
        for (Matcher help = HELP.matcher(text); help.find(); seen++) {
            if (!help.group(1).startsWith("tagger_")) {
                continue; // of the JVM and the process, as the library explains them
            }
            String purpose = help.group(2).replaceAll("\\.$", "");
            if (!guide.contains("`" + help.group(1) + "`") || !guide.contains(purpose)) {
                missing.add(help.group());
            }
        }

        assertThat(seen).as(text).isGreaterThan(20);
        assertThat(missing).as(GUIDE.toString()).isEmpty();
    }

    @Test
    void statisticsOfTheServer_areAmongTheMetrics() {
        assertThat(text().lines())
                .contains(
                        "tagger_ipc_requests_total{code=\"401\"} 7.0",
                        "tagger_ipc_refused_total 3.0",
                        "tagger_ipc_watchers 4.0");
    }
}
