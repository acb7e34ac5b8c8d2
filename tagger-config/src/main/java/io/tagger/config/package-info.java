/** Reads the configuration: its layers, its strict keys, and where each setting came from. */
@NullMarked
package io.tagger.config;

import org.jspecify.annotations.NullMarked;
