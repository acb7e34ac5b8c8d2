package io.tagger.javaagent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.client.FirstQuestion;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void noOptions_areTheDefaults() {
        assertThat(Options.parse("")).isEqualTo(new Options(Optional.empty(), FirstQuestion.DEFAULT_WAIT, false, ""));
    }

    @Test
    void options_areReadInAnyOrder() {
        assertThat(Options.parse("log, wait=2s ,agent=unix:/run/a=b.sock"))
                .isEqualTo(new Options(Optional.of("unix:/run/a=b.sock"), Duration.ofSeconds(2), true, ""));
    }

    @Test
    void unknownOption_isAProblem_andTheOthersCount() {
        Options options = Options.parse("verbose,wait=1s");

        assertThat(options.problem()).contains("no option 'verbose'", "agent=ADDRESS", "wait=TIME", "log");
        assertThat(options.patience()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void waitThatIsNoTime_isAProblem_andTheDefaultCounts() {
        Options options = Options.parse("wait=soon");

        assertThat(options.problem()).contains("the option wait", "'soon'", "500ms");
        assertThat(options.patience()).isEqualTo(FirstQuestion.DEFAULT_WAIT);
    }
}
