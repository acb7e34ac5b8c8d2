package io.tagger.datadog;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** The list of all entities, as {@code agent tagger-list} of Datadog reads it. */
final class TaggerList {
    private TaggerList() {}

    static Buffer json(Tagger tagger) {
        JsonObject entities = new JsonObject();
        for (EntityTags known : tagger.entities(EntityFilter.all())) {
            JsonObject sources = new JsonObject();
            known.sources().forEach((name, info) -> sources.put(name, new JsonArray(tags(info))));
            entities.put(known.entity().toString(), new JsonObject().put("tags", sources));
        }
        return new JsonObject().put("Entities", entities).toBuffer();
    }

    private static List<String> tags(TagInfo info) {
        return Stream.of(info.low(), info.orchestrator(), info.high())
                .flatMap(List::stream)
                .toList();
    }
}
