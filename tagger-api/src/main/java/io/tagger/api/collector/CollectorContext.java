package io.tagger.api.collector;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** What a host lends to one instance of a collector. Thread-safe; valid until the instance is closed. */
public interface CollectorContext {
    /**
     * The collector's block of the configuration, {@code tagger.collectors.<name>}, with defaults and substitutions already in place.
     *
     * @return keys to strings, numbers, booleans, lists and further maps, as JSON has them; unmodifiable
     */
    Map<String, Object> settings();

    /**
     * The clock to take instead of {@link java.time.Instant#now()}.
     *
     * @return the clock
     */
    Clock clock();

    /**
     * The name of this machine, as entities of the kind {@code host} have it.
     *
     * @return the configured name, else the operating system's
     */
    String hostName();

    /**
     * The name to log under, with whatever logging the collector uses.
     *
     * @return {@code tagger.collectors.<name>}
     */
    String loggerName();

    /**
     * Threads for what the collector does beside itself. They are daemons with the collector's name in theirs, are made as they are needed
     * (bound your own parallelism), and are interrupted when the instance is closed.
     *
     * @return the executor
     */
    Executor executor();

    /**
     * For a collector that passes on what another tagger collects: notes whom that one is, and refuses it if it follows this very tagger,
     * as both would hand the same tags back and forth for ever. To be called before anything is passed on, and again from time to time. The
     * default notes nothing.
     *
     * @param lineage the {@link io.tagger.api.TaggerStatus#lineage} of the other tagger
     * @throws IllegalStateException if this tagger is among them
     */
    default void follows(List<String> lineage) {}
}
