/**
 * The in-memory store of tags: the reports of each source about each entity, their merge, and the subscriptions to
 * changes. The store knows no collectors, starts no threads (except in {@link io.tagger.store.ListenerPool}) and reads
 * no configuration.
 *
 * <p>The entrance is {@link io.tagger.store.TagStore}.
 */
@NullMarked
package io.tagger.store;

import org.jspecify.annotations.NullMarked;
