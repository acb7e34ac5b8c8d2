/**
 * The in-memory store of tags: what each source said of each entity, the merge of it, and who is told of changes. It knows no collectors,
 * starts no threads and reads no configuration.
 *
 * <p>The door is {@link io.tagger.store.TagStore}.
 */
@NullMarked
package io.tagger.store;

import org.jspecify.annotations.NullMarked;
