package io.tagger.runtime.builtin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.RecordingSink;
import io.tagger.testkit.TestContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostCollectorTest extends CollectorContractTest {
    @Override
    protected Collector collector() {
        return new HostCollector();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of();
    }

    @Test
    void pull_tagsThisMachine_once() throws Exception {
        HostCollector collector = new HostCollector();
        RecordingSink sink = new RecordingSink("host");
        try (TestContext context = new TestContext(Map.of())) {
            collector.detect(context);
            collector.pull(sink);
            collector.pull(sink);
            assertThat(sink.infos()).hasSize(1);
            context.deletedByAnother(EntityId.host("test-host"));
            collector.pull(sink);
            assertThat(sink.infos())
                    .as("after the deletion by another collector")
                    .hasSize(2);
        }
        TagInfo info = sink.state().get(EntityId.host("test-host"));
        assertThat(info.low())
                .contains(
                        "host:test-host",
                        "architecture:" + System.getProperty("os.arch"),
                        "kernel_version:" + System.getProperty("os.version"))
                .anyMatch(tag -> tag.startsWith("os:") && tag.equals(tag.toLowerCase(Locale.ROOT)));
        assertThat(info.high()).isEmpty();
    }

    @Test
    void release_isTheVersionIdWithoutQuotes() {
        assertThat(HostCollector.release(List.of("ID=debian", "VERSION_ID=\"12\"")))
                .isEqualTo("12");
        assertThat(HostCollector.release(List.of("VERSION_ID='3.19.1'"))).isEqualTo("3.19.1");
        assertThat(HostCollector.release(List.of("VERSION_ID=40"))).isEqualTo("40");
        assertThat(HostCollector.release(List.of("ID=arch"))).isEmpty();
    }
}
