/**
 * The hosting of collectors: starts, supervises and restarts collectors, asks them on misses, and writes their reports
 * into the store. The package knows the store, and receives inspected collectors.
 */
@NullMarked
package io.tagger.runtime.collect;

import org.jspecify.annotations.NullMarked;
