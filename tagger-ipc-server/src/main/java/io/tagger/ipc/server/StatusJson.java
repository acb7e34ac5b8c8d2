package io.tagger.ipc.server;

import io.tagger.api.CollectorStatus;
import io.tagger.api.Issue;
import io.tagger.api.TaggerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** A tagger's status as JSON. */
final class StatusJson {
    private StatusJson() {}

    static JsonObject of(TaggerStatus status) {
        JsonArray collectors = new JsonArray();
        status.collectors().forEach(collector -> collectors.add(of(collector)));
        JsonArray issues = new JsonArray();
        status.issues().forEach(issue -> issues.add(of(issue)));
        return new JsonObject()
                .put("mode", status.mode())
                .put("ready", status.ready())
                .put("entities", status.entities())
                .put("collectors", collectors)
                .put("issues", issues)
                .put("lineage", new JsonArray(status.lineage()));
    }

    private static JsonObject of(CollectorStatus collector) {
        CollectorStatus.Counters counters = collector.counters();
        return new JsonObject()
                .put("name", collector.name())
                .put("mode", collector.mode().toString())
                .put("state", collector.state().toString())
                .put("reason", collector.reason())
                .put("since", collector.since().toString())
                .put("synced", collector.synced())
                .put("ready", collector.ready())
                .put("degraded", collector.degraded())
                .put("entities", collector.entities())
                .put("last_error", collector.lastError())
                .put("starts", counters.starts())
                .put("infos", counters.infos())
                .put("rejected", counters.rejected())
                .put("fetches", counters.fetches())
                .put("failures", counters.failures())
                .put("timeouts", counters.timeouts());
    }

    private static JsonObject of(Issue issue) {
        return new JsonObject()
                .put("severity", issue.severity().name().toLowerCase(Locale.ROOT))
                .put("subject", issue.subject())
                .put("message", issue.message());
    }
}
