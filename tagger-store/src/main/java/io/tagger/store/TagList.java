package io.tagger.store;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * An unmodifiable list over two never changing arrays: all of the first one, the low tags, and the beginning of the second one, the
 * entity's own. The three answers of an entity are three of these, because each level's answer is the beginning of the next one's; and
 * entities that have the same low tags share the first array.
 */
final class TagList extends AbstractList<String> implements RandomAccess {
    static final String[] NONE = {};

    static final TagList EMPTY = new TagList(NONE, NONE, 0);

    private final String[] low;
    private final String[] own;
    private final int size;

    private TagList(String[] low, String[] own, int size) {
        this.low = low;
        this.own = own;
        this.size = size;
    }

    static TagList of(String[] tags) {
        return tags.length == 0 ? EMPTY : new TagList(tags, NONE, tags.length);
    }

    /** These low tags, and of an entity's own so many. */
    TagList and(String[] more, int count) {
        return count == 0 ? this : new TagList(low, more, low.length + count);
    }

    @Override
    public String get(int index) {
        Objects.checkIndex(index, size);
        return index < low.length ? low[index] : own[index - low.length];
    }

    @Override
    public int size() {
        return size;
    }

    /** The array of the low tags itself; not to be changed. */
    String[] low() {
        return low;
    }

    /** Whether a part of an array has the tags of a list. */
    static boolean says(String[] tags, int from, int end, List<String> list) {
        boolean same = list.size() == end - from;
        for (int i = from; same && i < end; i++) {
            same = tags[i].equals(list.get(i - from));
        }
        return same;
    }

    /** A part of an array that never changes. May be all of it. */
    static String[] part(String[] tags, int from, int end) {
        if (from == end) {
            return NONE;
        }
        return end - from == tags.length ? tags : Arrays.copyOfRange(tags, from, end);
    }
}
