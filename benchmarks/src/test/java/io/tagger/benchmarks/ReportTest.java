package io.tagger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final Bar HANDLE = Plan.bars().stream()
            .filter(bar -> bar.what().equals("TagHandle.tags"))
            .findFirst()
            .orElseThrow();
    private static final Bar THREADS = Plan.bars().stream()
            .filter(bar -> bar.figure() == Bar.Figure.THROUGHPUT)
            .findFirst()
            .orElseThrow();

    private final StringWriter text = new StringWriter();
    private final Report report = new Report(new PrintWriter(text));
    private final Results results = new Results();

    @Test
    void bar_withinItsLimit_isMet() {
        score(HANDLE.measured(), 1.1, 1.7, 1.2);
        assertThat(report.bars(results)).isTrue();
        assertThat(text.toString()).containsPattern("TagHandle.tags +1.20 +1.10 .. +1.70 +<= 1.5 ns  ok");
    }

    @Test
    void bar_beyondItsLimit_isMissed() {
        score(HANDLE.measured(), 1.6, 1.7, 1.2);
        assertThat(report.bars(results)).isFalse();
        assertThat(text.toString()).contains("MISSED");
    }

    @Test
    void throughput_ofTwoThreads_countsBoth() {
        score(THREADS.measured(), 11);
        score(THREADS.against(), 10);
        assertThat(THREADS.values(results)).hasSize(1);
        assertThat(THREADS.values(results).get(0)).isCloseTo(2 * 10 / 11.0, within(1e-9));
        assertThat(THREADS.isMetBy(1.82)).isTrue();
        assertThat(THREADS.isMetBy(1.79)).isFalse();
    }

    @Test
    void json_hasTheMachineTheRunsAndTheBars(@TempDir Path folder) throws IOException {
        score(HANDLE.measured(), 1.1);
        Path file = folder.resolve("deeper/quick.json");
        report.write(file, results, List.of(new Memory.Line(1_000, 900, 3_000)));
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.at("/machine/processors").asInt())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(json.at("/runs/0/benchmark").asText()).isEqualTo("HandleBenchmark.handle");
        assertThat(json.at("/bars/0/met").asBoolean()).isTrue();
        assertThat(json.at("/memory/0/striped").asInt()).isEqualTo(900);
    }

    private void score(Run run, double... times) {
        for (double time : times) {
            results.add(run, new Results.Score(time, "ns/op", 0));
        }
    }
}
