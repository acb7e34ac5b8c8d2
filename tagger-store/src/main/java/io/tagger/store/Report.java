package io.tagger.store;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;

/**
 * An info on its way into the store.
 *
 * @param source the source of the info
 * @param instance the number of the collector's instance that reported the info
 * @param info the info
 * @param pushed whether the collector sent the info by itself; false for the answer to a fetch
 */
record Report(Source source, int instance, TagInfo info, boolean pushed) {
    /** The info that a collector sent by itself. */
    static Report pushed(Source source, int instance, TagInfo info) {
        return new Report(source, instance, info, true);
    }

    /** The info that a collector returned when it was asked. */
    static Report fetched(Source source, int instance, TagInfo info) {
        return new Report(source, instance, info, false);
    }

    EntityId entity() {
        return info.entity();
    }

    /** Whether a later instance of the collector has synced, so that this report no longer counts. */
    boolean isObsolete() {
        return instance < source.syncedInstance;
    }
}
