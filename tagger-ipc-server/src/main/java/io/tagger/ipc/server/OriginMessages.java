package io.tagger.ipc.server;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.ipc.server.OriginAnswers.Answer;
import io.tagger.ipc.server.OriginAnswers.Question;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.OriginResponse;
import io.tagger.ipc.v1.ResolveOriginRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** The messages about origins. */
final class OriginMessages {
    private OriginMessages() {}

    /** Reads a question; throws an {@link IllegalArgumentException} unless it names one origin. */
    static Question question(ResolveOriginRequest request) {
        return Question.of(
                number(request.getPid()),
                number(request.getInode()),
                request.getContainer(),
                request.getPod(),
                request.getContainerName());
    }

    private static OptionalLong number(long number) {
        return number == 0 ? OptionalLong.empty() : OptionalLong.of(number);
    }

    /** Reads a wait; throws an {@link IllegalArgumentException} for a wait out of bounds. */
    static Duration patience(long millis) {
        if (millis < 0 || millis > Lookups.LONGEST_WAIT.toMillis()) {
            throw new IllegalArgumentException(
                    "wait_millis is " + millis + ", and may be 0 to " + Lookups.LONGEST_WAIT.toMillis());
        }
        return Duration.ofMillis(millis);
    }

    static OriginResponse of(Answer answer, EntityView view) {
        OriginResponse.Builder response = OriginResponse.newBuilder()
                .setHow(answer.origin().how().toString())
                .setEntity(entity(answer.origin().entity(), answer.tags(), view));
        answer.around().ifPresent(around -> response.setAround(entity(around.entity(), around.tags(), view)));
        return response.build();
    }

    /** An entity that no collector knows is complete. */
    private static Entity.Builder entity(EntityId entity, Optional<EntityTags> tags, EntityView view) {
        return tags.map(view::of)
                .orElseGet(() -> Entity.newBuilder().setId(entity.toString()).setComplete(true));
    }
}
