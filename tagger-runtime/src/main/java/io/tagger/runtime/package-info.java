/**
 * The local tagger: collectors of this process, the store, and the answers to misses. The doors are {@link
 * io.tagger.runtime.LocalTagger} and {@link io.tagger.config.TaggerConfig}.
 */
@NullMarked
package io.tagger.runtime;

import org.jspecify.annotations.NullMarked;
