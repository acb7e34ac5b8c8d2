package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.origin.Claim;
import io.tagger.origin.Origin;
import io.tagger.origin.OriginException;
import io.tagger.origin.Origins;
import io.tagger.origin.Peer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Answers which entity a caller is, or a named process or container, with the tags. Runs on the event loop. */
final class OriginAnswers {
    private static final String TASK = "task_arn:";
    private static final long AGAIN_MILLIS = 100;

    private final Vertx vertx;
    private final Connections connections;
    private final Lookups lookups;
    private final Origins origins;
    private final Optional<EntityId> host;

    OriginAnswers(Vertx vertx, Connections connections, Lookups lookups, Origins origins, Optional<EntityId> host) {
        this.vertx = vertx;
        this.connections = connections;
        this.lookups = lookups;
        this.origins = origins;
        this.host = host;
    }

    /**
     * An entity and its surroundings.
     *
     * @param origin the entity, and how it was found
     * @param tags the tags; empty if no collector knows the entity
     * @param around the pod, the task or the machine around the entity; empty if unknown
     */
    record Answer(Origin origin, Optional<EntityTags> tags, Optional<Around> around) {
        /** Whether the tags are final; an entity without tags has no further tags. */
        boolean isComplete() {
            return tags.map(EntityTags::complete).orElse(true);
        }
    }

    /**
     * An entity around another.
     *
     * @param entity the entity
     * @param tags the tags; empty if no collector knows the entity
     */
    record Around(EntityId entity, Optional<EntityTags> tags) {}

    /**
     * A question about a process or container other than the caller.
     *
     * @param pid a process; empty for none
     * @param claim a container, by one of the ways of a claim
     */
    record Question(OptionalLong pid, Claim claim) {
        /**
         * Reads a question that names one origin.
         *
         * @param container the container id; may be empty
         * @param pod the UID of a pod; may be empty
         * @param name the name of a container in the pod; may be empty
         * @throws IllegalArgumentException unless one origin is named
         */
        static Question of(OptionalLong pid, OptionalLong inode, String container, String pod, String name) {
            long named = Stream.of(pid.isPresent(), inode.isPresent(), !container.isEmpty(), !pod.isEmpty())
                    .filter(isNamed -> isNamed)
                    .count();
            if (named != 1 || pod.isEmpty() != name.isEmpty()) {
                throw new IllegalArgumentException(
                        "an origin is named by one of pid, inode, container, or by a pod and the name of a container");
            }
            return new Question(
                    pid,
                    new Claim(
                            inode,
                            container.isEmpty() ? Optional.empty() : Optional.of(container),
                            Claim.workload(pod, name)));
        }
    }

    /** Answers which entity the caller is; fails with an {@link OriginException} if nobody can tell. */
    Future<Answer> self(HttpServerRequest request, Claim claim, Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        Optional<Origin> known = connections.origin(request.connection());
        if (known.isPresent()) {
            origins.compare(claim, known.get());
            return answer(request, known.get(), end);
        }
        Peer peer = connections.process(request.connection());
        return patiently(request, claim, end, () -> origins.self(peer, claim)).compose(origin -> {
            if (origin.how() == Origin.How.PEER_PID) {
                connections.remember(request.connection(), origin);
            }
            return answer(request, origin, end);
        });
    }

    /** Answers which entity is named; fails as {@link #self} does. */
    Future<Answer> of(HttpServerRequest request, Question question, Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        return patiently(
                        request,
                        question.claim,
                        end,
                        () -> question.pid.isPresent()
                                ? origins.ofProcess(question.pid.getAsLong())
                                : origins.ofClaim(question.claim))
                .compose(found -> answer(request, found, end));
    }

    /** Asks again up to the end of the wait if a container of a pod is not known yet. */
    private Future<Origin> patiently(
            HttpServerRequest request, Claim claim, long end, Supplier<CompletionStage<Origin>> question) {
        return onLoop(question.get()).recover(error -> {
            boolean isOver = claim.workload().isEmpty()
                    || !(error instanceof OriginException)
                    || System.nanoTime() - end >= 0
                    || !connections.isUnderWay(request);
            if (isOver) {
                return Future.failedFuture(error);
            }
            return vertx.timer(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .compose(nothing -> patiently(request, claim, end, question));
        });
    }

    private Future<Answer> answer(HttpServerRequest request, Origin origin, long end) {
        return lookups.find(request, origin.entity(), left(end)).compose(tags -> {
            Optional<EntityId> around = around(origin, tags);
            return around.isEmpty()
                    ? Future.succeededFuture(new Answer(origin, tags, Optional.empty()))
                    : lookups.find(request, around.get(), left(end))
                            .map(outer -> new Answer(origin, tags, Optional.of(new Around(around.get(), outer))));
        });
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    private Optional<EntityId> around(Origin origin, Optional<EntityTags> tags) {
        if (origin.pod().isPresent()) {
            return origin.pod();
        }
        if (origin.entity().prefix().equals(EntityId.PROCESS)) {
            return host;
        }
        return tags.flatMap(known -> known.tags(Cardinality.ORCHESTRATOR).stream()
                .filter(tag -> tag.startsWith(TASK) && tag.length() > TASK.length())
                .findFirst()
                .map(tag -> EntityId.of(EntityId.ECS_TASK, tag.substring(TASK.length()))));
    }

    private <T> Future<T> onLoop(CompletionStage<T> stage) {
        return Future.fromCompletionStage(stage, vertx.getOrCreateContext())
                .recover(error -> Future.failedFuture(
                        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error));
    }
}
