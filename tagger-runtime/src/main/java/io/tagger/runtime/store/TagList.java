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

    @Override
    public String get(int index) {
        return tags[Objects.checkIndex(index, size)];
    }

    @Override
    public int size() {
        return size;
    }
}
