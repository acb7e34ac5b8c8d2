package io.tagger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.collector.Collector;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The promises of every collector to its host: each {@link CollectorCheck} as a test. A subclass makes instances, and
 * provides settings with which {@code detect} succeeds.
 *
 * <pre>{@code
 * class ShelfTest extends CollectorContractTest {
 *     @Override
 *     protected Collector collector() {
 *         return new Shelf();
 *     }
 *
 *     @Override
 *     protected Map<String, Object> settings() {
 *         return Map.of();
 *     }
 * }
 * }</pre>
 */
public abstract class CollectorContractTest {
    /** For subclasses. */
    protected CollectorContractTest() {}

    /**
     * Makes an instance through its public constructor without parameters.
     *
     * @return a new instance
     */
    protected abstract Collector collector();

    /**
     * The settings of the collector, defaults included.
     *
     * @return the collector's block of the configuration
     */
    protected abstract Map<String, Object> settings();

    CollectorCheck.Subject subject() throws Exception {
        return new CollectorCheck.Subject(
                this::collector, settings(), Optional.empty(), CollectorCheck.Limits.OF_A_TEST);
    }

    @ParameterizedTest
    @EnumSource(value = CollectorCheck.class, names = "SILENT_SOURCE", mode = EnumSource.Mode.EXCLUDE)
    void promise_isKept(CollectorCheck check) throws Exception {
        check.run(subject());
    }

    @Test
    void serviceFile_namesIt() {
        assertThat(ServiceLoader.load(Collector.class).stream().map(ServiceLoader.Provider::type))
                .contains(collector().getClass().asSubclass(Collector.class));
    }
}
