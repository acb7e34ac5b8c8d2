package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A killed daemon, which returns with different containers. */
class DockerRestartLiveTest {
    @Test
    void daemon_killedAndStartedAgain_theStoreEqualsWhatRuns() throws Exception {
        Path folder = Files.createTempDirectory("tagger-dockerd");
        Dockerd dockerd = new Dockerd(folder);
        try {
            dockerd.start();
            try (LocalTagger tagger = LocalTagger.builder()
                    .collector(DockerCollector::new)
                    .config(ConfigLayers.empty()
                            .text("tagger.collectors.docker { enabled = true, host = \"" + dockerd.host() + "\" }")
                            .build())
                    .build()) {
                List<String> before = new ArrayList<>();
                LiveDocker first = LiveDocker.connect(dockerd.host());
                for (int i = 0; i < 5; i++) {
                    before.add(first.run(Map.of(), List.of("DD_ENV=before" + i)));
                }
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> served(tagger).size() == 5);

                dockerd.kill();
                await().until(() -> tagger.status().collectors().get(0).state() != CollectorState.RUNNING);
                assertThat(tagger.cached(EntityId.container(before.get(0)), Cardinality.LOW))
                        .as("what it had sent stays served")
                        .contains("env:before0");

                dockerd.start();
                LiveDocker docker = LiveDocker.connect(dockerd.host());
                String after = docker.run(Map.of(), List.of("DD_ENV=after"));
                docker.client.startContainerCmd(before.get(1)).exec();
                docker.remove(before.get(2));

                await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    assertThat(tagger.status().collectors().get(0).state()).isEqualTo(CollectorState.RUNNING);
                    assertThat(served(tagger)).containsExactlyInAnyOrderElementsOf(docker.running());
                });
                assertThat(served(tagger)).contains(after, before.get(1)).doesNotContain(before.get(0), before.get(2));
                assertThat(tagger.cached(EntityId.container(after), Cardinality.LOW))
                        .contains("env:after");
            }
        } finally {
            dockerd.stop();
            delete(folder);
        }
    }

    private static List<String> served(LocalTagger tagger) {
        return tagger.entities(EntityFilter.prefixes(EntityId.CONTAINER)).stream()
                .map(tags -> tags.entity().id())
                .toList();
    }

    /** Not with Java: the containers' file systems may still be mounted below the folder for a moment. */
    private static void delete(Path folder) throws IOException, InterruptedException {
        for (String[] command : new String[][] {
            {"umount", "--recursive", "--lazy", folder.resolve("data").toString()},
            {"rm", "-rf", "--one-file-system", folder.toString()}
        }) {
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }
}
