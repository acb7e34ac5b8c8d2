package io.tagger.ipc.server;

import io.tagger.api.Explanation;
import io.tagger.api.Provenance;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** An explanation as JSON. */
final class ExplanationJson {
    private ExplanationJson() {}

    static JsonObject of(Explanation explanation) {
        return new JsonObject()
                .put("entity", explanation.entity().toString())
                .put("complete", explanation.complete())
                .put("findings", new JsonArray(explanation.findings()))
                .put("tags", all(explanation.tags(), ExplanationJson::tag))
                .put("lost", all(explanation.lost(), ExplanationJson::lost))
                .put("sources", all(explanation.sources(), ExplanationJson::source));
    }

    private static <T> JsonArray all(List<T> list, Function<T, JsonObject> one) {
        return new JsonArray(list.stream().map(one).toList());
    }

    private static JsonObject tag(Explanation.Tag tag) {
        return new JsonObject()
                .put("tag", tag.tag())
                .put("cardinality", tag.level().toString())
                .put("origins", all(tag.origins(), ExplanationJson::origin));
    }

    private static JsonObject origin(Explanation.Origin origin) {
        return new JsonObject()
                .put("source", origin.source())
                .put("from", origin.from())
                .put("rule", origin.rule());
    }

    private static JsonObject lost(Explanation.Lost lost) {
        return new JsonObject()
                .put("tag", lost.tag())
                .put("origin", origin(lost.origin()))
                .put("why", lost.why());
    }

    private static JsonObject source(Explanation.Source source) {
        Provenance provenance = source.provenance();
        return new JsonObject()
                .put("name", source.name())
                .put("priority", source.priority().name().toLowerCase(Locale.ROOT))
                .put("answer", source.answer())
                .put("complete", source.complete())
                .put("seen", all(provenance.seen(), ExplanationJson::seen))
                .put("rules", all(provenance.rules(), ExplanationJson::rule))
                .put("notes", new JsonArray(provenance.notes()));
    }

    private static JsonObject seen(Provenance.Seen seen) {
        JsonObject json = new JsonObject()
                .put("kind", seen.kind())
                .put("name", seen.name())
                .put("setting", seen.setting());
        return seen.refusal().isEmpty() ? json : json.put("refusal", seen.refusal());
    }

    private static JsonObject rule(Provenance.Rule rule) {
        return new JsonObject()
                .put("setting", rule.setting())
                .put("kind", rule.kind())
                .put("pattern", rule.pattern())
                .put("tags", rule.tags());
    }
}
