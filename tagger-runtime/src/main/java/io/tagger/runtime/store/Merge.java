package io.tagger.runtime.store;

import io.tagger.api.Cardinality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the sources of one entity say together.
 *
 * <p>The merge goes through the sources from the highest priority down. A tag name that a strictly higher priority has set is dropped from
 * the lower ones on every level; sources of equal priority add up; a tag that stands on two levels is kept on the lower one. Nothing of
 * this looks at when a source spoke, so the outcome does not depend on the order of arrival.
 */
final class Merge {
    /** More comparisons of names than this are left to a set. */
    private static final int COMPARISONS = 1_000;

    private final Entry[] entries; // by Source.compare, at least one

    Merge(Entry[] entries) {
        this.entries = entries;
    }

    /** The three answers: low, with orchestrator, with high. */
    TagList[] levels() {
        return entries.length == 1 ? levelsOf(entries[0]) : mergedLevels();
    }

    /** The standard tags. */
    List<String> standard() {
        if (entries.length == 1) {
            return entries[0].low.standard;
        }
        Set<String> standard = new TreeSet<>();
        List<Set<String>> taken = takenNames();
        for (int e = 0; e < entries.length; e++) {
            for (String tag : entries[e].low.standard) {
                if (!taken.get(e).contains(name(tag))) {
                    standard.add(tag);
                }
            }
        }
        return TagList.of(standard.toArray(new String[0]));
    }

    private static TagList[] levelsOf(Entry entry) {
        TagList low = entry.low.tags;
        return new TagList[] {low, low.and(entry.own, entry.orchestratorEnd), low.and(entry.own, entry.own.length)};
    }

    private TagList[] mergedLevels() {
        List<Set<String>> taken = takenNames();
        TagList low;
        if (entries.length == 2 && !isOwnNameIn(entries[1].low)) {
            boolean outranked = entries[0].source.priority() != entries[1].source.priority();
            low = entries[0].low.with(entries[1].low, outranked, () -> mergedLow(taken));
        } else {
            low = mergedLow(taken);
        }
        int most = 0;
        for (Entry entry : entries) {
            most += entry.own.length;
        }
        String[] own = new String[most];
        int orchestratorEnd = merge(Cardinality.ORCHESTRATOR, taken, low, own, 0);
        int end = merge(Cardinality.HIGH, taken, low, own, orchestratorEnd);
        own = end == most ? own : Arrays.copyOf(own, end);
        return new TagList[] {low, low.and(own, orchestratorEnd), low.and(own, end)};
    }

    private TagList mergedLow(List<Set<String>> taken) {
        int most = 0;
        for (Entry entry : entries) {
            most += entry.low.tags.size();
        }
        String[] tags = new String[most];
        int end = merge(Cardinality.LOW, taken, TagList.EMPTY, tags, 0);
        return TagList.of(end == most ? tags : Arrays.copyOf(tags, end));
    }

    /** Whether the first source could drop one of these tags for a name that it has set on a higher level. */
    private boolean isOwnNameIn(LowTags tags) {
        if ((long) entries[0].own.length * tags.tags.size() > COMPARISONS) {
            return true; // perhaps; the long way knows
        }
        for (String own : entries[0].own) {
            if (tags.tags.isLowName(own)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Merges one level into an array that holds the lower ones, without the low one, up to {@code from}.
     *
     * @return the place behind it
     */
    private int merge(Cardinality level, List<Set<String>> taken, TagList low, String[] tags, int from) {
        int end = from;
        int runs = 0;
        for (int e = 0; e < entries.length; e++) {
            int begin = end;
            end = entries[e].copyTo(level, tags, begin);
            end = taken.get(e).isEmpty() ? end : retain(tags, begin, end, taken.get(e));
            runs += end > begin ? 1 : 0;
        }
        if (runs > 1) {
            Arrays.sort(tags, from, end);
        }
        int kept = from;
        for (int i = from; i < end; i++) {
            boolean again = kept > from && tags[kept - 1].equals(tags[i]);
            if (!again && !low.isLow(tags[i]) && Arrays.binarySearch(tags, 0, from, tags[i]) < 0) {
                tags[kept++] = tags[i];
            }
        }
        return kept;
    }

    private static int retain(String[] tags, int from, int end, Set<String> taken) {
        int kept = from;
        for (int i = from; i < end; i++) {
            if (!taken.contains(name(tags[i]))) {
                tags[kept++] = tags[i];
            }
        }
        return kept;
    }

    /** For each entry the names that those of a strictly higher priority have set. */
    private List<Set<String>> takenNames() {
        List<Set<String>> taken = new ArrayList<>(entries.length);
        taken.add(Set.of());
        for (int e = 1; e < entries.length; e++) {
            boolean same = entries[e - 1].source.priority() == entries[e].source.priority();
            taken.add(same ? taken.get(e - 1) : namesBefore(e));
        }
        return taken;
    }

    private Set<String> namesBefore(int e) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < e; i++) {
            for (Cardinality level : Cardinality.values()) {
                entries[i].level(level).forEach(tag -> names.add(name(tag)));
            }
        }
        return names;
    }

    private static String name(String tag) {
        return tag.substring(0, tag.indexOf(':'));
    }
}
