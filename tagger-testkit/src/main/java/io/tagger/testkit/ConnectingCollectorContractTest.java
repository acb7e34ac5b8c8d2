package io.tagger.testkit;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The promises of a collector with a connection to its source: the promises of every collector, and the end of a
 * detection over a silent source.
 */
public abstract class ConnectingCollectorContractTest extends CollectorContractTest {
    /** For subclasses. */
    protected ConnectingCollectorContractTest() {}

    /**
     * Settings with a source that accepts connections and never answers, such as a {@link SilentServer}.
     *
     * @return the collector's block of the configuration
     * @throws Exception if such a source can't be set up
     */
    protected abstract Map<String, Object> settingsOfASilentSource() throws Exception;

    @Test
    void detect_silentSource_ends() throws Exception {
        CollectorCheck.SILENT_SOURCE.run(new CollectorCheck.Subject(
                this::collector, settings(), Optional.of(settingsOfASilentSource()), CollectorCheck.Limits.OF_A_TEST));
    }
}
