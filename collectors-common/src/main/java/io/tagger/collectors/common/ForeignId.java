package io.tagger.collectors.common;

import io.tagger.api.EntityId;
import java.nio.charset.StandardCharsets;

/** Ids in the answers of a foreign program, before they become entity ids. */
public final class ForeignId {
    /** Leaves room for the longest prefix of an entity id. */
    private static final int MAX_BYTES = EntityId.MAX_BYTES - 64;

    private ForeignId() {}

    /**
     * Says whether an id can be the id of an entity. An item with another id is left out, and costs no other item.
     *
     * @param id the id; may be empty
     * @return whether the id is not empty, and short enough
     */
    public static boolean isUsable(String id) {
        return !id.isEmpty() && id.length() <= MAX_BYTES && id.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }
}
