package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityTags;
import io.tagger.ipc.server.OriginAnswers.Answer;
import io.tagger.ipc.server.OriginAnswers.Question;
import io.tagger.origin.Claim;
import io.tagger.origin.OriginException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code /v1/self} and {@code /v1/origin} as JSON. Runs on the event loop. */
final class OriginResources {
    private final OriginAnswers answers;

    OriginResources(OriginAnswers answers) {
        this.answers = answers;
    }

    /** The caller's own entity; fails with an {@link HttpError}. */
    Future<JsonObject> self(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "cardinality", "wait");
        return json(
                answers.self(request, claim(request), parameters.wait(Lookups.LONGEST_WAIT)), parameters.cardinality());
    }

    /** The entity of a process, an inode, a container or a container of a pod; fails with an {@link HttpError}. */
    Future<JsonObject> origin(HttpServerRequest request) {
        Parameters parameters =
                Parameters.of(request, "pid", "inode", "container", "pod", "name", "cardinality", "wait");
        Question question = Parameters.refusing(() -> Question.of(
                number("pid", parameters),
                number("inode", parameters),
                parameters.text("container"),
                parameters.text("pod"),
                parameters.text("name")));
        return json(answers.of(request, question, parameters.wait(Lookups.LONGEST_WAIT)), parameters.cardinality());
    }

    /** What the headers of a request say about the caller. */
    static Claim claim(HttpServerRequest request) {
        return Parameters.refusing(
                () -> Claim.of(header(request, "Tagger-Local-Data"), header(request, "Tagger-External-Data")));
    }

    private static OptionalLong number(String name, Parameters parameters) {
        String text = parameters.text(name);
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Claim.number(name, text));
    }

    private static String header(HttpServerRequest request, String name) {
        String value = request.getHeader(name);
        return value == null ? "" : value;
    }

    private static Future<JsonObject> json(Future<Answer> answer, Cardinality cardinality) {
        return answer.map(found -> json(found, cardinality)).recover(error -> Future.failedFuture(failure(error)));
    }

    /** The error of an answer, as an {@link HttpError} if the caller can mend the question. */
    static Throwable failure(Throwable error) {
        if (error instanceof OriginException) {
            return new HttpError(404, "unknown_origin", error.getMessage());
        }
        return error instanceof IllegalArgumentException ? HttpError.badRequest(error.getMessage()) : error;
    }

    private static JsonObject json(Answer answer, Cardinality cardinality) {
        JsonObject json = new JsonObject()
                .put("entity", answer.origin().entity().toString())
                .put("how", answer.origin().how().toString())
                .put("cardinality", cardinality.toString())
                .put("tags", tags(answer.tags(), cardinality))
                .put(
                        "standard",
                        new JsonArray(answer.tags().map(EntityTags::standard).orElse(List.of())))
                .put("complete", answer.isComplete());
        answer.around()
                .ifPresent(around -> json.put(
                        "around",
                        new JsonObject()
                                .put("entity", around.entity().toString())
                                .put("tags", tags(around.tags(), cardinality))
                                .put(
                                        "complete",
                                        around.tags().map(EntityTags::complete).orElse(true))));
        return json;
    }

    private static JsonArray tags(Optional<EntityTags> entity, Cardinality cardinality) {
        return new JsonArray(entity.map(known -> known.tags(cardinality)).orElse(List.of()));
    }
}
