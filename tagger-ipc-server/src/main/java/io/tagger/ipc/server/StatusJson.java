package io.tagger.ipc.server;

import io.tagger.api.CollectorStatus;
import io.tagger.api.CollectorStatus.Readiness;
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

    /**
     * The readiness of a tagger.
     *
     * @param hasReasons whether the states of the awaited and degraded collectors are told; they may name entities
     */
    static JsonObject readiness(TaggerStatus status, boolean hasReasons) {
        JsonObject json = new JsonObject()
                .put("ready", status.ready())
                .put("waiting_for", names(status, Readiness.AWAITED))
                .put("degraded", names(status, Readiness.DEGRADED));
        return hasReasons ? json.put("reasons", reasons(status)) : json;
    }

    private static JsonArray names(TaggerStatus status, Readiness readiness) {
        JsonArray names = new JsonArray();
        status.collectors().stream()
                .filter(collector -> collector.progress().readiness() == readiness)
                .forEach(collector -> names.add(collector.name()));
        return names;
    }

    /** The states of the collectors that are awaited or degraded, by their names. */
    private static JsonObject reasons(TaggerStatus status) {
        JsonObject reasons = new JsonObject();
        status.collectors().stream()
                .filter(collector -> collector.progress().readiness() != Readiness.READY)
                .forEach(collector -> reasons.put(
                        collector.name(),
                        collector.state() + (collector.reason().isEmpty() ? "" : ": " + collector.reason())));
        return reasons;
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
