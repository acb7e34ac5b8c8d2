package io.tagger.logging;

import io.tagger.api.Cardinality;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityId;
import io.tagger.api.Tagger;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The present values of the tags of this process, from the {@link DefaultTagger}. A log line never waits: the question who this
 * process is runs on a thread of the JDK, and a value is read from memory. Thread-safe.
 */
final class OwnTags {
    /** The pause after a question without an answer, for instance while there is no agent. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Supplier<Tagger> source;
    private final LongSupplier clock; // nanoseconds
    private final AtomicLong asked;
    private volatile @Nullable Self self;
    private volatile CompletableFuture<Void> question = CompletableFuture.completedFuture(null);

    /** The answer to the question who this process is. */
    private record Self(Tagger tagger, EntityId entity) {}

    /**
     * Makes a reader, without a question.
     *
     * @param source the tagger; called on a thread of the JDK, and may fail
     */
    OwnTags(Supplier<Tagger> source, LongSupplier clock) {
        this.source = source;
        this.clock = clock;
        asked = new AtomicLong(clock.getAsLong() - AGAIN_NANOS);
    }

    /** The tags by the default tagger of the process, opened by the first question. */
    static OwnTags ofProcess() {
        return new OwnTags(DefaultTagger::init, System::nanoTime);
    }

    /**
     * The value of a tag. The first call asks, and has no value yet.
     *
     * @param name the name
     * @return the value, of several the first by level and alphabet; null while there is none
     */
    @Nullable
    String value(String name) {
        Self known = self;
        if (known == null) {
            ask();
            return null;
        }
        return value(name, known.tagger.cached(known.entity, Cardinality.HIGH));
    }

    private static @Nullable String value(String name, List<String> tags) {
        for (String tag : tags) {
            if (tag.startsWith(name) && tag.length() > name.length() + 1 && tag.charAt(name.length()) == ':') {
                return tag.substring(name.length() + 1);
            }
        }
        return null;
    }

    /**
     * The value of a tag, as soon as the tag is known.
     *
     * @param limit the longest wait
     * @return as {@link #value}
     */
    @Nullable
    String value(String name, Duration limit) {
        ask();
        CompletableFuture<@Nullable String> answer = question.thenApplyAsync(nothing -> whole(name, limit));
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return value(name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return value(name);
        }
    }

    private @Nullable String whole(String name, Duration limit) {
        Self known = self;
        if (known == null) {
            return null;
        }
        try {
            return known.tagger
                    .awaitComplete(known.entity, limit)
                    .map(entity -> value(name, entity.tags(Cardinality.HIGH)))
                    .orElse(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** Asks who this process is, unless that is known or was asked a moment ago. */
    private void ask() {
        long now = clock.getAsLong();
        long before = asked.get();
        if (self == null && now - before >= AGAIN_NANOS && asked.compareAndSet(before, now)) {
            question = CompletableFuture.runAsync(() -> {
                Tagger tagger = source.get(); // fails without a tagger on the class path
                tagger.self().ifPresent(entity -> self = new Self(tagger, entity.entity()));
            });
        }
    }
}
