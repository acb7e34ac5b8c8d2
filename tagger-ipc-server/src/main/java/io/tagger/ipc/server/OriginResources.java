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
import java.util.stream.Stream;

/** {@code /v1/self} and {@code /v1/origin} as JSON. Runs on the event loop. */
final class OriginResources {
    private final OriginAnswers answers;

    OriginResources(OriginAnswers answers) {
        this.answers = answers;
    }

    /** The caller's own entity; fails with an {@link HttpError}. */
    Future<JsonObject> self(HttpServerRequest request) {
        Parameters parameters = Parameters.of(request, "cardinality", "wait");
        Claim claim = Parameters.refusing(
                () -> Claim.of(header(request, "Tagger-Local-Data"), header(request, "Tagger-External-Data")));
        return json(answers.self(request, claim, parameters.wait(Lookups.LONGEST_WAIT)), parameters.cardinality());
    }

    /** The entity of a process, an inode, a container or a container of a pod; fails with an {@link HttpError}. */
    Future<JsonObject> origin(HttpServerRequest request) {
        Parameters parameters =
                Parameters.of(request, "pid", "inode", "container", "pod", "name", "cardinality", "wait");
        String pid = parameters.text("pid");
        String inode = parameters.text("inode");
        String container = parameters.text("container");
        String pod = parameters.text("pod");
        String name = parameters.text("name");
        if (Stream.of(pid, inode, container, pod)
                                .filter(text -> !text.isEmpty())
                                .count()
                        != 1
                || pod.isEmpty() != name.isEmpty()) {
            throw HttpError.badRequest("an origin is named by one of pid=, inode=, container=, or by pod= and name=");
        }
        Question question = Parameters.refusing(() -> new Question(
                number("pid", pid),
                new Claim(
                        number("inode", inode),
                        container.isEmpty() ? Optional.empty() : Optional.of(container),
                        Claim.workload(pod, name))));
        return json(answers.of(request, question, parameters.wait(Lookups.LONGEST_WAIT)), parameters.cardinality());
    }

    private static OptionalLong number(String parameter, String text) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Claim.number(parameter, text));
    }

    private static String header(HttpServerRequest request, String name) {
        String value = request.getHeader(name);
        return value == null ? "" : value;
    }

    private static Future<JsonObject> json(Future<Answer> answer, Cardinality cardinality) {
        return answer.map(found -> json(found, cardinality)).recover(error -> Future.failedFuture(failure(error)));
    }

    private static Throwable failure(Throwable error) {
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
