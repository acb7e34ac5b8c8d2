/**
 * Runs collectors: starts them, watches over them, starts them again, asks them on misses, and carries what they say into the store. It
 * knows the store, and takes collectors from whoever found them.
 */
@NullMarked
package io.tagger.runtime.collect;

import org.jspecify.annotations.NullMarked;
