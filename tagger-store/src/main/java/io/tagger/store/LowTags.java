package io.tagger.store;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The low tags of one source for one entity, including the standard tags. Pooled entities with equal low tags share one
 * object, as the replicas of a deployment do. Equal by content, and ordered: a map with many equal hash codes needs an
 * order for its trees.
 */
final class LowTags implements Comparable<LowTags> {
    final String[] tags; // sorted, not to be changed
    final String[] standard; // a part of the tags above; sorted, not to be changed
    int holders; // guarded by the pool

    /** Whether there have ever been two holders at once. Written by the pool; a hint for all others. */
    boolean shared;

    private int hash; // computed on the first call, like the hash of a String

    /**
     * The last merge with another source's low tags. A plain field: a thread that reads an older merge or null only
     * repeats the work.
     */
    private @Nullable Merged last;

    private record Merged(LowTags other, boolean outranked, TagList tags) {}

    /** Takes the arrays over. */
    LowTags(String[] tags, String[] standard) {
        this.tags = tags;
        this.standard = standard;
    }

    /**
     * The merge with the low tags of another source, shared by replicas with the same pair.
     *
     * @param outranked whether the other source has a lower priority
     * @param merge computes the merge, from the two low tags alone
     */
    TagList with(LowTags other, boolean outranked, Supplier<TagList> merge) {
        Merged known = last;
        if (known == null || known.other != other || known.outranked != outranked) {
            known = new Merged(other, outranked, merge.get());
            last = known;
        }
        return known.tags;
    }

    boolean matches(List<String> low, List<String> standards) {
        return TagList.matches(tags, 0, tags.length, low) && TagList.matches(standard, 0, standard.length, standards);
    }

    /** Counts a further holder; called by the pool. */
    LowTags heldAgain() {
        shared |= holders > 0;
        holders++;
        return this;
    }

    /**
     * Releases the merge partner when this object is no longer held: garbage must not keep a chain of garbage alive.
     */
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
    public int compareTo(LowTags other) {
        int byTags = Arrays.compare(tags, other.tags);
        return byTags == 0 ? Arrays.compare(standard, other.standard) : byTags;
    }

    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = 31 * Arrays.hashCode(tags) + Arrays.hashCode(standard);
        }
        return hash;
    }
}
