package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The last change of an entity. Thread-safe. */
final class Change {
    /**
     * The form of an entity for some watchers.
     *
     * @param <T> the encoded form; immutable
     */
    interface View<T> {
        /** The number of different views of all kinds. */
        int VIEWS = EntityView.VIEWS + EntityJson.VIEWS;

        /** The number of this view; equal views have equal numbers. */
        int index();

        /**
         * Encodes an entity.
         *
         * @param tags the tags; null for a deleted entity
         * @param complete whether the tags are complete
         */
        T encode(EntityId entity, @Nullable EntityTags tags, boolean complete);
    }

    final long revision;
    final EntityId entity;

    /** The revision at which the entity appeared. */
    final long born;

    /** The tags after the change; null for a deletion. */
    final @Nullable EntityTags tags;

    private final @Nullable Object[] encoded = new Object[View.VIEWS];
    private volatile boolean isFresh = true;

    Change(long revision, EntityId entity, @Nullable EntityTags tags, @Nullable Change before) {
        this.revision = revision;
        this.entity = entity;
        this.tags = tags;
        born = before == null ? revision : before.born;
    }

    /**
     * The encoded entity for the wire. Soon after the change all watchers need the bytes, so they are encoded once;
     * later the bytes are not kept.
     */
    <T> T encoded(View<T> view, Tagger tagger) {
        @SuppressWarnings("unchecked") // only views of one kind have this index
        T known = (T) encoded[view.index()];
        if (known == null) {
            known = view.encode(entity, tags, isComplete(tagger));
            if (isFresh) {
                encoded[view.index()] = known; // the loser of the race has encoded the same bytes
            }
        }
        return known;
    }

    /** Whether the tags are complete: an event does not tell whether a collector is left to ask. */
    boolean isComplete(Tagger tagger) {
        return tags != null
                && tags.complete()
                && tagger.entity(entity).map(EntityTags::complete).orElse(false);
    }

    /** The memory of a kept deletion, more or less: the objects, and the id with two bytes for a character. */
    long bytes() {
        return 400 + 2L * entity.toString().length();
    }

    /** Drops the encoded bytes. */
    void age() {
        isFresh = false;
        Arrays.fill(encoded, null);
    }
}
