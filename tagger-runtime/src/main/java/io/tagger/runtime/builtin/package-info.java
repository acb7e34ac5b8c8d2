/** The collectors that every machine has something for: static tags, and the host itself. Ordinary collectors: they see the API alone. */
@NullMarked
package io.tagger.runtime.builtin;

import org.jspecify.annotations.NullMarked;
