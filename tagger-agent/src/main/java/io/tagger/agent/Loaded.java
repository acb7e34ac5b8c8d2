package io.tagger.agent;

import io.tagger.config.TaggerConfig;
import io.tagger.runtime.TaggerSetup;

/**
 * A configuration with the collectors of that configuration.
 *
 * @param setup the collectors
 * @param config the settings
 */
public record Loaded(TaggerSetup setup, TaggerConfig config) {}
