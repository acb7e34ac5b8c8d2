/**
 * The discovery of collectors: finds and inspects collectors, and returns the usable collectors and the issues of the
 * rest. The package knows neither the store nor the hosting of collectors.
 */
@NullMarked
package io.tagger.runtime.plugin;

import org.jspecify.annotations.NullMarked;
