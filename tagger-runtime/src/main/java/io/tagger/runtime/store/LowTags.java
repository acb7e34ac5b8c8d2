package io.tagger.runtime.store;

import java.util.Arrays;
import java.util.List;

/**
 * The low tags that one source says of an entity, and those of them that are standard tags. All entities of which it says the same share
 * one, as the replicas of a deployment do: the pool sees to it. Equal by content.
 */
final class LowTags {
    final TagList tags;
    final TagList standard;
    private final int hash;
    int holders; // guarded by the pool

    /** Takes the arrays over. */
    LowTags(String[] tags, String[] standard) {
        this.tags = TagList.of(tags);
        this.standard = TagList.of(standard);
        this.hash = 31 * Arrays.hashCode(tags) + Arrays.hashCode(standard);
    }

    boolean says(List<String> low, List<String> standards) {
        return tags.says(low) && standard.says(standards);
    }

    /** Puts the pool's strings in the place of equal ones. Before it is shared only. */
    void holdIn(TagPool pool) {
        tags.holdIn(pool);
        standard.holdIn(pool);
    }

    void releaseFrom(TagPool pool) {
        tags.releaseFrom(pool);
        standard.releaseFrom(pool);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof LowTags that
                        && hash == that.hash
                        && tags.says(that.tags)
                        && standard.says(that.standard);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
