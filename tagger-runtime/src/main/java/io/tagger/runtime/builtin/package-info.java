/**
 * The collectors useful on every machine: static tags, and the host itself. Ordinary collectors, which use the API
 * alone.
 */
@NullMarked
package io.tagger.runtime.builtin;

import org.jspecify.annotations.NullMarked;
