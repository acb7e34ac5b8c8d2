package io.tagger.runtime.collect;

import io.tagger.config.CollectorUse;
import io.tagger.runtime.plugin.CollectorPlugin;
import java.util.Map;

/**
 * A collector with its settings.
 *
 * @param plugin the collector
 * @param configuration the collector's block of the configuration
 * @param use whether, and how insistently, the collector is used
 */
public record HostedUse(CollectorPlugin plugin, Map<String, Object> configuration, CollectorUse use) {
    /** Whether the absence of the collector's source is a failure. */
    boolean isRequired() {
        return use == CollectorUse.REQUIRED;
    }

    /** Whether a running collector need not be started anew for this use. */
    boolean isSame(HostedUse other) {
        return plugin.isSame(other.plugin) && configuration.equals(other.configuration) && use == other.use;
    }
}
