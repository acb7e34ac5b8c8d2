package io.tagger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class PlanTest {
    @Test
    void full_hasEveryBenchmark() {
        assertThat(names(Plan.full())).isEqualTo(all());
    }

    @Test
    void smoke_hasEveryBenchmark() {
        assertThat(names(Plan.smoke())).isEqualTo(all());
    }

    @Test
    void quick_hasWhatTheBarsNeed() {
        for (Bar bar : Plan.bars()) {
            assertThat(Plan.quick()).as(bar.what()).contains(bar.measured());
            if (bar.against() != null) {
                assertThat(Plan.quick()).as(bar.what()).contains(bar.against());
            }
        }
    }

    @Test
    void bars_haveDifferentWords() {
        assertThat(Plan.bars().stream().map(Bar::what)).doesNotHaveDuplicates();
    }

    private static Set<String> names(List<Run> runs) {
        return runs.stream().map(Run::benchmark).collect(Collectors.toSet());
    }

    private static Set<String> all() {
        return BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
                .stream()
                .map(entry -> entry.getUsername().replace(PlanTest.class.getPackageName() + ".", ""))
                .collect(Collectors.toSet());
    }
}
