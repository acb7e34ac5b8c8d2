package io.tagger.store;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * An unmodifiable list over two constant arrays: all of the low tags, and a prefix of the entity's own tags. The three
 * answers of an entity are three such lists, because each level's answer is a prefix of the next level's answer;
 * entities with equal low tags share the first array.
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

    /** A part of a constant array, as a list. */
    static List<String> of(String[] tags, int from, int end) {
        return from == 0 ? new TagList(tags, NONE, end) : Arrays.asList(tags).subList(from, end);
    }

    /** A list of these low tags and a number of the entity's own tags. */
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

    /** The array of the low tags, not a copy; not to be changed. */
    String[] low() {
        return low;
    }

    /** Whether a part of an array has the tags of a list. */
    static boolean matches(String[] tags, int from, int end, List<String> list) {
        boolean same = list.size() == end - from;
        for (int i = from; same && i < end; i++) {
            same = tags[i].equals(list.get(i - from));
        }
        return same;
    }

    /** A part of a constant array. May return the whole array. */
    static String[] part(String[] tags, int from, int end) {
        if (from == end) {
            return NONE;
        }
        return end - from == tags.length ? tags : Arrays.copyOfRange(tags, from, end);
    }
}
