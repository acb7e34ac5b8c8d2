package io.tagger.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The measurements so far: for each run one score per round of the suite. Not thread-safe. */
final class Results {
    /**
     * The result of one fork.
     *
     * @param time the time of a call, in the benchmark's unit
     * @param unit the unit of the time
     * @param bytes the bytes allocated by a call
     */
    record Score(double time, String unit, double bytes) {}

    private final Map<Run, List<Score>> scores = new LinkedHashMap<>();

    void add(Run run, Score score) {
        scores.computeIfAbsent(run, key -> new ArrayList<>()).add(score);
    }

    List<Score> of(Run run) {
        return scores.getOrDefault(run, List.of());
    }

    Set<Run> runs() {
        return scores.keySet();
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
