package io.tagger.api.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    @ParameterizedTest
    @CsvSource({"1, 0.0, 1000", "1, 0.5, 1125", "3, 0.0, 4000", "6, 0.0, 30000", "6, 1.0, 22500", "1000000, 0.5, 26250"
    })
    void pause_doublesUpToTheLongest_andIsStretched(int failures, double random, long millis) {
        assertThat(backoff.pause(failures, random)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void pause_ofItself_staysWithinTheStretch() {
        assertThat(backoff.pause(2)).isBetween(Duration.ofMillis(2_000), Duration.ofMillis(2_500));
    }

    @ParameterizedTest
    @CsvSource({"PT0S, PT1S", "PT-1S, PT1S", "PT2S, PT1S", "PT0.0001S, PT1S"})
    void bounds_thatMakeNoSense_areRefused(Duration first, Duration longest) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Backoff(first, longest))
                .withMessageContaining(first.toString());
    }
}
