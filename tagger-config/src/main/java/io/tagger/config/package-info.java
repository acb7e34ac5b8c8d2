/** Reads the configuration: layers, strict keys, and the origin of each setting. */
@NullMarked
package io.tagger.config;

import org.jspecify.annotations.NullMarked;
