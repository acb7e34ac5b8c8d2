package io.tagger.ipc.server;

import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The form of {@code /v1/entities}. */
enum EntityList {
    /** One object: the tags of each source, by the name of the entity. */
    OBJECT("{\"entities\":{", "}}") {
        @Override
        void append(Buffer chunk, EntityTags tags, boolean isFirst) {
            chunk.appendString(isFirst ? "" : ",")
                    .appendBuffer(Json.encodeToBuffer(tags.entity().toString()))
                    .appendString(":")
                    .appendBuffer(sources(tags).toBuffer());
        }
    },
    /** A line for each entity, with its levels and sources. */
    LINES("", "") {
        @Override
        void append(Buffer chunk, EntityTags tags, boolean isFirst) {
            chunk.appendBuffer(EntityJson.WHOLE.object(tags)).appendString("\n");
        }
    };

    private final String begin;
    private final String end;

    EntityList(String begin, String end) {
        this.begin = begin;
        this.end = end;
    }

    String begin() {
        return begin;
    }

    String end() {
        return end;
    }

    /** Appends an entity. */
    abstract void append(Buffer chunk, EntityTags tags, boolean isFirst);

    private static JsonObject sources(EntityTags tags) {
        Map<String, Object> sources = new TreeMap<>();
        tags.sources().forEach((source, info) -> sources.put(source, new JsonArray(all(info))));
        return new JsonObject().put("tags", new JsonObject(sources));
    }

    private static List<String> all(TagInfo info) {
        List<String> tags = new ArrayList<>(info.low());
        tags.addAll(info.orchestrator());
        tags.addAll(info.high());
        return tags;
    }
}
