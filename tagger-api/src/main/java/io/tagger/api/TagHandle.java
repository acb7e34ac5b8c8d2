package io.tagger.api;

import java.util.List;

/**
 * The tags of one entity for a caller that asks again and again: resolved once, by {@link Tagger#handle}, and from then on a read is a
 * single volatile load.
 *
 * <p>A handle follows its entity: changes, its deletion (the lists are empty then) and its re-creation. It never asks a collector and never
 * blocks. Thread-safe. It needs no closing.
 */
public interface TagHandle {
    /**
     * The tags as they are now.
     *
     * @param cardinality the level
     * @return as {@link Tagger#cached} gives them
     */
    List<String> tags(Cardinality cardinality);
}
