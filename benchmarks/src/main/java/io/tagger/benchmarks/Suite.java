package io.tagger.benchmarks;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Makes JMH execute the runs in rounds: every run once, in a separate JVM, then all of them again. A disturbance of
 * some minutes then disturbs a run and its baseline alike, and shows as the spread of the ratios.
 */
final class Suite {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final long HEAP_ENTITIES = 1_000_000;

    /** Touched before: the first use of a memory page costs a writer more than the write. */
    private static final String[] HEAP = {"-Xms2g", "-Xmx2g", "-XX:+AlwaysPreTouch"};

    private static final String[] LARGE_HEAP = {"-Xmx8g"};
    private static final int PRUNES = 200;

    /** The effort of a suite. */
    enum Effort {
        /** Once, in this JVM: only shows that the run works. */
        SMOKE(1, 0, 10),
        /** Minutes. */
        QUICK(3, 2, 400),
        /** Hours. */
        FULL(5, 5, 1_000);

        final int rounds;
        private final int warmups;
        private final int millis;

        Effort(int rounds, int warmups, int millis) {
            this.rounds = rounds;
            this.warmups = warmups;
            this.millis = millis;
        }
    }

    private final Effort effort;
    private final PrintWriter progress;

    Suite(Effort effort, PrintWriter progress) {
        this.effort = effort;
        this.progress = progress;
    }

    Results run(List<Run> runs) throws RunnerException {
        Results results = new Results();
        int total = runs.size() * effort.rounds;
        int done = 0;
        long begin = System.nanoTime();
        for (int round = 0; round < effort.rounds; round++) {
            for (Run run : runs) {
                Results.Score score = score(run);
                results.add(run, score);
                done++;
                Duration left = Duration.ofNanos((System.nanoTime() - begin) / done * (total - done));
                progress.printf(
                        "[%d/%d, %d:%02d left] %s: %.1f %s%n",
                        done, total, left.toMinutes(), left.toSecondsPart(), run, score.time(), score.unit());
                progress.flush();
            }
        }
        return results;
    }

    private Results.Score score(Run run) throws RunnerException {
        Collection<RunResult> results = new Runner(options(run).build()).run();
        if (results.size() != 1) {
            throw new IllegalStateException(results.size() + " results instead of one of " + run);
        }
        RunResult result = results.iterator().next();
        Result<?> time = result.getPrimaryResult();
        Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
        return new Results.Score(time.getScore(), time.getScoreUnit(), bytes == null ? Double.NaN : bytes.getScore());
    }

    private ChainedOptionsBuilder options(Run run) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + (Suite.class.getPackageName() + "." + run.benchmark()).replace(".", "\\.") + "$")
                .threads(run.threads())
                .forks(effort == Effort.SMOKE ? 0 : 1)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .addProfiler(GCProfiler.class)
                .jvmArgs(run.entities() >= HEAP_ENTITIES ? LARGE_HEAP : HEAP);
        run.params().forEach((name, value) -> options.param(name, value));
        boolean real = effort != Effort.SMOKE;
        if (run.benchmark().startsWith("Prune")) { // a single call each
            options.warmupIterations(real ? PRUNES : 0).measurementIterations(real ? PRUNES : 1);
        } else {
            boolean writes = !run.benchmark().startsWith("Handle")
                    && !run.benchmark().startsWith("Unknown")
                    && !run.params().getOrDefault("writer", "").equals("false");
            // A writer has more to compile, and collects garbage now and then.
            TimeValue iteration = TimeValue.milliseconds(writes ? effort.millis * 2 : effort.millis);
            options.warmupIterations(writes ? effort.warmups * 3 : effort.warmups)
                    .warmupTime(iteration)
                    .measurementIterations(1 + effort.warmups)
                    .measurementTime(iteration);
        }
        return options;
    }
}
