package io.tagger.collectors.kubernetes;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Receives the items of a followed collection, and the state of the mirror; blocks for moments only. */
interface MirrorListener<T> {
    /** The list is about to be read. */
    void listing();

    /** The whole collection; replaces all items before. */
    void listed(List<T> items);

    /** A new or changed item. */
    void set(T item);

    /** An item that is gone. */
    void deleted(T item);

    /**
     * The server refuses the list: the collection is forbidden or does not exist.
     *
     * @param again the pause before the next attempt
     */
    void refused(AnswerException reason, Duration again);

    /** The server refuses the watch alone, and the list is read at the interval. */
    void polled(AnswerException reason);

    /** An attempt has failed; the items stay, and the mirror tries again. */
    void failing(IOException reason);

    /** The server has accepted the watch. */
    void watching();

    /** The server is followed again after a failure, or for the first time. */
    void following();
}
