package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.testkit.ManualTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The list shared by concurrent misses, with a clock moved by the test. */
class SharedListTest {
    private final ManualTime time = new ManualTime();
    private Duration back = Duration.ZERO;
    private final AtomicInteger asked = new AtomicInteger();
    private final List<Long> waits = new ArrayList<>();
    private final SharedList list = new SharedList(
            new PodSource() {
                @Override
                public List<Pod> pods(Duration timeout, UnaryOperator<Pod> keep) {
                    asked.incrementAndGet();
                    return List.of();
                }

                @Override
                public void close() {}
            },
            Duration.ofSeconds(1),
            UnaryOperator.identity(),
            new Clock() {
                @Override
                public Instant instant() {
                    return time.clock().instant().minus(back);
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            },
            Runnable::run,
            millis -> task -> {
                waits.add(millis);
                time.advance(Duration.ofMillis(millis));
                task.run();
            });

    @Test
    void secondQuestion_aSecondLater_waitsForNothing() throws Exception {
        list.pods();
        time.advance(Duration.ofSeconds(1));
        list.pods();

        assertThat(waits).isEmpty();
        assertThat(asked).hasValue(2);
    }

    @Test
    void questions_thatComeSooner_waitForTheRestOfTheSecond() throws Exception {
        list.pods();
        time.advance(Duration.ofMillis(300));
        list.pods();
        list.pods();

        assertThat(waits).containsExactly(700L, 1_000L);
        assertThat(asked).hasValue(3);
    }

    @Test
    void clockThatWasSetBack_holdsUpNobodyForLong() throws Exception {
        list.pods();
        back = Duration.ofHours(1);
        list.pods();

        assertThat(waits).containsExactly(1_000L);
    }
}
