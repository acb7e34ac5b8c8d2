package io.tagger.runtime.store;

import java.util.AbstractList;
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

    @Override
    public <T> T[] toArray(T[] to) {
        return size == 0 ? to : super.toArray(to);
    }
}
