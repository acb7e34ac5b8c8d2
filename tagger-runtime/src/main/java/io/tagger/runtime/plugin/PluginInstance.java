package io.tagger.runtime.plugin;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a collector. All calls of the collector go through this class, which sets the plugin's class loader
 * as the thread's context loader, because libraries find their parts through the context loader. Methods may throw any
 * error of the plugin. As thread-safe as the collector.
 */
public final class PluginInstance {
    private final Collector collector;
    private final @Nullable ClassLoader loader;

    private PluginInstance(Collector collector, @Nullable ClassLoader loader) {
        this.collector = collector;
        this.loader = loader;
    }

    static PluginInstance of(Supplier<? extends Collector> factory, @Nullable ClassLoader loader) throws Exception {
        return new PluginInstance(
                within(loader, () -> Objects.requireNonNull(factory.get(), "the factory returned null")), loader);
    }

    /** Takes a step with a context loader, and puts the thread's own back. */
    static <T> T within(@Nullable ClassLoader loader, Callable<T> step) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return step.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /**
     * Calls {@link Collector#check}.
     *
     * @param settings the collector's block of the configuration
     * @throws Exception any error of the collector
     */
    public void check(Map<String, Object> settings) throws Exception {
        run(() -> collector.check(settings));
    }

    /**
     * Calls {@link Collector#detect}.
     *
     * @param context the services of the host
     * @throws Exception any error of the collector
     */
    public void detect(CollectorContext context) throws Exception {
        run(() -> collector.detect(context));
    }

    /**
     * Calls {@link Collector#mode}.
     *
     * @return the mode of this instance
     * @throws IllegalArgumentException if the class does not implement the interface of the mode
     * @throws Exception any further error of the collector
     */
    public CollectorMode mode() throws Exception {
        return within(loader, () -> CollectorPlugin.checked(collector, collector.mode()));
    }

    /**
     * Calls {@link Streamer#stream}.
     *
     * @param sink where the tags go
     * @throws Exception any error of the collector
     */
    public void stream(TagSink sink) throws Exception {
        run(() -> ((Streamer) collector).stream(sink));
    }

    /**
     * Calls {@link Puller#pull}.
     *
     * @param sink where the tags go
     * @throws Exception any error of the collector
     */
    public void pull(TagSink sink) throws Exception {
        run(() -> ((Puller) collector).pull(sink));
    }

    /**
     * Calls {@link Puller#pullInterval}.
     *
     * @return the collector's result, unchecked
     * @throws Exception any error of the collector
     */
    public @Nullable Duration pullInterval() throws Exception {
        return within(loader, () -> ((Puller) collector).pullInterval());
    }

    /**
     * Calls {@link Collector#fetch}.
     *
     * @param entity the entity
     * @return the collector's result, unchecked and perhaps null
     * @throws Exception any error of the collector
     */
    public @Nullable List<TagInfo> fetch(EntityId entity) throws Exception {
        return within(loader, () -> collector.fetch(entity));
    }

    /**
     * Calls {@link Collector#explain}.
     *
     * @param entity the entity
     * @return the collector's result, unchecked and perhaps null
     * @throws Exception any error of the collector
     */
    public @Nullable Optional<Provenance> explain(EntityId entity) throws Exception {
        return within(loader, () -> collector.explain(entity));
    }

    /**
     * Calls {@link FetchOnly#answersHoldFor}.
     *
     * @return the collector's result, unchecked and perhaps null; empty for a collector of another mode
     * @throws Exception any error of the collector
     */
    public @Nullable Optional<Duration> answersHoldFor() throws Exception {
        return within(
                loader, () -> collector instanceof FetchOnly fetches ? fetches.answersHoldFor() : Optional.empty());
    }

    /**
     * Calls {@link Collector#close}.
     *
     * @throws Exception any error of the collector
     */
    public void close() throws Exception {
        run(() -> collector.close());
    }

    private void run(Step step) throws Exception {
        within(loader, () -> {
            step.run();
            return true;
        });
    }

    /** A call without a result. */
    private interface Step {
        void run() throws Exception;
    }
}
