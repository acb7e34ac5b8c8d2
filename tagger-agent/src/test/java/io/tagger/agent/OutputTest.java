package io.tagger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.cli.Output;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class OutputTest {
    private static final String HOSTILE = "a\u009b2Jb\u202ec\u2066d\u007fe\u2028f";

    @Test
    void line_escapesWhatATerminalWouldObey() {
        assertThat(Output.line(HOSTILE + "\n\u00e9\ud83d\ude00"))
                .isEqualTo("a\\u009b2Jb\\u202ec\\u2066d\\u007fe\\u2028f\\n\u00e9\ud83d\ude00");
    }

    @Test
    void json_isEscapedTheSameWay_andMeansTheSame() {
        String text = new JsonObject().put("tag", HOSTILE).encode();
        String safe = Output.json(text);

        assertThat(safe).isEqualTo("{\"tag\":\"a\\u009b2Jb\\u202ec\\u2066d\\u007fe\\u2028f\"}");
        assertThat(new JsonObject(safe).getString("tag")).isEqualTo(HOSTILE);
    }
}
