package io.tagger.testkit;

import io.tagger.api.EntityId;
import io.tagger.api.collector.CollectorContext;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A context for tests of a collector without a host. Close the context to end the threads of its executor. */
public final class TestContext implements CollectorContext, AutoCloseable {
    private final Map<String, Object> settings;
    private final Clock clock;
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test-context");
        thread.setDaemon(true);
        return thread;
    });

    private final Set<EntityId> deleted = ConcurrentHashMap.newKeySet();
    private volatile String progress = "";

    /**
     * Makes a context with the system's clock.
     *
     * @param settings the collector's block of the configuration, defaults included
     */
    public TestContext(Map<String, Object> settings) {
        this(settings, Clock.systemUTC());
    }

    /**
     * Makes a context.
     *
     * @param settings the collector's block of the configuration, defaults included
     * @param clock the time
     */
    public TestContext(Map<String, Object> settings, Clock clock) {
        this.settings = Map.copyOf(settings);
        this.clock = clock;
    }

    @Override
    public Map<String, Object> settings() {
        return settings;
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public String hostName() {
        return "test-host";
    }

    @Override
    public String loggerName() {
        return "test";
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public void progress(String text) {
        progress = text;
    }

    /**
     * The last description of the collector's progress.
     *
     * @return the text; empty if the collector has given none
     */
    public String progress() {
        return progress;
    }

    @Override
    public boolean holds(EntityId entity) {
        return !deleted.contains(entity);
    }

    /**
     * Behaves from now on as if another collector had deleted an entity, with the tags of all.
     *
     * @param entity the entity
     */
    public void deletedByAnother(EntityId entity) {
        deleted.add(entity);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
