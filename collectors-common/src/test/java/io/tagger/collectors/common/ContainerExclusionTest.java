package io.tagger.collectors.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The setting tagger.container.exclude. */
class ContainerExclusionTest {
    private static final ContainerExclusion.Facts WEB = ContainerExclusion.Facts.ofRuntime(
            "registry.local/shop/web:7",
            "k8s_web_web-1",
            Map.of(
                    "io.kubernetes.pod.namespace", "shop",
                    "io.kubernetes.container.name", "web",
                    "com.acme.tagger", "off"));

    @ParameterizedTest
    @CsvSource({
        "image:registry.local/shop/*, true",
        "image:*/web:?, true",
        "image:web, false",
        "name:k8s_web_*, true",
        "name:web, true",
        "name:we, false",
        "namespace:shop, true",
        "'namespace:{shop,kube-system}', true",
        "namespace:kube-*, false",
        "label:com.acme.tagger, true",
        "label:com.acme.tagger=off, true",
        "label:com.acme.tagger=o*, true",
        "label:com.acme.tagger=on, false",
        "label:com.acme, false",
    })
    void rule_leavesOut(String rule, boolean isLeftOut) {
        assertThat(ContainerExclusion.of(List.of(rule)).ruleFor(WEB).isPresent())
                .isEqualTo(isLeftOut);
    }

    @Test
    void firstMatchingRule_isNamed() {
        ContainerExclusion rules = ContainerExclusion.of(List.of("namespace:kube-*", "name:web", "image:*"));

        assertThat(rules.ruleFor(WEB)).contains("tagger.container.exclude \"name:web\"");
        assertThat(ContainerExclusion.NONE.ruleFor(WEB)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "web, 'the rule ''web'' must be image:GLOB, name:GLOB'",
        "images:web, 'the rule ''images:web'' must be'",
        "name:, has nothing behind the colon",
        "image:[a, has a wrong glob",
    })
    void wrongRule_isRefused_withItsText(String rule, String message) {
        assertThatThrownBy(() -> ContainerExclusion.of(List.of(rule)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tagger.container.exclude")
                .hasMessageContaining(message);
    }
}
