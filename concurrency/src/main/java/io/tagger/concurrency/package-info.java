/** The races of the store, each with all the outcomes that there may be. */
@NullMarked
package io.tagger.concurrency;

import org.jspecify.annotations.NullMarked;
