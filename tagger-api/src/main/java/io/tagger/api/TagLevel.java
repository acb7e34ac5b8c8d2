package io.tagger.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** The tags of one level, while they are collected. Not thread-safe. */
final class TagLevel {
    /** The only list added so far, which is usually sorted and can be taken as it is; null if there is none, or more. */
    private List<String> only;
    /** All tags; null as long as there is none, or one list. */
    private ArrayList<String> tags;

    void addAll(Collection<String> added) {
        if (added.isEmpty()) {
            return;
        }
        if (only == null && tags == null) {
            only = List.copyOf(added);
        } else {
            addAll(open(), added);
        }
    }

    /** The tags to change. */
    ArrayList<String> open() {
        if (tags == null) {
            tags = new ArrayList<>();
            if (only != null) {
                addAll(tags, only);
                only = null;
            }
        }
        return tags;
    }

    private static void addAll(ArrayList<String> level, Collection<String> tags) {
        level.ensureCapacity(level.size() + tags.size());
        for (String tag : tags) {
            if (isTag(tag)) {
                level.add(tag);
            }
        }
    }

    private static boolean isTag(String tag) {
        int colon = tag.indexOf(':');
        return colon > 0 && colon < tag.length() - 1;
    }

    /** The tags, sorted, without duplicates and tags of two other, sorted lists. */
    List<String> sorted(List<String> lower, List<String> lowest) {
        if (tags == null && (only == null || isSorted(only, lower, lowest))) {
            return only == null ? List.of() : only;
        }
        String[] sorted = (tags == null ? filtered(only) : tags).toArray(new String[0]);
        Arrays.sort(sorted);
        int kept = 0;
        for (String tag : sorted) {
            boolean again = kept > 0 && sorted[kept - 1].equals(tag);
            if (!again && !contains(lower, tag) && !contains(lowest, tag)) {
                sorted[kept++] = tag;
            }
        }
        return List.of(kept == sorted.length ? sorted : Arrays.copyOf(sorted, kept));
    }

    /** The tags as {@link #sorted}, together with other, sorted tags. */
    List<String> with(List<String> others) {
        if (tags == null && only != null && isSorted(only, List.of(), List.of()) && only.containsAll(others)) {
            return only;
        }
        if (others.isEmpty()) {
            return sorted(List.of(), List.of());
        }
        TagLevel all = new TagLevel();
        addAll(all.open(), others);
        addAll(all.open(), tags != null ? tags : only != null ? only : List.of());
        return all.sorted(List.of(), List.of());
    }

    private static List<String> filtered(List<String> tags) {
        ArrayList<String> level = new ArrayList<>();
        addAll(level, tags);
        return level;
    }

    private static boolean isSorted(List<String> tags, List<String> lower, List<String> lowest) {
        String last = "";
        for (String tag : tags) {
            if (!isTag(tag) || tag.compareTo(last) <= 0 || contains(lower, tag) || contains(lowest, tag)) {
                return false;
            }
            last = tag;
        }
        return true;
    }

    private static boolean contains(List<String> sorted, String tag) {
        return !sorted.isEmpty() && Collections.binarySearch(sorted, tag) >= 0;
    }
}
