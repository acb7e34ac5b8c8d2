package io.tagger.runtime.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorState;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.collect.Rig;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticCollectorTest extends CollectorContractTest {
    private static final EntityId C1 = EntityId.container("c1");

    @TempDir
    Path directory;

    private String progress = "";

    @Override
    protected Collector collector() {
        return new StaticCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return settings("tagger.tags = [\"rack:7\"]");
    }

    private static Map<String, Object> settings(String text) {
        return ConfigLayers.empty().text(text).build().collector("static");
    }

    @Test
    void tags_goOnTheHostAndTheGlobalEntity_low() throws Exception {
        RecordingSink sink = look("tagger.tags = [\"rack:7\", \"team:core\"]");

        assertThat(sink.state()).containsOnlyKeys(EntityId.host("test-host"), EntityId.GLOBAL);
        assertThat(sink.state().get(EntityId.GLOBAL).low()).containsExactly("rack:7", "team:core");
        assertThat(sink.state().get(EntityId.host("test-host")).low()).containsExactly("rack:7", "team:core");
    }

    @Test
    void entities_fromConfigurationAndFile_addUp_perLevel() throws Exception {
        Path file = file("entities { \"container_id://c1\" { high = [\"h:1\"], orchestrator = [\"o:1\"] } }");
        RecordingSink sink = look("tagger.collectors.static { file = \"" + file
                + "\", entities { \"container_id://c1\" { low = [\"l:1\"], standard = [\"env:prod\"] } } }");

        assertThat(sink.state().get(C1))
                .isEqualTo(TagInfo.builder("static", C1)
                        .low("l", "1")
                        .standard("env", "prod")
                        .orchestrator("o", "1")
                        .high("h", "1")
                        .build());
    }

    @Test
    void nothingConfigured_isAbsent() {
        try (TestContext context = new TestContext(settings(""))) {
            assertThatExceptionOfType(CollectorUnavailableException.class)
                    .isThrownBy(() -> new StaticCollector().detect(context))
                    .satisfies(error -> assertThat(error.isAbsent()).isTrue())
                    .withMessageContaining("tagger.tags");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "entities { \"no-entity\" { low = [\"a:b\"] } }            | no-entity",
                "entities { \"container_id://c1\" { low = [\"nocolon\"] } } | nocolon",
                "entities { \"container_id://c1\" { middle = [\"a:b\"] } }  | is no level",
                "entities { \"container_id://c1\" = x }                     | container_id://c1",
                "entities = []                                              | the block 'entities { }' is missing",
                "entitys { }                                                | unknown key",
                "entities { \"container_id://c1\" { low = [                 | entities.conf"
            })
    void badFile_isAnErrorThatNamesThePlace(String text, String expected) throws Exception {
        Path file = file(text);

        RecordingSink sink = look("tagger.collectors.static.file = \"" + file + "\"");

        assertThat(progress).contains(expected, "entities.conf", "stay served");
        assertThat(sink.infos()).isEmpty();
        assertThat(sink.syncs()).as("nothing is known yet").isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "include \"other.conf\"",
                "include file(\"/etc/passwd\")",
                "include url(\"http://127.0.0.1:1/x.conf\")",
                "include classpath(\"reference.conf\")",
                "include required(file(\"/etc/passwd\"))"
            })
    void include_isRefused(String include) throws Exception {
        Path file = file(include + "\nentities { \"container_id://c1\" { low = [\"a:b\"] } }");
        RecordingSink sink = look("tagger.collectors.static.file = \"" + file + "\"");

        assertThat(progress).contains("must not include another");
        assertThat(sink.infos()).isEmpty();
    }

    @Test
    void environment_isOutOfReach_andOwnSubstitutionsAreNot() throws Exception {
        Path file = file("entities { \"container_id://c1\" { low = [\"a:\"${PATH}] } }");
        assertThat(look("tagger.collectors.static.file = \"" + file + "\"").infos())
                .isEmpty();
        assertThat(progress).contains("PATH");
        file("team = core\nentities { \"container_id://c1\" { low = [\"team:\"${team}] } }");
        look("tagger.collectors.static.file = \"" + file + "\"");
        assertThat(progress).as("the key 'team' is not known").contains("unknown key 'team'");
        file(
                "entities { \"container_id://c1\" { low = [\"a:b\"] }, \"container_id://c2\" = ${entities.\"container_id://c1\"} }");

        assertThat(look("tagger.collectors.static.file = \"" + file + "\"").state())
                .hasSize(2);
    }

    @Test
    void fileThatDoublesItself_isRefused() throws Exception {
        StringBuilder text = new StringBuilder("entities { \"container_id://c1\" { low = [\"a:b\"");
        text.append("] }\n");
        for (int i = 2; i < 40; i++) {
            String before = "${entities.\"container_id://c" + (i - 1) + "\".low}";
            text.append("\"container_id://c" + i + "\" { low = " + before + " " + before + " }\n");
        }
        Path file = file(text + "}");
        look("tagger.collectors.static.file = \"" + file + "\"");

        assertThat(progress).contains("characters with all substitutions in place");
    }

    @Test
    void emptiedFile_isNoGoodState() throws Exception {
        Path file = file("");

        look("tagger.collectors.static.file = \"" + file + "\"");

        assertThat(progress).contains("entities { }");
    }

    @Test
    void tagsWithoutAValue_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> look("tagger.tags = [\"rack7\"]"))
                .withMessageContaining("tagger.tags: 'rack7' is no tag");
    }

    @Test
    void file_thatChanges_isReadAgain_andABrokenEditKeepsTheLastGoodState() throws Exception {
        Path file = file(
                "entities { \"container_id://c1\" { low = [\"v:1\"] }, \"container_id://c2\" { low = [\"v:1\"] } }");
        try (Rig rig = new Rig(
                "tagger.collectors.static { file = \"" + file + "\", poll-interval = 10ms }", StaticCollector::new)) {
            await().until(() -> rig.status("static").synced());
            assertThat(rig.tag(C1)).containsExactly("v:1");

            file("entities { \"container_id://c1\" { low = [\"v:2\"] } }");
            awaitTags(rig, "v:2");
            assertThat(rig.tag(EntityId.container("c2")))
                    .as("taken out of the file")
                    .isEmpty();

            file("entities { \"container_id://c1\" { low = [");
            await().until(() -> rig.status("static").reason().contains("entities.conf"));
            assertThat(rig.status("static").state()).isEqualTo(CollectorState.RUNNING);
            assertThat(rig.status("static").counters().starts()).isEqualTo(1);
            assertThat(rig.tagger.cached(C1, Cardinality.LOW)).containsExactly("v:2");

            file("entities { \"container_id://c3\" { low = [\"v:3\"] } }");
            await().until(() -> rig.tagger.cached(C1, Cardinality.LOW).isEmpty());
            assertThat(rig.status("static").reason()).isEmpty();
            assertThat(rig.tagger.cached(EntityId.container("c3"), Cardinality.LOW))
                    .containsExactly("v:3");

            Files.delete(file);
            await().until(() -> rig.status("static").reason().contains("does not exist"));
            assertThat(rig.tagger.cached(EntityId.container("c3"), Cardinality.LOW))
                    .containsExactly("v:3");
        }
    }

    @Test
    void brokenFile_atTheStart_isReadAtTheNextLookAfterItWasMended() throws Exception {
        Path file = file("entities {");
        try (Rig rig = new Rig(
                "tagger.collectors.static { file = \"" + file + "\", poll-interval = 10ms }", StaticCollector::new)) {
            await().until(() -> rig.status("static").reason().contains("entities.conf"));
            assertThat(rig.status("static").synced()).isFalse();
            assertThat(rig.tagger.status().ready()).isFalse();
            file("entities { \"container_id://c1\" { low = [\"v:1\"] } }");
            await().until(() -> rig.status("static").synced());

            assertThat(rig.tag(C1)).containsExactly("v:1");
            assertThat(rig.status("static").counters().failures()).isZero();
        }
    }

    @Test
    void check_tellsAllProblemsAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new StaticCollector()
                                .check(
                                        settings(
                                                "tagger { tags = [a, \"b:\"], collectors.static { file = /no/such, poll-interval = 500us,"
                                                        + " entities { nonsense { low = [] }, \"container_id://c\" { low = [x] } } } }")))
                .satisfies(error -> assertThat(error.getMessage().lines())
                        .hasSize(6)
                        .noneMatch(line -> line.contains("stay served")));
    }

    @Test
    void file_thatIsNamedAndNotThere_isRefusedByTheCheck() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StaticCollector()
                        .check(settings("tagger.collectors.static.file = \"" + directory.resolve("none.conf") + "\"")))
                .withMessageContaining("tagger.collectors.static.file is '")
                .withMessageContaining("no such file");
    }

    @Test
    void check_findsWhatIsWrongWithTheSettings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StaticCollector()
                        .check(settings("tagger.collectors.static.entities { nonsense { low = [] } }")))
                .withMessageContaining("nonsense");
        new StaticCollector().check(settings("tagger.tags = [\"a:b\"]"));
        new StaticCollector().check(settings(""));
    }

    @Test
    void look_atAnUnchangedFile_sendsNothing() throws Exception {
        StaticCollector collector = new StaticCollector();
        RecordingSink sink = new RecordingSink("static");
        try (TestContext context = new TestContext(settings("tagger.tags = [\"rack:7\"]"))) {
            collector.detect(context);
            collector.look(sink);
            collector.look(sink);
            assertThat(sink.infos()).hasSize(2);
            context.deletedByAnother(EntityId.GLOBAL);
            collector.look(sink);
            assertThat(sink.infos())
                    .as("after the deletion by another collector")
                    .hasSize(3);
        }
    }

    private static void awaitTags(Rig rig, String tag) {
        await().until(() -> rig.tagger.cached(C1, Cardinality.LOW).contains(tag));
    }

    private RecordingSink look(String configuration) throws Exception {
        StaticCollector collector = new StaticCollector();
        RecordingSink sink = new RecordingSink("static");
        try (TestContext context = new TestContext(settings(configuration))) {
            collector.detect(context);
            collector.look(sink);
            progress = context.progress();
        }
        return sink;
    }

    private Path file(String text) throws Exception {
        return Files.writeString(directory.resolve("entities.conf"), text);
    }
}
