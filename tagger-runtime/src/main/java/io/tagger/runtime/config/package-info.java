/** Reads the configuration: its layers, its strict keys, and where each setting came from. */
@NullMarked
package io.tagger.runtime.config;

import org.jspecify.annotations.NullMarked;
