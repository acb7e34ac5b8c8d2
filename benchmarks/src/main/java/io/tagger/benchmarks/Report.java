package io.tagger.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of results, as text and as JSON. */
final class Report {
    private final PrintWriter out;

    Report(PrintWriter out) {
        this.out = out;
    }

    void runs(Results results) {
        out.printf("%n%-118s %14s %10s%n", "benchmark", "median", "B/op");
        for (Run run : results.runs()) {
            Results.Score any = results.of(run).get(0);
            out.printf(
                    "%-118s %9.1f %-5s %9.1f%n",
                    run, time(results, run), any.unit().replace("/op", ""), bytes(results, run));
        }
    }

    /** Prints the bars with complete runs; returns whether all of these bars are met. */
    boolean bars(Results results) {
        boolean met = true;
        out.printf("%n%-82s %8s %16s %10s%n", "bar", "median", "from .. to", "");
        for (Bar bar : Plan.bars()) {
            List<Double> values = bar.values(results);
            if (!values.isEmpty()) {
                double value = Results.median(values);
                met &= bar.isMetBy(value);
                out.printf(
                        "%-82s %8.2f %7.2f .. %5.2f %10s  %s%n",
                        bar.what(),
                        value,
                        values.stream().min(Double::compare).orElseThrow(),
                        values.stream().max(Double::compare).orElseThrow(),
                        bar.bound(),
                        bar.isMetBy(value) ? "ok" : "MISSED");
            }
        }
        out.flush();
        return met;
    }

    boolean memory(List<Memory.Line> lines) {
        boolean met = true;
        out.printf("%n%-12s %22s %24s %8s%n", "containers", "bytes for each, ours", "straightforward layout", "part");
        for (Memory.Line line : lines) {
            met &= line.isMet();
            out.printf(
                    "%,-12d %22.0f %24.0f %8.2f  < %d, < %.2f  %s%n",
                    line.entities(),
                    line.striped(),
                    line.plain(),
                    line.part(),
                    Memory.MOST,
                    Memory.PART,
                    line.isMet() ? "ok" : "MISSED");
        }
        out.flush();
        return met;
    }

    void write(Path file, Results results, List<Memory.Line> memory) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("machine", Machine.facts());
        List<Object> runs = new ArrayList<>();
        for (Run run : results.runs()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("benchmark", run.benchmark());
            object.put("params", run.params());
            object.put("threads", run.threads());
            object.put("unit", results.of(run).get(0).unit());
            object.put("median", time(results, run));
            object.put(
                    "scores", results.of(run).stream().map(Results.Score::time).toList());
            object.put("bytes", bytes(results, run));
            runs.add(object);
        }
        json.put("runs", runs);
        List<Object> bars = new ArrayList<>();
        for (Bar bar : Plan.bars()) {
            List<Double> values = bar.values(results);
            if (!values.isEmpty()) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("what", bar.what());
                object.put("median", Results.median(values));
                object.put("values", values);
                object.put("bar", bar.bound());
                object.put("met", bar.isMetBy(Results.median(values)));
                bars.add(object);
            }
        }
        json.put("bars", bars);
        json.put("memory", memory);
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json);
        out.printf("%nall of it: %s%n", file);
        out.flush();
    }

    private static double time(Results results, Run run) {
        return Results.median(results.of(run).stream().map(Results.Score::time).toList());
    }

    private static double bytes(Results results, Run run) {
        return Results.median(results.of(run).stream().map(Results.Score::bytes).toList());
    }
}
