package io.tagger.runtime.store;

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

    LowTags(String[] tags, String[] standard) {
        this.tags = TagList.of(tags);
        this.standard = TagList.of(standard);
        this.hash = 31 * this.tags.hashCode() + this.standard.hashCode();
    }

    boolean says(List<String> low, List<String> standards) {
        return tags.equals(low) && standard.equals(standards);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof LowTags that
                        && hash == that.hash
                        && tags.equals(that.tags)
                        && standard.equals(that.standard);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
