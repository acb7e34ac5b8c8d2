package io.tagger.store;

import java.util.List;

/** The low tags and standard tags of a report, made once for all entities with the same ones. Immutable. */
public final class LowLevel {
    /** Neither low tags nor standard tags. */
    public static final LowLevel NONE = new LowLevel(List.of(), List.of());

    final LowTags tags;

    /**
     * Copies the tags.
     *
     * @param low the low tags, sorted and without duplicates
     * @param standard the standard tags among them, sorted and without duplicates
     */
    public LowLevel(List<String> low, List<String> standard) {
        tags = new LowTags(low.toArray(new String[low.size()]), standard.toArray(new String[standard.size()]));
    }

    /**
     * The low tags.
     *
     * @return {@code name:value} strings, unmodifiable
     */
    public List<String> low() {
        return TagList.of(tags.tags);
    }

    /**
     * The standard tags.
     *
     * @return {@code name:value} strings, unmodifiable
     */
    public List<String> standard() {
        return TagList.of(tags.standard);
    }

    boolean isEmpty() {
        return tags.tags.length == 0;
    }
}
