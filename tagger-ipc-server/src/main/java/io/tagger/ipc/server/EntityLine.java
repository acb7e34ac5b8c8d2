package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Entities as the members of a JSON object, without the braces: {@code "entity":"..","tags":[..]}.
 *
 * @param cardinality the level of the tags
 */
record EntityLine(Cardinality cardinality) implements Change.View<Buffer> {
    /** The number of different views. */
    static final int VIEWS = Cardinality.values().length;

    @Override
    public int index() {
        return EntityView.VIEWS + cardinality.ordinal();
    }

    @Override
    public Buffer encode(EntityId entity, @Nullable EntityTags tags, boolean complete) {
        JsonObject members = new JsonObject().put("entity", entity.toString());
        if (tags != null) {
            members.put("tags", new JsonArray(tags.tags(cardinality)));
        }
        Buffer object = members.toBuffer();
        return object.slice(1, object.length() - 1);
    }
}
