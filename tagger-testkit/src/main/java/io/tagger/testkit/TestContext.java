package io.tagger.testkit;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.collector.CollectorContext;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A context for tests of a collector without a host. Close the context to end the threads of its executor. */
public final class TestContext implements CollectorContext, AutoCloseable {
    private final Map<String, Object> settings;
    private final Clock clock;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test-context");
        thread.setDaemon(true);
        return thread;
    });

    private final Set<EntityId> deleted = ConcurrentHashMap.newKeySet();
    private volatile Executor executor = threads;
    private volatile Function<EntityId, CompletionStage<Optional<EntityTags>>> lookup = CollectorContext.super::lookup;
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

    /**
     * Sets the threads of the collector; as many as wanted unless set.
     *
     * @param chosen runs the collector's tasks; the caller ends its threads
     * @return this
     */
    public TestContext runningOn(Executor chosen) {
        executor = chosen;
        return this;
    }

    /**
     * Sets the answers about entities of other kinds; no entity is known unless set.
     *
     * @param answers as {@link CollectorContext#lookup}
     * @return this
     */
    public TestContext lookingUp(Function<EntityId, CompletionStage<Optional<EntityTags>>> answers) {
        lookup = answers;
        return this;
    }

    @Override
    public CompletionStage<Optional<EntityTags>> lookup(EntityId entity) {
        return lookup.apply(entity);
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
        threads.shutdownNow();
    }
}
