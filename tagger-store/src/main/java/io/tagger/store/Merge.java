package io.tagger.store;

import io.tagger.api.Cardinality;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * The merge of all sources of one entity into one set of tags.
 *
 * <p>The merge goes through the sources from the highest priority down. A tag name set by a strictly higher priority is
 * dropped from the lower sources on every level; sources of equal priority add up; a tag at two levels is kept on the
 * lower level. No step looks at the time of a report, so that the result does not depend on the order of arrival.
 */
final class Merge {
    /*
     * The tags of a source on a level are sorted, hence sorted by name too: a name ends at the first colon, so no name,
     * with the colon, is a prefix of another name. Every step below therefore goes through two sorted arrays side by
     * side. Most of the cost of a merge is fetching the compared characters from memory.
     */

    /** The largest number of sources whose merge gains nothing from {@link #characters}. */
    private static final int FEW = 2;

    private final Entry[] entries; // sorted by Source.compare

    Merge(Entry[] entries) {
        this.entries = entries;
    }

    /** The three answers: low, with orchestrator, with high. */
    TagList[] levels() {
        if (entries.length == 0) {
            return levels(TagList.EMPTY, TagList.NONE, 0);
        }
        Entry first = entries[0];
        if (entries.length == 1) {
            return levels(TagList.of(first.low.tags), first.own, first.orchestratorEnd);
        }
        if (entries.length > FEW && characters() == 0) {
            return levels(TagList.EMPTY, TagList.NONE, 0);
        }
        TagList low = isLowShared()
                ? first.low.with(entries[1].low, outranks(0, 1), () -> TagList.of(tagsOf(entry -> entry.low.tags)))
                : TagList.of(tagsOf(entry -> entry.low.tags));
        String[] orchestrator = without(tagsOf(entry -> entry.level(Cardinality.ORCHESTRATOR)), low.low());
        String[] high = without(without(tagsOf(entry -> entry.level(Cardinality.HIGH)), low.low()), orchestrator);
        String[] own = Arrays.copyOf(orchestrator, orchestrator.length + high.length);
        System.arraycopy(high, 0, own, orchestrator.length, high.length);
        return levels(low, own, orchestrator.length);
    }

    /**
     * The total length of all tags. The sum itself is unused: the loop makes the processor fetch the strings from
     * memory in parallel, while the comparisons would wait for each string in turn.
     */
    private int characters() {
        int characters = 0;
        for (Entry entry : entries) {
            for (String tag : entry.low.tags) {
                characters += tag.length();
            }
            for (String tag : entry.own) {
                characters += tag.length();
            }
        }
        return characters;
    }

    /** The standard tags. */
    List<String> standard() {
        return entries.length == 0 ? TagList.EMPTY : TagList.of(tagsOf(entry -> entry.low.standard));
    }

    /** The tags of one source on a level that no source of a higher priority replaces. */
    static String[] contribution(Entry[] entries, int index, Cardinality level) {
        return new Merge(entries).tagsOf(entry -> entry.level(level), index, index + 1);
    }

    private static TagList[] levels(TagList low, String[] own, int orchestratorEnd) {
        return new TagList[] {low, low.and(own, orchestratorEnd), low.and(own, own.length)};
    }

    /**
     * Whether the merge of the low tags depends on the low tags alone, and further entities are likely to need the same
     * merge.
     */
    private boolean isLowShared() {
        if (entries.length != 2 || !entries[0].pooled || !entries[1].pooled) {
            return false;
        }
        String[] low = entries[1].low.tags;
        return entries[0].low.tags.length > 0
                && withoutNames(low, entries[0].level(Cardinality.ORCHESTRATOR)) == low
                && withoutNames(low, entries[0].level(Cardinality.HIGH)) == low;
    }

    /** Whether an entry has a strictly higher priority than a later entry. */
    private boolean outranks(int entry, int later) {
        return entries[entry].source.priority() != entries[later].source.priority();
    }

    /** The tags of all entries on a level, without duplicates, sorted. */
    private String[] tagsOf(Function<Entry, String[]> level) {
        return tagsOf(level, 0, entries.length);
    }

    private String[] tagsOf(Function<Entry, String[]> level, int from, int end) {
        if (end - from > 1) {
            int middle = from + end >>> 1;
            return union(tagsOf(level, from, middle), tagsOf(level, middle, end));
        }
        String[] tags = level.apply(entries[from]);
        for (int i = 0; i < from && tags.length > 0 && outranks(i, from); i++) {
            for (Cardinality any : Cardinality.values()) {
                tags = withoutNames(tags, entries[i].level(any));
            }
        }
        return tags;
    }

    /** The union of two sorted arrays. May return an argument. */
    private static String[] union(String[] a, String[] b) {
        if (a.length == 0 || b.length == 0) {
            return a.length == 0 ? b : a;
        }
        String[] union = new String[a.length + b.length];
        int end = 0;
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            int order = a[i].compareTo(b[j]);
            union[end++] = order <= 0 ? a[i] : b[j];
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        System.arraycopy(a, i, union, end, a.length - i);
        end += a.length - i;
        System.arraycopy(b, j, union, end, b.length - j);
        return TagList.part(union, 0, end + b.length - j);
    }

    /** The tags absent from another array. Returns the argument itself if all tags are. */
    private static String[] without(String[] tags, String[] others) {
        return without(tags, others, String::compareTo);
    }

    /** The tags with names absent from another array. Returns the argument itself if all names are. */
    private static String[] withoutNames(String[] tags, String[] others) {
        return without(tags, others, Merge::compareNames);
    }

    private static String[] without(String[] tags, String[] others, Comparator<String> order) {
        String[] kept = tags;
        int end = 0;
        int j = 0;
        for (int i = 0; i < tags.length; i++) {
            int found = 1;
            while (j < others.length && (found = order.compare(others[j], tags[i])) < 0) {
                j++;
            }
            boolean isThere = j < others.length && found == 0;
            if (isThere && kept == tags) {
                kept = tags.clone(); // shared tags
            } else if (!isThere) {
                if (kept != tags) {
                    kept[end] = tags[i];
                }
                end++;
            }
        }
        return TagList.part(kept, 0, end);
    }

    private static int compareNames(String a, String b) {
        for (int i = 0; ; i++) {
            char one = a.charAt(i);
            int order = one - b.charAt(i);
            if (order != 0 || one == ':') {
                return order;
            }
        }
    }
}
