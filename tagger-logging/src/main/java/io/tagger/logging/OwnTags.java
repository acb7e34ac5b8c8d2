package io.tagger.logging;

import io.tagger.api.Cardinality;
import io.tagger.api.DefaultTagger;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The present values of the tags of this process, from the {@link DefaultTagger}. A log line never waits: the question who this
 * process is runs on a thread of the JDK, and a value is read from memory. Thread-safe.
 */
final class OwnTags {
    /** The pause after a question without an answer, for instance while there is no agent. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final @Nullable Tagger tagger; // null: the process has none
    private final LongSupplier clock; // nanoseconds
    private final AtomicLong asked;
    private volatile @Nullable EntityId self;
    private volatile CompletableFuture<Void> question = CompletableFuture.completedFuture(null);

    OwnTags(@Nullable Tagger tagger, LongSupplier clock) {
        this.tagger = tagger;
        this.clock = clock;
        asked = new AtomicLong(clock.getAsLong() - AGAIN_NANOS);
        ask();
    }

    /** The tags by the default tagger of the process; none if there is no tagger on the class path. */
    static OwnTags ofProcess() {
        Tagger tagger;
        try {
            tagger = DefaultTagger.init();
        } catch (IllegalStateException e) {
            tagger = null; // logging must work without a tagger
        }
        return new OwnTags(tagger, System::nanoTime);
    }

    /**
     * The value of a tag.
     *
     * @param name the name
     * @return the value, of several the first by level and alphabet; null while there is none
     */
    @Nullable
    String value(String name) {
        EntityId entity = self;
        if (entity == null || tagger == null) {
            ask();
            return null;
        }
        for (String tag : tagger.cached(entity, Cardinality.HIGH)) {
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
        long end = System.nanoTime() + limit.toNanos();
        try {
            question.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            EntityId entity = self;
            if (tagger != null && entity != null && value(name) == null) {
                tagger.awaitComplete(entity, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            }
        } catch (TimeoutException | ExecutionException e) {
            // The value is not known yet.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return value(name);
    }

    /** Asks who this process is, unless that was asked a moment ago. */
    private void ask() {
        long now = clock.getAsLong();
        long before = asked.get();
        Tagger asking = tagger;
        if (asking != null && now - before >= AGAIN_NANOS && asked.compareAndSet(before, now)) {
            question = CompletableFuture.runAsync(
                    () -> asking.self().map(EntityTags::entity).ifPresent(entity -> self = entity));
        }
    }
}
