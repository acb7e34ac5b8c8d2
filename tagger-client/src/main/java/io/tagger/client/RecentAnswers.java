package io.tagger.client;

import io.tagger.api.EntityId;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A short memory of the agent's answers about entities: one question for all simultaneous callers, and no further
 * question for a while. Bounded: the oldest answers go first. Thread-safe.
 *
 * @param <A> the kind of answer
 */
final class RecentAnswers<A> {
    private final int most;
    private final long nanos;
    /** Oldest first: an answer keeps its place until forgotten. Guarded by this. */
    private final Map<EntityId, Kept<A>> kept = new LinkedHashMap<>();

    private record Kept<A>(CompletableFuture<A> answer, long since) {}

    /**
     * Makes an empty memory.
     *
     * @param most the number of answers kept
     * @param time how long an answer is kept
     */
    RecentAnswers(int most, Duration time) {
        this.most = most;
        nanos = time.toNanos();
    }

    /** The answer about an entity, which may still be on its way; null if there is none. */
    synchronized @Nullable CompletableFuture<A> find(EntityId entity) {
        Kept<A> found = kept.get(entity);
        return found == null || System.nanoTime() - found.since > nanos ? null : found.answer;
    }

    /** The answer about an entity; without one the question is asked. */
    CompletableFuture<A> find(EntityId entity, Function<EntityId, CompletableFuture<A>> question) {
        CompletableFuture<A> promise = new CompletableFuture<>();
        synchronized (this) {
            CompletableFuture<A> found = find(entity);
            if (found != null) {
                return found;
            }
            dropOld();
            kept.remove(entity); // the new answer is the youngest
            kept.put(entity, new Kept<>(promise, System.nanoTime()));
        }
        question.apply(entity).whenComplete((answer, error) -> {
            if (error == null) {
                promise.complete(answer);
            } else {
                forget(entity);
                promise.completeExceptionally(error);
            }
        });
        return promise;
    }

    /** Forgets the answer about an entity. */
    synchronized void forget(EntityId entity) {
        kept.remove(entity);
    }

    private void dropOld() {
        Iterator<Kept<A>> oldest = kept.values().iterator();
        while (oldest.hasNext()) {
            Kept<A> one = oldest.next();
            if (kept.size() < most && System.nanoTime() - one.since <= nanos) {
                return;
            }
            oldest.remove();
        }
    }
}
