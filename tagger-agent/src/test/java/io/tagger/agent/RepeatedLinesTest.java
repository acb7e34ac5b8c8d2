package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RepeatedLinesTest {
    private static final String TIME = "2026-11-26T10:00:00.000+00:00 ";

    private final AtomicLong now = new AtomicLong();
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
    private final RepeatedLines repeated =
            new RepeatedLines(new PrintStream(passed, true, StandardCharsets.UTF_8), now::get);
    private final PrintStream log = new PrintStream(repeated, true, StandardCharsets.UTF_8);

    private List<String> lines() {
        return passed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    @Test
    void lineThatComesAgain_isTold_onceIn30Seconds_withTheCount() {
        for (int i = 0; i < 100; i++) {
            log.println(TIME + "WARN Server - request " + i + " failed");
        }
        log.println(TIME + "INFO other");
        assertThat(lines()).containsExactly(TIME + "WARN Server - request 0 failed", TIME + "INFO other");
        advance(Duration.ofSeconds(29));
        log.println(TIME + "WARN Server - request 7 failed");
        assertThat(lines()).hasSize(2);
        advance(Duration.ofSeconds(1));
        log.println(TIME + "WARN Server - request 8 failed");

        assertThat(lines().subList(2, lines().size()))
                .containsExactly(
                        TIME + "WARN Server - request 0 failed (100 more times)",
                        TIME + "WARN Server - request 8 failed");
    }

    @Test
    void stackTraces_shareTheFateOfTheirLine() {
        for (int i = 0; i < 3; i++) {
            log.println(TIME + "ERROR it failed");
            new IllegalStateException("because").printStackTrace(log);
        }
        log.println(TIME + "INFO next");
        log.println("a line without a time");

        assertThat(lines().stream().filter(line -> line.contains("because"))).hasSize(1);
        assertThat(lines()).endsWith(TIME + "INFO next", "a line without a time");
    }

    /** Netty prints the id of a channel as a hexadecimal number. */
    @Test
    void hexadecimalNumbers_areNumbers() {
        for (String id : new String[] {"0x3f2a9c01", "0xdeadbeef", "0x00000001"}) {
            log.println(TIME + "WARN Acceptor - Failed to register an accepted channel: [id: " + id + ", L:a - R:b]");
            log.println(TIME + "WARN Docker - container " + (id.substring(2) + "a").repeat(7) + " can't be read");
        }

        assertThat(lines()).hasSize(2);
    }

    @Test
    void counts_areToldWithoutAFurtherLine_andAtTheEnd() {
        log.println(TIME + "WARN first 1");
        log.println(TIME + "WARN first 2");
        advance(Duration.ofSeconds(30));
        repeated.tell();
        assertThat(lines()).endsWith(TIME + "WARN first 1 (1 more times)");
        log.println(TIME + "WARN second 1");
        log.println(TIME + "WARN second 2");
        repeated.end();

        assertThat(lines()).endsWith(TIME + "WARN second 1 (1 more times)");
    }

    @Test
    void lineOfAPlugin_withoutATime_isNoStackTrace() {
        log.println(TIME + "WARN first 1");
        log.println(TIME + "WARN first 2");
        log.println("a plugin's own words");

        assertThat(lines()).endsWith("a plugin's own words");
    }

    @Test
    void manyDifferentLines_costABoundedMemory_andNoneIsLost() {
        for (int i = 0; i < 5_000; i++) {
            String word = Integer.toString(i, 36).replaceAll("\\d", "z") + "x".repeat(i % 50) + (char) ('a' + i % 26);
            log.println(TIME + word);
            log.println(TIME + word);
        }

        assertThat(lines().size()).isGreaterThan(1_000);
        assertThat(lines()).anyMatch(line -> line.contains("more times)"));
    }

    @Test
    void unicode_andAnEndlessLine_pass() {
        log.println("\u00e9\ud83d\ude00");
        log.print("x".repeat(200_000));
        log.println();

        assertThat(lines()).contains("\u00e9\ud83d\ude00");
        assertThat(String.join("", lines())).hasSize(200_000 + 3);
    }
}
