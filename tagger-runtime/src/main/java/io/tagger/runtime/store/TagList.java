package io.tagger.runtime.store;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The first tags of a shared, never changing array as an unmodifiable list. The three answers of an entity are three of these over one
 * array, because each level's answer is the beginning of the next one's.
 */
final class TagList extends AbstractList<String> implements RandomAccess {
    static final TagList EMPTY = new TagList(new String[0], 0);

    private final String[] tags;
    private final int size;

    TagList(String[] tags, int size) {
        this.tags = tags;
        this.size = size;
    }

    static TagList of(String[] tags) {
        return tags.length == 0 ? EMPTY : new TagList(tags, tags.length);
    }

    @Override
    public String get(int index) {
        return tags[Objects.checkIndex(index, size)];
    }

    @Override
    public int size() {
        return size;
    }

    /** Copies the tags into an array, from a place on; returns the place behind them. */
    int copyTo(String[] to, int at) {
        System.arraycopy(tags, 0, to, at, size);
        return at + size;
    }

    /** Whether the other list has the same tags. Like {@code equals}, without its iterators. */
    boolean says(List<String> other) {
        return says(tags, 0, size, other);
    }

    /** Whether a part of an array has the tags of a list. */
    static boolean says(String[] tags, int from, int end, List<String> list) {
        boolean same = list.size() == end - from;
        for (int i = from; same && i < end; i++) {
            same = tags[i].equals(list.get(i - from));
        }
        return same;
    }

    void holdIn(TagPool pool) {
        pool.hold(tags);
    }

    void releaseFrom(TagPool pool) {
        pool.release(tags);
    }
}
