package io.tagger.api;

import java.util.Optional;

/**
 * Opens the tagger for {@link DefaultTagger}. Found through {@link java.util.ServiceLoader}: the jars on the class
 * path select a tagger with collectors in this process, or a client of the node's agent.
 *
 * <p>Implementations have a public constructor without parameters and without side effects.
 */
public interface TaggerProvider {
    /**
     * The mode of the opened tagger.
     *
     * @return {@code local} or {@code client}
     */
    String mode();

    /**
     * The mode under {@code tagger.mode} in the configuration, if this provider reads a configuration. Only called if
     * several providers are on the class path.
     *
     * @return the mode; empty without such a setting
     */
    default Optional<String> configuredMode() {
        return Optional.empty();
    }

    /**
     * Makes and starts a tagger, from the process's configuration. Collectors go on starting in the background when
     * this returns.
     *
     * @return the tagger; the caller closes it
     * @throws IllegalStateException if the configuration is not valid; the message names the setting
     */
    Tagger open();
}
