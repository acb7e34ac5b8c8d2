/** The races of the store, each with all allowed outcomes. */
@NullMarked
package io.tagger.concurrency;

import org.jspecify.annotations.NullMarked;
