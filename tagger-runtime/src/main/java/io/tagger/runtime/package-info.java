/**
 * The local tagger: collectors of this process, the store, and the answers to misses. The entrances are {@link
 * io.tagger.runtime.LocalTagger} and {@link io.tagger.runtime.TaggerSetup}.
 */
@NullMarked
package io.tagger.runtime;

import org.jspecify.annotations.NullMarked;
