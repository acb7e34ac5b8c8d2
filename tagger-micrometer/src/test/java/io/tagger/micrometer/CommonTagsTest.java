package io.tagger.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.testkit.FakeTagger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommonTagsTest {
    private static final EntityId CONTAINER = EntityId.container("c1");

    private final FakeTagger tagger = new FakeTagger();

    private void container() {
        tagger.setSelf(CONTAINER);
        tagger.set(TagInfo.builder("test", CONTAINER)
                .standard("env", "prod")
                .standard("env", "dev")
                .low("team", "core")
                .low("pod_phase", "running")
                .low("kube_service", "web")
                .tags(Cardinality.LOW, List.of("bare"))
                .orchestrator("pod_name", "web-1")
                .high("container_id", "c1")
                .build());
    }

    private CommonTags read() {
        return CommonTags.read(tagger, Duration.ofMillis(1));
    }

    @Test
    void low_isAllLowTagsWithoutThoseThatChange() {
        container();

        assertThat(read().low()).containsExactlyElementsOf(Tags.of("env", "dev", "team", "core"));
    }

    @Test
    void named_isOfAnyLevel() {
        container();

        assertThat(read().named(List.of("pod_name", "team", "absent")))
                .containsExactlyElementsOf(Tags.of("pod_name", "web-1", "team", "core"));
    }

    @Test
    void nobody_hasNoTags() {
        assertThat(read().low()).isEmpty();
        tagger.setSelf(CONTAINER);
        assertThat(read().low()).as("nothing known within the wait").isEmpty();
    }

    @Test
    void everyMeter_hasTheTags_andItsOwnWin() {
        container();
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().meterFilter(read().filter(List.of("team", "pod_name")));
        registry.counter("requests").increment();
        Counter.builder("jobs").tag("team", "own").register(registry).increment();

        assertThat(registry.scrape())
                .contains("requests_total{pod_name=\"web-1\",team=\"core\"} 1.0")
                .contains("jobs_total{pod_name=\"web-1\",team=\"own\"} 1.0");
    }
}
