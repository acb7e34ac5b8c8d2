package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiVersionTest {
    @ParameterizedTest(name = "{0}: {1} to {2} -> {3}")
    @CsvSource({
        "engine 20.10, 1.12, 1.41, 1.41",
        "engine 25, 1.24, 1.44, 1.44",
        "engine 29, 1.44, 1.53, 1.44",
        "one to come, 1.60, 1.75, 1.60",
        "another major, 2.0, 2.3, 2.0"
    })
    void negotiate_takesAVersionThatBothKnow(String engine, String oldest, String newest, String expected) {
        assertThat(ApiVersion.negotiate(ApiVersion.parse(oldest), ApiVersion.parse(newest)))
                .hasToString(expected);
    }

    @Test
    void parse_anythingElse_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ApiVersion.parse(""));
        assertThatIllegalArgumentException().isThrownBy(() -> ApiVersion.parse("1"));
        assertThatIllegalArgumentException().isThrownBy(() -> ApiVersion.parse("1.x"));
    }
}
