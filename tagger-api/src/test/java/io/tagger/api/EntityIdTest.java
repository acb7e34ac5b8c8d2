package io.tagger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityIdTest {
    @ParameterizedTest
    @CsvSource({
        "container_id://3f4a, container_id, 3f4a",
        "a://b, a, b",
        "deployment://ns/name, deployment, ns/name",
        "x9_://a://b, x9_, a://b",
        "host://::, host, ::",
        "kubernetes_metadata:///namespaces//prod, kubernetes_metadata, /namespaces//prod"
    })
    void parse_splitsAtTheFirstSeparator(String text, String prefix, String id) {
        EntityId entity = EntityId.parse(text);

        assertThat(entity.prefix()).isEqualTo(prefix);
        assertThat(entity.id()).isEqualTo(id);
        assertThat(entity)
                .hasToString(text)
                .isEqualTo(EntityId.of(prefix, id))
                .hasSameHashCodeAs(EntityId.of(prefix, id));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "container_id",
                "container_id:/x",
                "://x",
                "container_id://",
                "Container://x",
                "9a://x",
                "_a://x",
                "a-b://x",
                "é://x"
            })
    void parse_malformed_isRefusedWithTheText(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityId.parse(text))
                .withMessageContaining("'" + text + "'");
    }

    @Test
    void parse_malformedAndHuge_quotesOnlyTheBeginning() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityId.parse("x".repeat(1 << 20)))
                .satisfies(error ->
                        assertThat(error.getMessage()).hasSizeLessThan(400).contains("1048576 characters"));
    }

    @Test
    void length_isBoundedInBytes() {
        for (String letter : List.of("x", "\u00e4", "\u20ac", "\ud83d\ude00")) {
            int most = (512 - "host://".length()) / letter.getBytes(StandardCharsets.UTF_8).length;
            assertThat(EntityId.parse("host://" + letter.repeat(most)).id()).hasSize(most * letter.length());
            for (Runnable over : List.<Runnable>of(
                    () -> EntityId.parse("host://" + letter.repeat(most + 1)),
                    () -> EntityId.host(letter.repeat(most + 1)))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(over::run)
                        .withMessageContaining("it has more than 512 bytes");
            }
        }
    }

    @Test
    void factories_useTheWellKnownPrefixes() {
        assertThat(EntityId.container("c")).hasToString("container_id://c");
        assertThat(EntityId.pod("p")).hasToString("kubernetes_pod_uid://p");
        assertThat(EntityId.ecsTask("t")).hasToString("ecs_task://t");
        assertThat(EntityId.host("h")).hasToString("host://h");
        assertThat(EntityId.process(7)).hasToString("process://7");
        assertThat(EntityId.image("i")).hasToString("container_image_metadata://i");
        assertThat(EntityId.deployment("ns", "d")).hasToString("deployment://ns/d");
        assertThat(EntityId.kubernetesMetadata("apps", "deployments", "ns", "d"))
                .hasToString("kubernetes_metadata://apps/deployments/ns/d");
        assertThat(EntityId.GLOBAL).hasToString("internal://global-entity-id");
    }

    @Test
    void equality_isThatOfTheText() {
        assertThat(EntityId.container("c")).isNotEqualTo(EntityId.pod("c")).isNotEqualTo("container_id://c");
        assertThat(EntityId.container("a")).isLessThan(EntityId.container("b"));
    }

    @Test
    void filter_prefixThatCanBeNone_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityFilter.prefixes("container_id", "No-Prefix"))
                .withMessageContaining("No-Prefix");
    }

    @Test
    void filter_noPrefix_isEverything() {
        assertThat(EntityFilter.prefixes().matches(EntityId.host("h"))).isTrue();
        assertThat(EntityFilter.prefixes("host", "host").matches(EntityId.host("h")))
                .isTrue();
        assertThat(EntityFilter.prefixes("host").matches(EntityId.pod("h"))).isFalse();
    }
}
