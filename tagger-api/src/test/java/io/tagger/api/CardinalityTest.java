package io.tagger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CardinalityTest {
    @ParameterizedTest
    @CsvSource({
        "low, LOW",
        "LOW, LOW",
        "orchestrator, ORCHESTRATOR",
        "orch, ORCHESTRATOR",
        "Orch, ORCHESTRATOR",
        "high, HIGH"
    })
    void parse_knownName_inAnyCase(String text, Cardinality expected) {
        assertThat(Cardinality.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "medium", "lo", " low", "0"})
    void parse_anythingElse_isRefusedWithTheTextAndTheChoices(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cardinality.parse(text))
                .withMessageContaining("'" + text + "'")
                .withMessageContaining("low, orchestrator (or orch) or high");
    }

    @Test
    void order_isLowOrchestratorHigh() {
        assertThat(Cardinality.values()).containsExactly(Cardinality.LOW, Cardinality.ORCHESTRATOR, Cardinality.HIGH);
    }
}
