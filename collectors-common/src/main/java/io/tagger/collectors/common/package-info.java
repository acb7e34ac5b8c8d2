/**
 * The extraction rules that several collectors share, as pure functions: from the fields of a container to its tags. No I/O, no state, no
 * clock.
 */
@NullMarked
package io.tagger.collectors.common;

import org.jspecify.annotations.NullMarked;
