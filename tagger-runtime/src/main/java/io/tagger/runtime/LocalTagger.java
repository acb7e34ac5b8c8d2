package io.tagger.runtime;

import io.tagger.api.CollectorStatus;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Explanation;
import io.tagger.api.Issue;
import io.tagger.api.TagListener;
import io.tagger.api.TaggerStatus;
import io.tagger.api.collector.Collector;
import io.tagger.config.ConfigLayers;
import io.tagger.config.InvalidConfigurationException;
import io.tagger.config.TaggerConfig;
import io.tagger.runtime.collect.CollectorHost;
import io.tagger.runtime.collect.HostServices;
import io.tagger.runtime.collect.Reloaded;
import io.tagger.runtime.collect.SubscriberQuestions;
import io.tagger.runtime.explain.Explainer;
import io.tagger.store.Epoch;
import io.tagger.store.IncompleteTags;
import io.tagger.store.NameRules;
import io.tagger.store.Snapshot;
import io.tagger.store.StoreStatistics;
import io.tagger.store.StoreTagger;
import io.tagger.store.TagStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tagger with collectors in this process, made by {@link #builder()}. Any number of taggers may exist side by side,
 * in addition to the {@link io.tagger.api.DefaultTagger}.
 */
public final class LocalTagger extends StoreTagger {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTagger.class);

    /**
     * The interval of the check for lapsed answers; after each check the next lookup of each entity takes the slow path
     * once.
     */
    private static final Duration LAPSE = Duration.ofSeconds(10);

    private final TagStore store;
    private final Epoch epoch;
    private final CollectorHost host;
    private final @Nullable SubscriberQuestions subscriberQuestions;
    private volatile List<Issue> issues;
    private final ScheduledExecutorService scheduler;
    private final boolean ownScheduler;
    private volatile ScheduledFuture<?> prune;
    private final ScheduledFuture<?> lapse;
    private final OwnEntity ownEntity = new OwnEntity();
    private volatile boolean isClosed;

    private LocalTagger(TagStore store, Epoch epoch, Builder builder, TaggerConfig config) {
        super(store, epoch);
        this.store = store;
        this.epoch = epoch;
        ownScheduler = builder.scheduler == null;
        scheduler = builder.scheduler == null ? TaggerScheduler.make() : builder.scheduler;
        host = new CollectorHost(new HostServices(
                store,
                epoch,
                TaggerSetup.hostSettings(config),
                new HostServices.Time(builder.clock, scheduler),
                new HostServices.Names(HostName.of(config), UUID.randomUUID().toString()),
                new HostServices.Calls(this::lookupForACollector, builder.onTagged)));
        issues = issues(builder.setup, config);
        issues.forEach(issue -> LOG.warn("{}", issue));
        store.serve(TaggerSetup.nameRules(config));
        builder.setup.uses(config).forEach(host::add);
        subscriberQuestions = config.flag("lookup.ask-for-subscribers")
                ? new SubscriberQuestions(host, store, config.number("lookup.fetch-threads", 1, 1_000) / 2 + 1)
                : null;
        prune = pruning(config);
        lapse = TaggerScheduler.every(scheduler, LAPSE, this::lapse);
        host.start();
    }

    private ScheduledFuture<?> pruning(TaggerConfig config) {
        Duration grace = config.durationOrZero("store.deletion-grace");
        return TaggerScheduler.every(scheduler, config.duration("store.prune-interval"), () -> store.prune(grace));
    }

    private static List<Issue> issues(TaggerSetup setup, TaggerConfig config) {
        List<Issue> issues = new ArrayList<>(setup.issues());
        issues.addAll(config.issues());
        return List.copyOf(issues);
    }

    /**
     * Changes to another configuration, and to the collectors of another setup. Collectors with the same settings go on;
     * the others are started anew, and their known tags stay served until the new instance has synced. Subscribers learn
     * of real differences alone. The settings {@code hostname}, {@code mode}, {@code store.stripes} and {@code
     * lookup.ask-for-subscribers} keep their values.
     *
     * @param setup the collectors
     * @param config the configuration, checked by the setup
     * @return completes when the first detection of each new collector is over
     * @throws IllegalStateException if a reload is under way, or the tagger is closed
     */
    public CompletableFuture<Reloaded> reload(TaggerSetup setup, TaggerConfig config) {
        if (isClosed) {
            throw new IllegalStateException("the tagger is closed");
        }
        CompletableFuture<Reloaded> reloaded = host.reload(setup.uses(config), TaggerSetup.hostSettings(config));
        List<Issue> before = issues;
        issues = issues(setup, config);
        issues.stream().filter(issue -> !before.contains(issue)).forEach(issue -> LOG.warn("{}", issue));
        NameRules names = TaggerSetup.nameRules(config);
        if (!names.equals(store.names())) {
            store.serve(names);
        }
        prune.cancel(false);
        prune = pruning(config);
        return reloaded;
    }

    /**
     * Begins a tagger without collectors, with the default configuration.
     *
     * @return a builder
     */
    public static Builder builder() {
        return builder(new TaggerSetup());
    }

    /**
     * Begins a tagger with the collectors of a setup, and the default configuration.
     *
     * @param setup the setup
     * @return a builder
     */
    public static Builder builder(TaggerSetup setup) {
        return new Builder(setup);
    }

    @Override
    protected @Nullable Snapshot miss(EntityId entity, @Nullable Snapshot known) {
        int present = epoch.number();
        host.ask(entity, known);
        return settled(entity, present);
    }

    @Override
    protected CompletableFuture<Optional<Snapshot>> missFor(String caller, EntityId entity, @Nullable Snapshot known) {
        int present = epoch.number();
        return host.askFor(caller, entity, known).thenApply(nothing -> Optional.ofNullable(settled(entity, present)));
    }

    private CompletionStage<Optional<EntityTags>> lookupForACollector(EntityId entity) {
        return host.askFor(null, entity, store.find(entity)).thenApply(nothing -> entity(entity));
    }

    private @Nullable Snapshot settled(EntityId entity, int present) {
        Snapshot snapshot = store.find(entity);
        if (snapshot != null && host.isSettled(entity, snapshot)) {
            snapshot.settle(present);
        }
        return snapshot;
    }

    @Override
    protected void renew(EntityId entity, Snapshot known) {
        host.renew(entity, known);
    }

    @Override
    protected Optional<EntityTags> answer(EntityId entity, @Nullable Snapshot known) {
        boolean isComplete = host.isComplete(entity, known);
        return isComplete ? Optional.ofNullable(known) : Optional.of(new IncompleteTags(entity, known));
    }

    @Override
    protected TagListener listening(TagListener listener) {
        return subscriberQuestions == null ? listener : subscriberQuestions.around(listener);
    }

    private void lapse() {
        host.lapse();
        if (subscriberQuestions != null) {
            subscriberQuestions.lapse();
        }
    }

    @Override
    public TaggerStatus status() {
        List<CollectorStatus> collectors = host.status();
        List<Issue> now = new ArrayList<>(issues);
        now.addAll(host.issues());
        StoreStatistics statistics = store.statistics();
        return new TaggerStatus(
                new TaggerStatus.Identity(LocalTaggerProvider.MODE, host.lineage()),
                !isClosed && collectors.stream().allMatch(CollectorStatus::ready),
                new TaggerStatus.Size(store.size(), statistics.subscriptions()),
                collectors,
                now,
                new TaggerStatus.Counters(
                        host.misses(),
                        host.timeouts(),
                        statistics.updates(),
                        statistics.prunes(),
                        statistics.pruned(),
                        statistics.late()));
    }

    @Override
    public Optional<EntityTags> self() {
        return ownEntity.find().map(entity -> lookup(entity).orElseGet(() -> new IncompleteTags(entity, null)));
    }

    @Override
    public CompletionStage<Explanation> explain(EntityId entity, String name) {
        Objects.requireNonNull(name, "name");
        Snapshot snapshot = store.find(entity);
        return host.explain(entity, snapshot)
                .thenApply(sources -> new Explainer(entity, snapshot, sources, store.names()).explain(name));
    }

    @Override
    public boolean awaitReady(Duration limit) throws InterruptedException {
        return host.awaitReady(limit);
    }

    /**
     * Carries out all marked deletions, without regard to {@code tagger.store.deletion-grace}.
     *
     * @return the number of entities removed
     */
    public int prune() {
        return store.prune();
    }

    /** The number of known entities that lack an answer, because a collector failed, is awaited or was asked in vain. */
    public long incomplete() {
        return host.incomplete();
    }

    /** The number of remembered answers without tags, of all collectors together. */
    public int rememberedAnswers() {
        return host.remembered();
    }

    @Override
    public void close() {
        isClosed = true;
        prune.cancel(false);
        lapse.cancel(false);
        host.close();
        super.close();
        if (ownScheduler) {
            scheduler.shutdownNow();
        }
    }

    /** Builds a tagger. Not thread-safe. */
    public static final class Builder {
        private final TaggerSetup setup;
        private @Nullable TaggerConfig config;
        private boolean isChecked;
        private Clock clock = Clock.systemUTC();
        private @Nullable ScheduledExecutorService scheduler;
        private BiConsumer<String, Duration> onTagged = (collector, sinceStart) -> {};

        private Builder(TaggerSetup setup) {
            this.setup = setup;
        }

        /**
         * Adds a collector.
         *
         * @param factory makes a new instance at every call
         * @return this
         */
        public Builder collector(Supplier<? extends Collector> factory) {
            setup.collector(factory);
            isChecked = false;
            return this;
        }

        /**
         * Adds the collectors registered on a class path.
         *
         * @param loader the class loader to search
         * @return this
         */
        public Builder classPath(ClassLoader loader) {
            setup.classPath(loader);
            isChecked = false;
            return this;
        }

        /**
         * Adds the collectors of plugin folders, as {@link TaggerSetup#plugins}.
         *
         * @param parent the folder of the plugin folders
         * @return this
         */
        public Builder plugins(Path parent) {
            setup.plugins(parent);
            isChecked = false;
            return this;
        }

        /**
         * Sets the configuration; the defaults apply otherwise.
         *
         * @param settings the configuration
         * @return this
         */
        public Builder config(TaggerConfig settings) {
            config = settings;
            isChecked = false;
            return this;
        }

        /**
         * Loads the configuration for the collectors added so far, as {@link TaggerSetup#configure}.
         *
         * @param layers the layers of the configuration
         * @return this
         * @throws InvalidConfigurationException with every problem found
         */
        public Builder configure(ConfigLayers layers) {
            config(setup.configure(layers));
            isChecked = true;
            return this;
        }

        /**
         * Sets the clock for expiries and remembered answers; the system's clock unless set.
         *
         * @param time the clock
         * @return this
         */
        public Builder clock(Clock time) {
            clock = time;
            return this;
        }

        /**
         * Sets the scheduler of deadlines, retries and prunes; a thread of the tagger's own unless set. The tagger does
         * not close the scheduler.
         *
         * @param executor the scheduler
         * @return this
         */
        public Builder scheduler(ScheduledExecutorService executor) {
            scheduler = executor;
            return this;
        }

        /**
         * Sets a listener for the delay of new entities' tags, for metrics; none unless set.
         *
         * @param listener takes the name of a collector, and the time from the start of an entity until its tags are
         *     served; called on threads of the collector
         * @return this
         */
        public Builder onTagged(BiConsumer<String, Duration> listener) {
            onTagged = listener;
            return this;
        }

        /**
         * Makes the tagger and starts the collectors, without a wait for their start.
         *
         * @return the tagger; the caller closes the tagger
         * @throws InvalidConfigurationException if the configuration has {@link TaggerSetup#problems}
         * @throws RejectedExecutionException if the given scheduler is closed
         */
        public LocalTagger build() {
            TaggerConfig settings = config == null ? ConfigLayers.empty().build() : config;
            List<String> problems = isChecked ? List.of() : setup.problems(settings);
            if (!problems.isEmpty()) {
                throw new InvalidConfigurationException(problems);
            }
            TagStore store = new TagStore(clock, TaggerSetup.stripes(settings));
            return new LocalTagger(store, new Epoch(), this, settings);
        }
    }
}
