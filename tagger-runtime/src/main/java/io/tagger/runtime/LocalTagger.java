package io.tagger.runtime;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Issue;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import io.tagger.api.TaggerStatus;
import io.tagger.api.collector.Collector;
import io.tagger.runtime.collect.CollectorHost;
import io.tagger.runtime.collect.DaemonThreads;
import io.tagger.runtime.collect.HostSettings;
import io.tagger.runtime.config.InvalidConfigurationException;
import io.tagger.runtime.config.TaggerConfig;
import io.tagger.runtime.plugin.CollectorDiscovery;
import io.tagger.runtime.plugin.CollectorPlugin;
import io.tagger.store.IncompleteTags;
import io.tagger.store.Snapshot;
import io.tagger.store.TagStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tagger that collects by itself, in this process. Make one with {@link #builder()}; any number may live beside each other and beside the
 * {@link io.tagger.api.DefaultTagger}.
 *
 * <p>A hit is a lookup in the store's table and a comparison of two numbers: the epoch in which there was nobody left to ask about the
 * entity, and the present one. Everything else takes the long way through {@link CollectorHost#ask}.
 */
public final class LocalTagger implements Tagger {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTagger.class);

    /** How late a "not found" that has run out may be noticed; each time every entity in use goes the long way once. */
    private static final long LAPSE_SECONDS = 10;

    private static final int MAX_STRIPES = 65_536;

    private final TagStore store;
    private final CollectorHost host;
    private final List<Issue> issues;
    private final ScheduledExecutorService scheduler;
    private final boolean ownScheduler;
    private final ScheduledFuture<?> prune;
    private final ScheduledFuture<?> lapse;
    private final ExecutorService listeners = Executors.newCachedThreadPool(DaemonThreads.named("tagger-events"));

    private LocalTagger(Builder builder) {
        TaggerConfig config = builder.config;
        List<String> problems = builder.problems(config);
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
        Clock clock = builder.clock;
        ownScheduler = builder.scheduler == null;
        scheduler = builder.scheduler == null ? scheduler() : builder.scheduler;
        store = new TagStore(clock, config.number("store.stripes", 1, MAX_STRIPES));
        host = new CollectorHost(store, hostSettings(config), clock, scheduler, HostName.of(config));
        CollectorDiscovery discovery = builder.discovery;
        issues = new ArrayList<>(discovery.issues());
        issues.addAll(config.issues());
        issues.forEach(issue -> LOG.warn("{}", issue));
        for (CollectorPlugin plugin : discovery.plugins()) {
            host.add(plugin, config.collector(plugin.name()), config.use(plugin.name()));
        }
        prune = every(config.duration("store.prune-interval"), store::prune);
        lapse = every(Duration.ofSeconds(LAPSE_SECONDS), host::lapse);
        host.start();
    }

    /**
     * Begins a tagger without collectors, with the defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public List<String> tag(EntityId entity, Cardinality cardinality) {
        Snapshot snapshot = resolve(entity);
        return snapshot == null ? List.of() : snapshot.tags(cardinality);
    }

    @Override
    public List<String> tag(String entity, Cardinality cardinality) {
        Snapshot snapshot = store.find(entity); // malformed text is never found
        if (!isHit(snapshot)) {
            snapshot = miss(EntityId.parse(entity));
        }
        return snapshot == null ? List.of() : snapshot.tags(cardinality);
    }

    @Override
    public List<String> cached(EntityId entity, Cardinality cardinality) {
        return store.lookup(entity, cardinality);
    }

    @Override
    public TagHandle handle(EntityId entity) {
        resolve(entity);
        return store.handle(entity);
    }

    @Override
    public List<String> standard(EntityId entity) {
        Snapshot snapshot = resolve(entity);
        return snapshot == null ? List.of() : snapshot.standard();
    }

    @Override
    public Optional<EntityTags> entity(EntityId entity) {
        Snapshot snapshot = store.find(entity);
        if (snapshot != null) {
            return Optional.of(judged(snapshot));
        }
        return host.allTold(entity, null) ? Optional.empty() : Optional.of(new IncompleteTags(entity, null));
    }

    @Override
    public List<EntityTags> entities(EntityFilter filter) {
        List<EntityTags> list = store.list(filter);
        list.replaceAll(tags -> judged((Snapshot) tags));
        return list;
    }

    @Override
    public Subscription subscribe(EntityFilter filter, TagListener listener) {
        return store.subscribe(filter, listener, listeners);
    }

    @Override
    public TaggerStatus status() {
        List<CollectorStatus> collectors = host.status();
        List<Issue> now = new ArrayList<>(issues);
        now.addAll(host.issues());
        return new TaggerStatus(
                LocalTaggerProvider.MODE,
                collectors.stream().allMatch(CollectorStatus::ready),
                store.size(),
                collectors,
                now,
                new TaggerStatus.Counters(
                        host.misses(),
                        host.timeouts(),
                        store.updates(),
                        store.prunes(),
                        store.pruned(),
                        store.late(),
                        store.subscriptions()),
                host.lineage());
    }

    /**
     * Carries out the deletions that are due now, without waiting for the next turn.
     *
     * @return how many entities were removed
     */
    public int prune() {
        return store.prune();
    }

    /**
     * How many answers without tags are remembered, by all collectors together.
     *
     * @return the count
     */
    public int rememberedAnswers() {
        return host.remembered();
    }

    @Override
    public void close() {
        prune.cancel(false);
        lapse.cancel(false);
        host.close();
        store.closeSubscriptions();
        listeners.shutdownNow();
        if (ownScheduler) {
            scheduler.shutdownNow();
        }
    }

    private @Nullable Snapshot resolve(EntityId entity) {
        Snapshot snapshot = store.find(entity);
        return isHit(snapshot) ? snapshot : miss(entity);
    }

    /** Whether the tags are known and there is nobody left to ask. */
    private boolean isHit(@Nullable Snapshot snapshot) {
        return snapshot != null && snapshot.settledIn(host.epoch());
    }

    private @Nullable Snapshot miss(EntityId entity) {
        int epoch = host.epoch();
        host.ask(entity, store.find(entity));
        Snapshot snapshot = store.find(entity);
        if (snapshot != null && host.settled(entity, snapshot)) {
            snapshot.settle(epoch);
        }
        return snapshot;
    }

    private EntityTags judged(Snapshot snapshot) {
        return host.allTold(snapshot.entity(), snapshot) ? snapshot : new IncompleteTags(snapshot.entity(), snapshot);
    }

    private ScheduledFuture<?> every(Duration interval, Runnable task) {
        return scheduler.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) { // a plugin that fills the heap must not end the scheduler's tasks for good
                        LOG.error("a task of the tagger failed and is run again at its next turn", e);
                    }
                },
                interval.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static ScheduledExecutorService scheduler() {
        ScheduledThreadPoolExecutor scheduler =
                new ScheduledThreadPoolExecutor(1, DaemonThreads.named("tagger-scheduler"));
        scheduler.setRemoveOnCancelPolicy(true);
        return scheduler;
    }

    private static HostSettings hostSettings(TaggerConfig config) {
        return new HostSettings(
                config.duration("collect.detect-deadline"),
                config.duration("collect.pull-deadline"),
                config.duration("lookup.fetch-deadline"),
                config.duration("lookup.deadline"),
                config.duration("collect.retry-min"),
                config.duration("collect.retry-max"),
                config.duration("lookup.remember-not-found"),
                config.duration("lookup.ask-again-incomplete"),
                config.number("lookup.fetch-threads", 1, 1_000),
                config.number("lookup.max-remembered", 100, 10_000_000),
                config.number("collect.max-entities", 100, 100_000_000),
                config.number("collect.max-tag-length", 200, 10_000_000),
                config.number("collect.max-threads", 10, 100_000));
    }

    /** Puts a tagger together. Not thread-safe. */
    public static final class Builder {
        private TaggerConfig config = TaggerConfig.builder().build();
        private final CollectorDiscovery discovery;
        private Clock clock = Clock.systemUTC();
        private @Nullable ScheduledExecutorService scheduler;

        private Builder() {
            discovery = new CollectorDiscovery();
        }

        /**
         * Adds a collector.
         *
         * @param factory makes a new instance at every call
         * @return this
         */
        public Builder collector(Supplier<? extends Collector> factory) {
            discovery.collector(factory);
            return this;
        }

        /**
         * Adds the collectors that are registered on a class path.
         *
         * @param loader the class loader to look through
         * @return this
         */
        public Builder classPath(ClassLoader loader) {
            discovery.classPath(loader);
            return this;
        }

        /**
         * Adds the collectors of plugin folders: folders with the jars of one plugin each, which see nothing of each other, and of this
         * program only tagger-api and slf4j-api.
         *
         * @param parent the folder in which the plugin folders lie
         * @return this
         */
        public Builder plugins(Path parent) {
            discovery.folders(parent);
            return this;
        }

        /**
         * What is wrong with collectors that were found.
         *
         * @return the issues
         */
        public List<Issue> issues() {
            return discovery.issues();
        }

        /**
         * The collectors that were found and can be used.
         *
         * @return the collectors, in their order
         */
        public List<CollectorPlugin> found() {
            return discovery.plugins();
        }

        /**
         * Sets the settings; without this the defaults hold.
         *
         * @param settings the configuration
         * @return this
         */
        public Builder config(TaggerConfig settings) {
            config = settings;
            return this;
        }

        /**
         * Sets the clock that tells when something has expired or may be asked again; the system's unless set.
         *
         * @param time the clock
         * @return this
         */
        public Builder clock(Clock time) {
            clock = time;
            return this;
        }

        /**
         * Sets what runs the tagger's deadlines, retries and prunes; a thread of its own unless set. The tagger does not close it.
         *
         * @param executor the scheduler
         * @return this
         */
        public Builder scheduler(ScheduledExecutorService executor) {
            scheduler = executor;
            return this;
        }

        /**
         * Checks a configuration beyond its keys and types: the bounds of the runtime's settings, and what each collector that is used says of
         * its own.
         *
         * @param settings the configuration
         * @return what is wrong, a sentence each; empty if nothing is
         */
        public List<String> problems(TaggerConfig settings) {
            List<String> problems = new ArrayList<>();
            for (Runnable check : List.<Runnable>of(
                    () -> hostSettings(settings),
                    () -> settings.number("store.stripes", 1, MAX_STRIPES),
                    () -> settings.duration("store.prune-interval"),
                    () -> settings.choice("mode", Set.of("auto", LocalTaggerProvider.MODE, "client")))) {
                collect(check, problems);
            }
            for (CollectorPlugin plugin : discovery.plugins()) {
                collect(
                        () -> {
                            if (settings.use(plugin.name()) != CollectorHost.Use.OFF) {
                                plugin.check(settings.collector(plugin.name()));
                            }
                        },
                        problems);
            }
            return problems;
        }

        private static void collect(Runnable check, List<String> problems) {
            try {
                check.run();
            } catch (InvalidConfigurationException e) {
                problems.addAll(e.problems());
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }

        /**
         * Takes the settings of some layers, and the collectors in the folders that {@code tagger.plugin-path} in them names.
         *
         * @param layers the layers, without the collectors, which are named here
         * @return the configuration, which is set
         * @throws InvalidConfigurationException with everything that is wrong
         */
        public TaggerConfig configure(TaggerConfig.Builder layers) {
            layers.pluginPath().forEach(discovery::folders);
            layers.plugins(discovery.plugins());
            if (discovery.hasIssues()) {
                layers.anyCollector();
            }
            config = layers.build();
            return config;
        }

        /**
         * Makes the tagger and starts its collectors, which go on starting in the background.
         *
         * @return the tagger, which the caller closes
         * @throws InvalidConfigurationException if there are {@link #problems}
         * @throws RejectedExecutionException if the scheduler that was set is closed
         */
        public LocalTagger build() {
            return new LocalTagger(this);
        }
    }
}
