package io.tagger.store;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;

/**
 * An info with its origin, on the way into the store.
 *
 * @param source the source of the info
 * @param instance the number of the reporting collector instance
 * @param info the info
 * @param pushed true for an info pushed by the collector; false for the answer to a fetch
 */
record Report(Source source, int instance, TagInfo info, boolean pushed) {
    /** A pushed info. */
    static Report pushed(Source source, int instance, TagInfo info) {
        return new Report(source, instance, info, true);
    }

    /** A fetched info. */
    static Report fetched(Source source, int instance, TagInfo info) {
        return new Report(source, instance, info, false);
    }

    EntityId entity() {
        return info.entity();
    }

    /** Whether a later instance of the collector has synced, or has other settings, and made this report obsolete. */
    boolean isObsolete() {
        return instance < source.syncedInstance || !pushed && !source.countsAnswersOf(instance);
    }
}
