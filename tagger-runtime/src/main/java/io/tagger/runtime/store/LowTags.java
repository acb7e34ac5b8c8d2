package io.tagger.runtime.store;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The low tags that one source says of an entity, and those of them that are standard tags. All entities of which it says the same share
 * one, as the replicas of a deployment do: the pool sees to it. Equal by content.
 */
final class LowTags {
    final TagList tags;
    final TagList standard;
    private final int hash;
    int holders; // guarded by the pool

    /** The last merge with another source's; plain, for whoever finds an older one or none only works it out again. */
    private @Nullable Merged last;

    private record Merged(LowTags other, boolean outranked, TagList tags) {}

    /** Takes the arrays over. */
    LowTags(String[] tags, String[] standard) {
        this.tags = TagList.of(tags);
        this.standard = TagList.of(standard);
        this.hash = 31 * Arrays.hashCode(tags) + Arrays.hashCode(standard);
    }

    /**
     * The merge with the low tags of another source, which replicas share, because they have the same pair.
     *
     * @param outranked whether the other source has a lower priority
     * @param merge works it out; must depend on nothing else
     */
    TagList with(LowTags other, boolean outranked, Supplier<TagList> merge) {
        Merged known = last;
        if (known == null || known.other != other || known.outranked != outranked) {
            known = new Merged(other, outranked, merge.get());
            last = known;
        }
        return known.tags;
    }

    boolean says(List<String> low, List<String> standards) {
        return tags.saysLow(low) && standard.saysLow(standards);
    }

    /** Lets the other one go, when this one is no longer held: what is dead must not keep a chain of what is dead alive. */
    void forgetMerge() {
        last = null;
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
                        && tags.saysLow(that.tags)
                        && standard.saysLow(that.standard);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
