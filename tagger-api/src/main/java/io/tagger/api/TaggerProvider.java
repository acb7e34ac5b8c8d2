package io.tagger.api;

import java.util.Optional;

/**
 * Makes the tagger that {@link DefaultTagger} shares. Found through {@link java.util.ServiceLoader}: the jar on the class path is the build
 * flag that chooses between a tagger that collects by itself and one that asks the node's agent.
 *
 * <p>Implementations have a public constructor without parameters that does nothing.
 */
public interface TaggerProvider {
    /**
     * What kind of tagger this makes.
     *
     * @return {@code local} or {@code client}
     */
    String mode();

    /**
     * Which mode the configuration names under {@code tagger.mode}, if this provider can read one. It is asked only where more than one
     * provider is on the class path.
     *
     * @return the mode; empty if the configuration does not say
     */
    default Optional<String> configuredMode() {
        return Optional.empty();
    }

    /**
     * Makes and starts a tagger, from the process's configuration. Collectors go on starting in the background when this returns.
     *
     * @return the tagger, which the caller closes
     * @throws IllegalStateException if the configuration is not valid; the message names what is wrong with it
     */
    Tagger open();
}
