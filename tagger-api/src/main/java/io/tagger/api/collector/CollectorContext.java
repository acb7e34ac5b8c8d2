package io.tagger.api.collector;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The services of a host for one instance of a collector. Thread-safe; valid until the instance is closed. */
public interface CollectorContext {
    /**
     * The collector's block of the configuration, {@code tagger.collectors.<name>}, with defaults and substitutions
     * already in place.
     *
     * @return keys to strings, numbers, booleans, lists and further maps, as in JSON; unmodifiable
     */
    Map<String, Object> settings();

    /**
     * The clock to take instead of {@link java.time.Instant#now()}.
     *
     * @return the clock
     */
    Clock clock();

    /**
     * The name of this machine, as in entities of the kind {@code host}.
     *
     * @return the configured name, or the operating system's name
     */
    String hostName();

    /**
     * The logger's name, for the collector's logging library.
     *
     * @return {@code tagger.collectors.<name>}
     */
    String loggerName();

    /**
     * Threads for the collector's work in the background. The threads are daemons named after the collector, start on
     * demand, and are interrupted when the instance is closed. At most three quarters of {@code
     * tagger.collect.max-threads} (75 unless configured) work at a time, and 10,000 further tasks wait.
     *
     * @return the executor; throws an {@link IllegalStateException} for a task over these bounds
     */
    Executor executor();

    /**
     * Describes how far the collector has come, for the status: {@code 14 of 15 containers; 1 can't be read: ...}. The
     * text replaces the text before, and is kept while this instance runs. The default has no effect.
     *
     * @param text the description in words for an operator, cut after 500 characters; empty for nothing special
     */
    default void progress(String text) {}

    /**
     * Notes that the first tags of a new entity are served from now on, for the tagger's metrics. The default does nothing.
     *
     * @param start the start of the entity, by the clock of its daemon
     */
    default void tagged(Instant start) {}

    /**
     * Whether the tagger still has this collector's tags for an entity. A deletion reported by another collector takes
     * the tags of all; a collector that sends only changes looks here from time to time, and sends again what is left
     * of the source. The default returns true.
     *
     * @param entity the entity, reported by this collector before
     * @return false if the tags are gone
     */
    default boolean holds(EntityId entity) {
        return true;
    }

    /**
     * Looks up an entity of another kind, for a collector whose entities have the tags of further entities, as a process
     * has the tags of its container. Collectors without an answer are asked, as in {@link
     * io.tagger.api.Tagger#lookup}, without a wait. The default knows no entity.
     *
     * @param entity the entity, of a kind outside of {@link Collector#entityPrefixes}: a collector that waits for its own
     *     answer would wait for ever
     * @return completes with the tags, empty for an unknown entity; on a thread that must not be blocked
     */
    default CompletionStage<Optional<EntityTags>> lookup(EntityId entity) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /**
     * Declares the tagger whose tags this collector passes on, and detects a loop: two taggers that follow each other
     * would exchange the same tags for ever. Call the method before the first tag is passed on, and again from time to
     * time. The default has no effect.
     *
     * @param lineage the {@link io.tagger.api.TaggerStatus#lineage} of the other tagger
     * @throws IllegalStateException if the lineage contains this tagger
     */
    default void follows(List<String> lineage) {}
}
