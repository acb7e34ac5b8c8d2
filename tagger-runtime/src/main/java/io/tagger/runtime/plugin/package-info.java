/**
 * Finds collectors and judges them. It hands back what can be used and the issues with the rest, and knows neither the store nor how
 * collectors are run.
 */
@NullMarked
package io.tagger.runtime.plugin;

import org.jspecify.annotations.NullMarked;
