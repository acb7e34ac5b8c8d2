package {{package}};

import static io.tagger.testkit.TagAssertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.collector.Collector;
import io.tagger.testkit.CollectorContractTest;
import io.tagger.testkit.TestHost;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The promises of every collector, and the tags of this collector. */
class {{Class}}Test extends CollectorContractTest {
    private static final EntityId ENTITY = EntityId.of("{{kind}}", "1");

    @Override
    protected Collector collector() {
        return new {{Class}}();
    }

    @Override
    protected Map<String, Object> settings() {
        return Map.of("enabled", "auto", "team", "core");
    }

    @Test
    void entity_hasTheTeamOfTheSettings() throws Exception {
        assertThat(TestHost.collect(new {{Class}}(), settings(), ENTITY))
                .reports(ENTITY)
                .hasLow("team:core")
                .hasHigh("{{kind}}_number:1")
                .isComplete();
    }
}
