/**
 * The extraction rules shared by several collectors, as pure functions: from the fields of a container to the
 * container's tags. No I/O, no state, no clock.
 */
@NullMarked
package io.tagger.collectors.common;

import org.jspecify.annotations.NullMarked;
