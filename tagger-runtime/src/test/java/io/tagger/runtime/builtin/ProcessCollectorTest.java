package io.tagger.runtime.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.FakeTagger;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessCollectorTest extends CollectorContractTest {
    private static final String ID = "3f4ab09c".repeat(8);
    private static final EntityId SEVEN = EntityId.process(7);

    @TempDir
    Path directory;

    private final RecordingSink sink = new RecordingSink("process");
    private final FakeTagger tagger = new FakeTagger();
    private final ProcessCollector collector = new ProcessCollector();
    private final AtomicBoolean isAsking = new AtomicBoolean();
    private TestContext context;

    @BeforeEach
    void detect() throws Exception {
        Files.createDirectory(directory.resolve("self"));
        context = new TestContext(Map.of("folder", directory.toString()))
                .lookingUp(entity -> isAsking.get()
                        ? new CompletableFuture<>()
                        : CompletableFuture.completedFuture(tagger.entity(entity)));
        collector.detect(context);
    }

    @AfterEach
    void close() {
        context.close();
    }

    @Override
    protected Collector collector() {
        return new ProcessCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("folder", "/proc");
    }

    private void process(long pid, long start, String cgroup, String name) throws IOException {
        Path process = Files.createDirectories(directory.resolve(Long.toString(pid)));
        Files.writeString(process.resolve("stat"), pid + " (" + name + ") S " + "1 ".repeat(18) + start + " 0\n");
        Files.writeString(process.resolve("cgroup"), "0::" + cgroup + "\n");
        Files.writeString(process.resolve("status"), "Name:\t" + name + "\nUid:\t1000\t0\t0\t0\n");
    }

    private void end(long pid) throws IOException {
        for (String file : List.of("stat", "cgroup", "status")) {
            Files.delete(directory.resolve(pid + "/" + file));
        }
    }

    private TagInfo fetched(EntityId entity) throws Exception {
        return collector.fetch(entity).get(0);
    }

    @Test
    void service_hasItsUnitLow_andASessionHasItHigh() throws Exception {
        process(7, 55, "/system.slice/sshd.service", "sshd");
        process(8, 55, "/user.slice/user-1000.slice/session-3.scope", "bash");

        assertThat(fetched(SEVEN).low()).containsExactly("process_name:sshd", "systemd_unit:sshd.service", "user:1000");
        assertThat(fetched(EntityId.process(8)).low()).containsExactly("process_name:bash", "user:1000");
        assertThat(fetched(EntityId.process(8)).high()).containsExactly("systemd_unit:session-3.scope");
        process(9, 55, "/system.slice/run-r1f2.service", "job");
        assertThat(fetched(EntityId.process(9)).high()).containsExactly("systemd_unit:run-r1f2.service");
    }

    @Test
    void processOfAContainer_hasAllTagsOfTheContainer_andFollowsThem() throws Exception {
        EntityId container = EntityId.container(ID);
        tagger.set(TagInfo.builder("docker", container)
                .low("image_name", "web")
                .standard("env", "prod")
                .orchestrator("pod_name", "p")
                .high("container_id", ID)
                .build());
        process(7, 55, "/system.slice/docker-" + ID + ".scope", "java");
        TagInfo info = fetched(SEVEN);
        assertThat(info.low()).containsExactly("env:prod", "image_name:web", "process_name:java", "user:1000");
        assertThat(info.orchestrator()).containsExactly("pod_name:p");
        assertThat(info.high()).containsExactly("container_id:" + ID);
        assertThat(info.standard()).containsExactly("env:prod");
        assertThat(info.complete()).isTrue();
        collector.pull(sink); // sends once more what a fetch beside the pull may have overtaken
        int sent = sink.infos().size();
        collector.pull(sink);
        assertThat(sink.infos()).as("nothing has changed").hasSize(sent);
        tagger.set(
                TagInfo.builder("docker", container).low("image_name", "web2").build());
        collector.pull(sink);

        assertThat(sink.state().get(SEVEN).low()).contains("image_name:web2");
    }

    /** The collectors of containers are asked again from time to time; meanwhile the tags stay. */
    @Test
    void containerThatIsAskedAbout_keepsItsTags() throws Exception {
        tagger.set(TagInfo.builder("docker", EntityId.container(ID))
                .low("image_name", "web")
                .build());
        process(7, 55, "/docker/" + ID, "java");
        fetched(SEVEN);
        isAsking.set(true);
        for (int i = 0; i < 12; i++) {
            collector.pull(sink);
        }

        assertThat(sink.infos()).allMatch(info -> info.low().contains("image_name:web") && info.complete());
        assertThat(fetched(SEVEN).low()).contains("image_name:web");
    }

    @Test
    void containerThatIsNotComplete_makesTheProcessIncomplete() throws Exception {
        tagger.set(TagInfo.builder("docker", EntityId.container(ID))
                .low("image_name", "web")
                .incomplete()
                .build());
        process(7, 55, "/docker/" + ID, "java");

        assertThat(fetched(SEVEN).complete()).isFalse();
    }

    @Test
    void endOfAProcess_endsTheTags_andTheNextProcessWithTheNumberHasItsOwn() throws Exception {
        process(7, 55, "/system.slice/sshd.service", "sshd");
        fetched(SEVEN);
        end(7);
        collector.pull(sink);
        assertThat(sink.infos().get(0).isEmpty()).as("the tags go at once").isTrue();
        assertThat(sink.infos().get(1).deleteEntity()).isTrue();
        process(7, 99, "/system.slice/cron.service", "cron");
        collector.pull(sink);

        assertThat(sink.state().get(SEVEN).low()).contains("process_name:cron", "systemd_unit:cron.service");
    }

    @Test
    void processThatWasNotThere_isReportedWhenItStarts() throws Exception {
        assertThat(collector.fetch(SEVEN)).isEmpty();
        process(7, 55, "/init.scope", "late");
        collector.pull(sink);

        assertThat(sink.state().get(SEVEN).low()).contains("process_name:late");
    }

    @Test
    void processesOverTheBound_giveWay_theFirstAskedForFirst() throws Exception {
        process(7, 55, "/init.scope", "first");
        fetched(SEVEN);
        for (int i = 0; i < 4_096; i++) {
            collector.fetch(EntityId.process(100_000 + i));
        }
        collector.pull(sink);
        assertThat(sink.infos())
                .as("numbers without a process do not push a process out")
                .doesNotContain(TagInfo.deletion("process", SEVEN));
        for (int i = 0; i < 4_096; i++) {
            process(200_000 + i, 55, "/init.scope", "more");
            collector.fetch(EntityId.process(200_000 + i));
        }
        collector.pull(sink);
        assertThat(sink.infos()).contains(TagInfo.deletion("process", SEVEN));
        int sent = sink.infos().size();
        process(7, 56, "/init.scope", "again");
        collector.pull(sink);

        assertThat(sink.infos().subList(sent, sink.infos().size()))
                .as("no longer looked at")
                .noneMatch(info -> info.entity().equals(SEVEN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x", "07", "99999999999", "../7", "self"})
    void idThatIsNoProcessNumber_isNoProcess(String id) throws Exception {
        process(7, 55, "/init.scope", "first");

        assertThat(collector.fetch(EntityId.of(EntityId.PROCESS, id))).isEmpty();
    }

    /** The test's own process, in the real /proc: nothing of the command line is collected. */
    @Test
    void realProcess() throws Exception {
        ProcessCollector real = new ProcessCollector();
        try (TestContext all = new TestContext(Map.of())) {
            real.detect(all);
            List<TagInfo> infos =
                    real.fetch(EntityId.process(ProcessHandle.current().pid()));

            assertThat(infos.get(0).low()).contains("process_name:java").noneMatch(tag -> tag.contains("-X"));
        }
    }
}
