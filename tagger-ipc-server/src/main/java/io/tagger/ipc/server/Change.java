package io.tagger.ipc.server;

import com.google.protobuf.ByteString;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.ipc.v1.Entity;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The last thing that has happened to an entity. Thread-safe. */
final class Change {
    final long revision;
    final EntityId entity;

    /** As it is since; null: gone. */
    final @Nullable EntityTags tags;

    private final @Nullable ByteString[] encoded = new ByteString[EntityView.VIEWS];
    private volatile boolean isFresh = true;

    Change(long revision, EntityId entity, @Nullable EntityTags tags) {
        this.revision = revision;
        this.entity = entity;
        this.tags = tags;
    }

    /** The entity as it goes over the wire. Soon after the change all watchers want it, so it is made once for them; later it is not kept. */
    ByteString encoded(EntityView view, Tagger tagger) {
        ByteString bytes = encoded[view.index()];
        if (bytes == null) {
            bytes = message(view, tagger).toByteString();
            if (isFresh) {
                encoded[view.index()] = bytes; // who loses the race has made the same
            }
        }
        return bytes;
    }

    private Entity message(EntityView view, Tagger tagger) {
        if (tags == null) {
            return EntityView.named(entity);
        }
        // An event does not say whether there is somebody left to ask.
        boolean complete = tags.complete()
                && tagger.entity(entity).map(EntityTags::complete).orElse(false);
        return view.of(tags).setComplete(complete).build();
    }

    /** From now on nothing is kept but what has happened. */
    void age() {
        isFresh = false;
        Arrays.fill(encoded, null);
    }
}
