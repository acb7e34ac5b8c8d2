package io.tagger.runtime.plugin;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a collector. Nobody calls the instance itself: each of its methods is called here, with the plugin's class loader as the
 * thread's context loader, by which libraries find their parts. May throw whatever the plugin throws. As thread-safe as the collector.
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
     * @param settings its block of the configuration
     * @throws Exception what the collector throws
     */
    public void check(Map<String, Object> settings) throws Exception {
        run(() -> collector.check(settings));
    }

    /**
     * Calls {@link Collector#detect}.
     *
     * @param context what is lent
     * @throws Exception what the collector throws
     */
    public void detect(CollectorContext context) throws Exception {
        run(() -> collector.detect(context));
    }

    /**
     * Calls {@link Streamer#stream}.
     *
     * @param sink where the tags go
     * @throws Exception what the collector throws
     */
    public void stream(TagSink sink) throws Exception {
        run(() -> ((Streamer) collector).stream(sink));
    }

    /**
     * Calls {@link Puller#pull}.
     *
     * @param sink where the tags go
     * @throws Exception what the collector throws
     */
    public void pull(TagSink sink) throws Exception {
        run(() -> ((Puller) collector).pull(sink));
    }

    /**
     * Calls {@link Puller#pullInterval}.
     *
     * @return what the collector returns, which may be anything
     * @throws Exception what the collector throws
     */
    public @Nullable Duration pullInterval() throws Exception {
        return within(loader, () -> ((Puller) collector).pullInterval());
    }

    /**
     * Calls {@link Collector#fetch}.
     *
     * @param entity the entity
     * @return what the collector returns, which may be null
     * @throws Exception what the collector throws
     */
    public @Nullable List<TagInfo> fetch(EntityId entity) throws Exception {
        return within(loader, () -> collector.fetch(entity));
    }

    /**
     * Calls {@link Collector#close}.
     *
     * @throws Exception what the collector throws
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

    /** A call that returns nothing. */
    private interface Step {
        void run() throws Exception;
    }
}
