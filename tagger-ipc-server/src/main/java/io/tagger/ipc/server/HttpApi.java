package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP and JSON over a tagger. Runs on an event loop, so no method here may block: a settled entity is answered at
 * once, and all others when the collectors have answered.
 */
final class HttpApi implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    private static final String JSON = "application/json";
    private static final String LINES = "application/x-ndjson";
    /** Entities are some kilobytes each; this many bytes are collected before a write to the connection. */
    private static final int CHUNK = 12 * 1024;

    private final Tagger tagger;
    private final Lookups lookups;
    private final IpcSettings settings;
    private final Connections connections;
    private final Watches watches;
    private final Lists lists;
    private final OriginResources origins;
    private final Map<String, Handler<HttpServerRequest>> resources;
    private final OperatorResources operator;
    private final boolean isPublic;
    private final BoundedLog log = new BoundedLog(LOG);
    private final LongAdder requests = new LongAdder();
    private final LongAdder errors = new LongAdder();

    /**
     * Makes the resources.
     *
     * @param isPublic whether the resources are those for a status port, without any entity or tag
     */
    HttpApi(Tagger tagger, IpcSettings settings, Connections connections, Shared shared, boolean isPublic) {
        this.tagger = tagger;
        this.settings = settings;
        this.connections = connections;
        this.isPublic = isPublic;
        operator = shared.operator();
        lookups = shared.lookups();
        watches = shared.watches();
        lists = shared.lists();
        origins = new OriginResources(shared.origins());
        Map<String, Handler<HttpServerRequest>> all = new HashMap<>(Map.of(
                "/metrics", this::metrics,
                "/healthz", this::alive,
                "/readyz", this::ready));
        StatusPage.paths(isPublic).forEach(path -> all.put(path, this::page));
        if (!isPublic) {
            all.putAll(ofEntities(shared));
        }
        resources = Map.copyOf(all);
    }

    private Map<String, Handler<HttpServerRequest>> ofEntities(Shared shared) {
        return Map.ofEntries(
                Map.entry("/v1/tags", this::tags),
                Map.entry("/v1/entity", this::entity),
                Map.entry(
                        "/v1/resource",
                        request -> reply(request, shared.resources().json(request))),
                Map.entry("/v1/self", request -> reply(request, origins.self(request))),
                Map.entry("/v1/origin", request -> reply(request, origins.origin(request))),
                Map.entry("/v1/entities", this::entities),
                Map.entry("/v1/watch", this::watch),
                Map.entry("/v1/collectors", this::collectors),
                Map.entry("/v1/explain", request -> reply(request, operator.explain(request))),
                Map.entry("/v1/settings", request -> reply(request, operator.settings(request))),
                Map.entry("/v1/reload", request -> reply(request, operator.reload(request))),
                Map.entry("/v1/log", request -> reply(request, operator.log(request))));
    }

    /**
     * The parts common to both interfaces.
     *
     * @param lookups looks up entities
     * @param watches the watches under way
     * @param lists the lists under way
     * @param origins answers which entity a caller is
     * @param resources answers which attributes an entity has
     * @param operator the resources for an operator
     */
    record Shared(
            Lookups lookups,
            Watches watches,
            Lists lists,
            OriginAnswers origins,
            ResourceAnswers resources,
            OperatorResources operator) {}

    long requests() {
        return requests.sum();
    }

    long errors() {
        return errors.sum();
    }

    @Override
    public void handle(HttpServerRequest request) {
        requests.increment();
        if (!connections.began(request, settings.limits().times().request())) {
            fail(request, HttpError.busy("too many requests are under way"));
            return;
        }
        connections.whole(request);
        try {
            checkBody(request);
            Handler<HttpServerRequest> resource = resources.get(request.path());
            if (resource == null) {
                throw new HttpError(
                        404,
                        "no_such_resource",
                        "there is no resource at " + request.path() + "; there are "
                                + resources.keySet().stream().sorted().toList());
            }
            List<HttpMethod> methods = OperatorResources.methods(request.path());
            if (!methods.contains(request.method())) {
                request.response()
                        .putHeader(
                                HttpHeaders.ALLOW,
                                methods.stream().map(HttpMethod::name).collect(Collectors.joining(", ")));
                throw new HttpError(
                        405, "method_not_allowed", request.method() + " is not supported here: use " + methods.get(0));
            }
            resource.handle(request);
        } catch (HttpError e) {
            fail(request, e);
        } catch (RuntimeException | StackOverflowError e) {
            log.warn("the answer to a request failed", e);
            fail(request, new HttpError(500, "internal", "the agent failed to answer; the agent's log has the reason"));
        } catch (OutOfMemoryError e) {
            OutOfMemory.escalate(e);
            throw e;
        }
    }

    private void checkBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean tooLong;
        try {
            tooLong = length != null
                    && Long.parseLong(length) > settings.limits().request().body();
        } catch (NumberFormatException e) {
            tooLong = true;
        }
        if (tooLong || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
            request.response().putHeader(HttpHeaders.CONNECTION, "close");
            throw new HttpError(
                    413,
                    "body_too_large",
                    "no request here has a body of more than "
                            + settings.limits().request().body() + " bytes");
        }
    }

    /** Answers an invalid or too large request. */
    void invalid(HttpServerRequest request) {
        requests.increment();
        String kind = request.decoderResult().cause().getClass().getSimpleName();
        HttpError error =
                switch (kind) {
                    case "TooLongHttpLineException" ->
                        new HttpError(
                                414,
                                "request_line_too_long",
                                "a request line may have "
                                        + settings.limits().request().line() + " bytes");
                    case "TooLongHttpHeaderException" ->
                        new HttpError(
                                431,
                                "headers_too_large",
                                "the headers may have "
                                        + settings.limits().request().headers() + " bytes");
                    default -> HttpError.badRequest("this is not HTTP/1.1");
                };
        request.response().putHeader(HttpHeaders.CONNECTION, "close");
        connections.count(String.valueOf(error.status()));
        fail(request, error).onComplete(result -> request.connection().close());
    }

    private void tags(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "entity", "cardinality", "standard", "wait");
        EntityId entity = parameters.entity();
        Cardinality cardinality = parameters.cardinality();
        boolean hasStandard = parameters.flag("standard");
        find(request, parameters, entity, tags -> answer(request, cardinality, hasStandard, tags));
    }

    /** An entity with its levels and sources. */
    private void entity(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "entity", "wait");
        find(request, parameters, parameters.entity(), tags -> send(request, 200, JSON, EntityJson.WHOLE.object(tags)));
    }

    private void find(HttpServerRequest request, Parameters parameters, EntityId entity, Consumer<EntityTags> answer) {
        lookups.find(request, entity, parameters.wait(Lookups.LONGEST_WAIT))
                .onSuccess(found -> found.ifPresentOrElse(answer, () -> fail(request, HttpError.unknown(entity))))
                .onFailure(error -> failed(request, error));
    }

    private void reply(HttpServerRequest request, Future<JsonObject> answer) {
        answer.onSuccess(json -> send(request, 200, json)).onFailure(error -> failed(request, error));
    }

    private void failed(HttpServerRequest request, Throwable error) {
        if (error instanceof HttpError known) {
            fail(request, known);
            return;
        }
        log.warn("a lookup failed", error);
        fail(request, new HttpError(500, "internal", "the lookup failed; the agent's log has the reason"));
    }

    private void answer(HttpServerRequest request, Cardinality cardinality, boolean hasStandard, EntityTags tags) {
        JsonObject answer = new JsonObject()
                .put("entity", tags.entity().toString())
                .put("cardinality", cardinality.toString())
                .put("tags", new JsonArray(tags.tags(cardinality)))
                .put("complete", tags.complete());
        send(request, 200, hasStandard ? answer.put("standard", new JsonArray(tags.standard())) : answer);
    }

    private void entities(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "prefix", "sources");
        boolean hasLines = parameters.flag("sources");
        requireHttp11(request);
        if (!lists.begin(request)) {
            throw HttpError.busy("too many lists are under way");
        }
        List<EntityTags> entities = tagger.entities(parameters.filter());
        entities.sort((a, b) -> a.entity().compareTo(b.entity()));
        request.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, hasLines ? LINES : JSON)
                .setChunked(true);
        EntityList list = hasLines ? EntityList.LINES : EntityList.OBJECT;
        write(request, list, entities.iterator(), Buffer.buffer(list.begin()), true);
    }

    /** Writes a chunk at a time, and the next chunk when the connection has taken the last. */
    private void write(
            HttpServerRequest request, EntityList list, Iterator<EntityTags> rest, Buffer chunk, boolean first) {
        HttpServerResponse response = request.response();
        boolean isFirst = first;
        while (rest.hasNext() && chunk.length() < CHUNK) {
            list.append(chunk, rest.next(), isFirst);
            isFirst = false;
        }
        if (!rest.hasNext()) {
            chunk.appendString(list.end());
            lists.whenFree(
                    request,
                    chunk.length(),
                    () -> connections.writing(request.connection(), chunk.length(), response.end(chunk)));
            return;
        }
        lists.whenFree(request, chunk.length(), () -> connections
                .writing(request.connection(), chunk.length(), response.write(chunk))
                .onSuccess(nothing -> write(request, list, rest, Buffer.buffer(), false)));
    }

    /** An answer in parts has no end in HTTP/1.0 but the end of the connection, which also looks like a failure. */
    private static void requireHttp11(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_1_0) {
            throw new HttpError(505, "http_version_not_supported", "this resource needs HTTP/1.1 or HTTP/2");
        }
    }

    private void watch(HttpServerRequest request) {
        HttpWatch.Selection selection = selection(request);
        requireHttp11(request);
        request.response().putHeader(HttpHeaders.CONTENT_TYPE, LINES).setChunked(true);
        if (request.method() == HttpMethod.HEAD) {
            request.response().end();
            return;
        }
        HttpWatch watch = new HttpWatch(watches.changes(), connections, watches.context(), request, selection);
        if (!watches.open(watch)) {
            request.response().headers().clear();
            request.response().setChunked(false);
            throw HttpError.busy("too many watches are under way");
        }
        request.response().closeHandler(nothing -> end(watch, request));
        request.response().exceptionHandler(error -> end(watch, request));
        request.response().writeHead();
    }

    private static HttpWatch.Selection selection(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "prefix", "cardinality", "sources", "resume");
        String sources = parameters.text("sources");
        EntityJson.Form form =
                switch (sources) {
                    case "", "false" -> EntityJson.Form.TAGS;
                    case "true" -> EntityJson.Form.SOURCES;
                    case "compact" -> EntityJson.Form.COMPACT;
                    default ->
                        throw HttpError.badRequest(
                                "the parameter 'sources' is '" + sources + "', and must be true, false or compact");
                };
        String token = parameters.text("resume");
        if (form == EntityJson.Form.TAGS && !token.isEmpty()) {
            throw HttpError.badRequest("the parameter 'resume' needs sources=true or sources=compact");
        }
        return new HttpWatch.Selection(parameters.filter(), new EntityJson(parameters.cardinality(), form), token);
    }

    private void end(Watch watch, HttpServerRequest request) {
        watch.close();
        connections.ended(request.connection(), request.response());
    }

    private void collectors(HttpServerRequest request) {
        Parameters.of(request);
        send(request, 200, StatusJson.of(tagger.status()));
    }

    private void metrics(HttpServerRequest request) {
        operator.metrics(request)
                .onSuccess(text -> send(request, 200, text.type(), Buffer.buffer(text.content())))
                .onFailure(error -> failed(request, error));
    }

    private void page(HttpServerRequest request) {
        StatusPage.Part part = StatusPage.part(request.path(), isPublic ? operator.overview() : "");
        StatusPage.HEADERS.forEach((name, value) -> request.response().putHeader(name, value));
        send(request, 200, part.type(), Buffer.buffer(part.content()));
    }

    private void alive(HttpServerRequest request) {
        send(request, 200, new JsonObject().put("status", "ok"));
    }

    private void ready(HttpServerRequest request) {
        TaggerStatus status = tagger.status();
        send(request, status.ready() ? 200 : 503, StatusJson.readiness(status, !isPublic));
    }

    private Future<Void> fail(HttpServerRequest request, HttpError error) {
        if (error.status() != 404) { // that there is no such thing is an answer
            errors.increment();
        }
        if (error.status() == 503) {
            request.response().putHeader("Retry-After", "1");
        }
        return send(request, error.status(), error.json());
    }

    private Future<Void> send(HttpServerRequest request, int status, JsonObject body) {
        return send(request, status, JSON, body.toBuffer());
    }

    private Future<Void> send(HttpServerRequest request, int status, String type, Buffer body) {
        if (!connections.mayWrite(request.connection(), body.length())) {
            // Not even the refusal is written: the caller does not read.
            Connections.reset(request);
            return Future.failedFuture("the caller holds too many unread answers");
        }
        Future<Void> end = request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, type)
                .end(body);
        return connections.writing(request.connection(), body.length(), end);
    }
}
