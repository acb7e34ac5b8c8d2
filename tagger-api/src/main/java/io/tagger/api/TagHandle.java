package io.tagger.api;

import java.util.List;

/**
 * The tags of one entity, for a caller with many questions about one entity. {@link Tagger#handle} looks the entity up
 * once; from then on a read is a single volatile load.
 *
 * <p>A handle follows the entity through changes, deletion (the lists are then empty) and re-creation. A handle asks no
 * collector, never blocks, and needs no close. Thread-safe.
 */
public interface TagHandle {
    /**
     * The current tags.
     *
     * @param cardinality the level
     * @return the tags, as from {@link Tagger#cached}
     */
    List<String> tags(Cardinality cardinality);
}
