package io.tagger.benchmarks;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A promise about a figure.
 *
 * @param what the promise in words
 * @param figure the kind of figure
 * @param measured the measured run
 * @param against the baseline run; null for an absolute figure
 * @param limit the limit of the figure, an upper or a lower limit
 */
record Bar(
        String what, Figure figure, Run measured, @Nullable Run against, double limit) {
    enum Figure {
        /** The time against the baseline's. */
        TIMES,
        /** The baseline's time against the time: how many times faster. */
        FASTER,
        /** Calls in a second by all threads together against the baseline's. */
        THROUGHPUT,
        /** Nanoseconds. */
        NANOSECONDS,
        /** Milliseconds for a round of {@link IngestBenchmark#ROUND} batches. */
        ROUND,
        /** Bytes allocated by a call in excess of the baseline's call. */
        BYTES;

        boolean isAtLeast() {
            return this == FASTER || this == THROUGHPUT;
        }
    }

    /** The figure in each round of the suite. */
    List<Double> values(Results results) {
        List<Results.Score> own = results.of(measured);
        List<Results.Score> base = against == null ? own : results.of(against);
        double[] values = new double[Math.min(own.size(), base.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(own.get(i), base.get(i));
        }
        return Arrays.stream(values).boxed().toList();
    }

    private double value(Results.Score own, Results.Score base) {
        return switch (figure) {
            case TIMES -> own.time() / base.time();
            case FASTER -> base.time() / own.time();
            case THROUGHPUT ->
                measured.threads() / own.time() * base.time() / (against == null ? 1 : against.threads());
            case NANOSECONDS -> own.time();
            case ROUND -> own.time() * IngestBenchmark.ROUND / 1_000; // of microseconds
            case BYTES -> against == null ? own.bytes() : own.bytes() - base.bytes();
        };
    }

    boolean isMetBy(double value) {
        return figure.isAtLeast() ? value >= limit : value <= limit;
    }

    String bound() {
        String unit =
                switch (figure) {
                    case TIMES, FASTER, THROUGHPUT -> " x";
                    case NANOSECONDS -> " ns";
                    case ROUND -> " ms";
                    case BYTES -> " B";
                };
        return (figure.isAtLeast() ? ">= " : "<= ") + limit + unit;
    }
}
