package io.tagger.collectors.kubernetes;

import java.util.List;

/** Takes the items of a followed collection; blocks for moments only. Calls come one after another. */
interface Followed<T> {
    /** The whole collection is about to be read. */
    default void listing() {}

    /** Takes the whole collection, which replaces all items before. */
    void listed(List<T> items);

    /** Takes a new or changed item. */
    void set(T item);

    /** Drops an item. */
    void deleted(T item);

    /** The server has accepted the watch: all changes arrive from now on. */
    default void watching() {}

    /** The server refuses the collection: forbidden, or unknown to the server. */
    void refused(AnswerException reason);
}
