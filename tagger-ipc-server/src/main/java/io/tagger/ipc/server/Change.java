package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.ipc.v1.Entity;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The last change of an entity. Thread-safe. */
final class Change {
    final long revision;
    final EntityId entity;

    /** The tags after the change; null for a deletion. */
    final @Nullable EntityTags tags;

    private final @Nullable ByteString[] encoded = new ByteString[EntityView.VIEWS];
    private volatile boolean isFresh = true;

    Change(long revision, EntityId entity, @Nullable EntityTags tags) {
        this.revision = revision;
        this.entity = entity;
        this.tags = tags;
    }

    /**
     * The encoded entity for the wire. Soon after the change all watchers need the bytes, so they are encoded once;
     * later the bytes are not kept.
     */
    ByteString encoded(EntityView view, Tagger tagger) {
        ByteString bytes = encoded[view.index()];
        if (bytes == null) {
            bytes = message(view, tagger).toByteString();
            if (isFresh) {
                encoded[view.index()] = bytes; // the loser of the race has encoded the same bytes
            }
        }
        return bytes;
    }

    private Entity message(EntityView view, Tagger tagger) {
        if (tags == null) {
            return EntityView.named(entity);
        }
        // An event does not tell whether a collector is left to ask.
        boolean complete = tags.complete()
                && tagger.entity(entity).map(EntityTags::complete).orElse(false);
        return view.of(tags).setComplete(complete).build();
    }

    /** Drops the encoded bytes. */
    void age() {
        isFresh = false;
        Arrays.fill(encoded, null);
    }
}
