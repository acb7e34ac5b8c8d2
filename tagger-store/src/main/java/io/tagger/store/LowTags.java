package io.tagger.store;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The low tags that one source says of an entity, and those of them that are standard tags. All entities of which it says the same share
 * one once they are pooled, as the replicas of a deployment do. Equal by content.
 */
final class LowTags {
    final String[] tags; // sorted, not to be changed
    final String[] standard; // the same
    int holders; // guarded by the pool

    /** Whether there have ever been two holders at once. Written by the pool; for others a hint. */
    boolean shared;

    private int hash; // worked out when it is asked for first, like that of a String

    /** The last merge with another source's; plain, for whoever finds an older one or none only works it out again. */
    private @Nullable Merged last;

    private record Merged(LowTags other, boolean outranked, TagList tags) {}

    /** Takes the arrays over. */
    LowTags(String[] tags, String[] standard) {
        this.tags = tags;
        this.standard = standard;
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
        return TagList.says(tags, 0, tags.length, low) && TagList.says(standard, 0, standard.length, standards);
    }

    /** Counts a holder more. By the pool. */
    LowTags heldAgain() {
        shared |= holders > 0;
        holders++;
        return this;
    }

    /** Lets the other one go, when this one is no longer held: what is dead must not keep a chain of what is dead alive. */
    void forgetMerge() {
        last = null;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof LowTags that
                        && hashCode() == that.hashCode()
                        && Arrays.equals(tags, that.tags)
                        && Arrays.equals(standard, that.standard);
    }

    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = 31 * Arrays.hashCode(tags) + Arrays.hashCode(standard);
        }
        return hash;
    }
}
