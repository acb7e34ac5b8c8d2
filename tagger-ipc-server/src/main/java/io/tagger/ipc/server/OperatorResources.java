package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** The resources for an operator: explanations, settings, reload and log level. Runs on the event loop. */
final class OperatorResources {
    private static final String RELOAD = "/v1/reload";
    private static final String LOG = "/v1/log";
    private static final List<HttpMethod> SHOWN = List.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final List<HttpMethod> CHANGED = List.of(HttpMethod.POST);
    private static final List<HttpMethod> SHOWN_AND_CHANGED = List.of(HttpMethod.GET, HttpMethod.POST);
    private static final Duration LONGEST_LEVEL = Duration.ofDays(1);

    private final Vertx vertx;
    private final Connections connections;
    private final Tagger tagger;
    private final Supplier<IpcServer.Statistics> statistics;
    private final Rates rates;
    private final Explanations explanations;
    private final Operator operator;

    OperatorResources(
            Vertx vertx,
            Tagger tagger,
            Connections connections,
            Explanations explanations,
            Operator operator,
            Supplier<IpcServer.Statistics> statistics) {
        this.vertx = vertx;
        this.tagger = tagger;
        this.statistics = statistics;
        rates = new Rates(() -> sample(tagger.status(), statistics.get()));
        this.connections = connections;
        this.explanations = explanations;
        this.operator = operator;
    }

    private static Map<String, Long> sample(TaggerStatus status, IpcServer.Statistics statistics) {
        Map<String, Long> sample = new LinkedHashMap<>();
        sample.put("requests", statistics.requests());
        sample.put("errors", statistics.errors());
        sample.put("misses", status.counters().misses());
        sample.put("updates", status.counters().updates());
        return sample;
    }

    /** Takes a sample for the rates; called at an interval. */
    void sample() {
        rates.sample();
    }

    /** The methods of a resource. */
    static List<HttpMethod> methods(String path) {
        return path.equals(LOG) ? SHOWN_AND_CHANGED : path.equals(RELOAD) ? CHANGED : SHOWN;
    }

    Future<JsonObject> explain(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "entity", "name", "wait");
        EntityId entity = parameters.entity();
        return explanations
                .explain(request, entity, parameters.text("name"), parameters.wait(Lookups.LONGEST_WAIT))
                .map(ExplanationJson::of);
    }

    /** The explanation of an entity's tags, or of a missing tag. */
    Future<Explanation> explain(HttpServerRequest request, EntityId entity, String name) {
        return explanations.explain(request, entity, name, Duration.ZERO);
    }

    /**
     * A text with its type.
     *
     * @param type the media type
     * @param content the text
     */
    record Text(String type, String content) {}

    Future<Text> metrics(HttpServerRequest request) {
        Parameters.of(request);
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        boolean isOpenMetrics = accept != null && accept.contains("application/openmetrics-text");
        return vertx.executeBlocking(
                () -> new Text(
                        isOpenMetrics
                                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                : "text/plain; version=0.0.4; charset=utf-8",
                        operator.metrics(statistics.get(), isOpenMetrics)),
                false);
    }

    /** The state of the collectors and the rates, without any entity or tag, as HTML. */
    String overview() {
        return rates.html(tagger.status());
    }

    /** Values of settings may be secrets of the machine: they are for the callers of the socket. */
    Future<JsonObject> settings(HttpServerRequest request) {
        Parameters.of(request);
        if (!connections.isOfSocket(request.connection())) {
            return Future.failedFuture(new HttpError(403, "forbidden", "settings are shown on the socket alone"));
        }
        JsonObject settings = new JsonObject();
        new TreeMap<>(operator.settings())
                .forEach((key, setting) -> settings.put(
                        key, new JsonObject().put("value", setting.getKey()).put("origin", setting.getValue())));
        return Future.succeededFuture(new JsonObject().put("settings", settings));
    }

    Future<JsonObject> reload(HttpServerRequest request) {
        Parameters.of(request);
        return changed(request, nothing -> vertx.executeBlocking(operator::reload, false)
                .compose(reloaded -> Future.fromCompletionStage(reloaded, vertx.getOrCreateContext()))
                .map(JsonObject::new));
    }

    Future<JsonObject> log(HttpServerRequest request) {
        if (request.method() == HttpMethod.GET) {
            Parameters.of(request);
            return changed(
                    request,
                    nothing ->
                            Future.succeededFuture(new JsonObject().put("lines", new JsonArray(operator.recentLog()))));
        }
        Parameters parameters = Parameters.of(request, "level", "for");
        return changed(
                request,
                nothing -> Future.succeededFuture(
                        new JsonObject(operator.log(parameters.text("level"), parameters.time("for", LONGEST_LEVEL)))));
    }

    private Future<JsonObject> changed(HttpServerRequest request, Function<Void, Future<JsonObject>> change) {
        if (!isOperator(request)) {
            return Future.failedFuture(new HttpError(
                    403,
                    "forbidden",
                    "only root, and the user of the agent, may read the log and change the agent, over its socket"));
        }
        return Future.<Void>succeededFuture().compose(change).recover(OperatorResources::refused);
    }

    private static Future<JsonObject> refused(Throwable error) {
        return Future.failedFuture(
                error instanceof IllegalStateException || error instanceof IllegalArgumentException
                        ? new HttpError(422, "refused", String.valueOf(error.getMessage()))
                        : error);
    }

    /** Whether the caller is root or the user of this process, over the socket. */
    private boolean isOperator(HttpServerRequest request) {
        String caller = connections.peer(request.connection());
        return connections.isOfSocket(request.connection())
                && (caller.equals("user 0") || caller.equals("user root") || caller.equals("user " + ownUser()));
    }

    /** The number of this process's user, or without /proc the name. */
    private static String ownUser() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return System.getProperty("user.name", "");
        }
    }
}
