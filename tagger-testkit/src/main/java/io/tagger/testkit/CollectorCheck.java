package io.tagger.testkit;

import static io.tagger.testkit.CheckSteps.close;
import static io.tagger.testkit.CheckSteps.openFiles;
import static io.tagger.testkit.CheckSteps.require;
import static io.tagger.testkit.CheckSteps.use;
import static io.tagger.testkit.CheckSteps.validate;

import io.tagger.api.CollectorMode;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.FetchOnly;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The promises of every collector to its host, each with a check. {@link CollectorContractTest} runs the checks as
 * tests, {@code bin/tagger plugins verify} runs them without a test framework.
 *
 * <p>The time limits bound a step that hangs: {@link Limits#OF_A_HOST} in {@code plugins verify}, the longer {@link
 * Limits#OF_A_TEST} in tests, which may run on a busy machine. No check measures speed.
 */
public enum CollectorCheck {
    /** {@link Collector#name} is valid and constant over all instances; so are the priority and the kinds. */
    NAME_AND_KINDS("name, priority and kinds are valid, and constant over all instances") {
        @Override
        void check(Subject subject) {
            Collector one = subject.make();
            Collector two = subject.make();
            String name = one.name();
            try {
                Collector.requireName(name);
            } catch (IllegalArgumentException e) {
                throw new AssertionError("name(): " + e.getMessage(), e);
            }
            require(name.equals(two.name()), "name() returned '" + name + "', then '" + two.name() + "'");
            require(
                    one.priority() != null && one.priority() == two.priority(),
                    "priority() returned " + one.priority() + ", then " + two.priority());
            Set<String> kinds = one.entityPrefixes();
            require(
                    kinds != null && kinds.stream().allMatch(EntityId::isPrefix) && kinds.equals(two.entityPrefixes()),
                    "entityPrefixes() returned " + kinds + ", then " + two.entityPrefixes() + "; each must be "
                            + EntityId.PREFIX_RULE);
            require(
                    !(one instanceof FetchOnly) || !kinds.isEmpty(),
                    "entityPrefixes() is empty: a FetchOnly without a kind is never asked");
        }
    },

    /**
     * The class implements {@link Streamer}, {@link Puller}, both of them, or {@link FetchOnly} alone, and {@link
     * Collector#mode} is one of these.
     */
    MODES("the class implements Streamer, Puller, both, or FetchOnly alone, and mode() is one of them") {
        @Override
        void check(Subject subject) {
            Collector collector = subject.make();
            List<CollectorMode> modes = new ArrayList<>();
            if (collector instanceof Streamer) {
                modes.add(CollectorMode.STREAM);
            }
            if (collector instanceof Puller) {
                modes.add(CollectorMode.PULL);
            }
            boolean pushes = !modes.isEmpty();
            if (collector instanceof FetchOnly) {
                modes.add(CollectorMode.FETCH);
            }
            require(pushes != collector instanceof FetchOnly, "it implements the interfaces of " + modes);
            require(modes.contains(collector.mode()), "mode() is " + collector.mode() + ", and it implements " + modes);
        }
    },

    /** The constructor starts no threads and opens no files or connections: instances are made only to be looked at. */
    CONSTRUCTOR_DOES_NOTHING("the constructor starts no thread, and opens no file and no connection") {
        @Override
        void check(Subject subject) throws Exception {
            subject.make(); // loads the collector's classes, and opens jars
            ThreadGroup group = new ThreadGroup("constructors"); // started threads inherit the group
            int files = openFiles();
            List<Collector> instances = new ArrayList<>();
            Thread thread = new Thread(group, () -> {
                for (int i = 0; i < INSTANCES; i++) {
                    instances.add(subject.make());
                }
            });
            thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
            thread.start();
            thread.join(subject.limits().step().toMillis());
            require(
                    !thread.isAlive(),
                    INSTANCES + " instances took over "
                            + subject.limits().step().toSeconds() + " s to make");
            require(
                    group.activeCount() == 0,
                    INSTANCES + " instances that did nothing yet run " + group.activeCount() + " threads");
            int more = openFiles() - files;
            require(
                    more < INSTANCES,
                    INSTANCES + " instances that did nothing yet hold " + more + " open files or connections");
        }
    },

    /** {@link Collector#check} takes the settings, and comes back. */
    SETTINGS("check() accepts the settings") {
        @Override
        void check(Subject subject) throws Exception {
            Collector collector = subject.make();
            CollectorRun.within(subject.limits().step(), "check()", () -> {
                collector.check(subject.settings());
                return true;
            });
        }
    },

    /** {@link Collector#close} works on an unused instance. */
    CLOSE_BEFORE_DETECT("close() works before detect()") {
        @Override
        void check(Subject subject) throws Exception {
            close(subject.make(), subject.limits());
        }
    },

    /** {@link Collector#detect} connects, or throws, before its deadline. */
    DETECT("detect() comes back in time") {
        @Override
        void check(Subject subject) throws Exception {
            use(subject, (collector, sink) -> {});
        }
    },

    /** {@link Collector#detect} of a source without answers ends: alone, or by the interrupt at its deadline. */
    SILENT_SOURCE("detect() ends, by the interrupt at its deadline at the latest, where its source never answers") {
        @Override
        void check(Subject subject) throws Exception {
            Map<String, Object> settings = subject.silent().orElseThrow();
            Collector collector = subject.make();
            try (TestContext context = new TestContext(settings)) {
                CollectorRun run = CollectorRun.of(() -> {
                    collector.detect(context);
                    return true;
                });
                if (!run.endsWithin(subject.limits().interruptAfter())) {
                    run.interrupt();
                    run.awaitEnd(subject.limits().step(), "an interrupt in detect()");
                }
            } finally {
                close(collector, subject.limits());
            }
        }
    },

    /** The collector sends the present entities, calls {@link TagSink#synced}, and ends on an interrupt. */
    SENDS_AND_ENDS("the collector sends valid infos, calls synced(), and ends on an interrupt") {
        @Override
        void check(Subject subject) throws Exception {
            use(subject, (collector, sink) -> {
                CollectorRun running = CollectorRun.of(collector, sink);
                try {
                    running.awaitSynced(sink, subject.limits().firstSync());
                    require(
                            collector.mode() != CollectorMode.STREAM || !running.endsWithin(SETTLED),
                            "stream() returned by itself after synced(); the host would start the collector again and"
                                    + " again: stay in stream() until the interrupt, or throw when the source is lost");
                } finally {
                    running.interrupt();
                }
                running.awaitEnd(subject.limits().step(), "it was interrupted");
                sink.infos().forEach(info -> validate(collector, info));
            });
        }
    },

    /**
     * A full sink blocks the collector; an interrupt ends the block too, and the collector sends nothing afterwards.
     */
    FULL_SINK("the collector ends on an interrupt while the sink is full") {
        @Override
        void check(Subject subject) throws Exception {
            use(subject, (collector, sink) -> {
                CollectorRun.FullSink full = new CollectorRun.FullSink();
                CollectorRun running = CollectorRun.of(collector, full);
                try {
                    full.awaitReached(subject.limits().step());
                } finally {
                    running.interrupt();
                }
                running.awaitEnd(subject.limits().step(), "an interrupt in send()");
            });
        }
    },

    /** {@link Collector#close} ends a running stream or pull, and works a second time. */
    CLOSE_ENDS_IT("close() ends a running stream or pull, and works twice") {
        @Override
        void check(Subject subject) throws Exception {
            use(subject, (collector, sink) -> {
                CollectorRun running = CollectorRun.of(collector, sink);
                try {
                    running.awaitSynced(sink, subject.limits().firstSync());
                    close(collector, subject.limits());
                    // The host also interrupts, before the close; a collector may rely on either.
                } finally {
                    running.interrupt();
                }
                running.awaitEnd(subject.limits().step(), "a close and an interrupt");
                close(collector, subject.limits());
            });
        }
    },

    /** After {@link Collector#close} no thread started by the collector goes on. */
    NO_THREAD_LEFT("no thread is left behind after close()") {
        @Override
        void check(Subject subject) throws Exception {
            ThreadGroup group = new ThreadGroup("collector"); // started threads inherit the group
            CollectorRun all = CollectorRun.in(group, () -> {
                use(subject, (collector, sink) -> {
                    CollectorRun running = CollectorRun.of(collector, sink);
                    try {
                        running.awaitSynced(sink, subject.limits().firstSync());
                    } finally {
                        running.interrupt();
                    }
                    running.awaitEnd(subject.limits().step(), "it was interrupted");
                });
                return true;
            });
            all.result(subject.limits().firstSync().plus(subject.limits().step().multipliedBy(4)));
            List<String> left = CollectorRun.leftIn(group, subject.limits().step());
            require(left.isEmpty(), left.size() + " threads go on after close(): " + left);
        }
    },

    /** {@link Collector#fetch} of an unknown entity returns the empty list, for each kind of the collector. */
    UNKNOWN_ENTITY("fetch() of an unknown entity is empty") {
        @Override
        void check(Subject subject) throws Exception {
            use(subject, (collector, sink) -> {
                for (String kind : collector.entityPrefixes()) {
                    EntityId entity = EntityId.of(kind, "0123456789abcdef-there-is-no-such-thing");
                    List<TagInfo> infos = CollectorRun.within(
                            subject.limits().fetch(), "fetch() of " + entity, () -> collector.fetch(entity));
                    require(
                            infos != null,
                            "fetch() of " + entity + " returned null; an empty answer is the empty list");
                    require(
                            infos.stream().noneMatch(info -> info.entity().equals(entity)),
                            "fetch() of " + entity + ", which does not exist, returned " + infos);
                    infos.forEach(info -> validate(collector, info));
                }
            });
        }
    };

    private static final int INSTANCES = 10;

    /** A stream that is going to end by itself ends at once. */
    private static final Duration SETTLED = Duration.ofMillis(200);

    private final String promise;

    CollectorCheck(String promise) {
        this.promise = promise;
    }

    /**
     * The promise, in words.
     *
     * @return half a sentence
     */
    public String promise() {
        return promise;
    }

    /**
     * Checks a collector.
     *
     * @param subject the collector
     * @throws AssertionError if the collector breaks the promise; the message describes the observation
     * @throws Exception any error of the collector: a {@link io.tagger.api.collector.CollectorUnavailableException} if
     *     the source is not here
     */
    public void run(Subject subject) throws Exception {
        check(subject);
    }

    /**
     * Whether a collector makes this promise.
     *
     * @param subject the collector
     * @return false for {@link #SILENT_SOURCE} without settings of a silent source
     */
    public boolean appliesTo(Subject subject) {
        return this != SILENT_SOURCE || subject.silent().isPresent();
    }

    abstract void check(Subject subject) throws Exception;

    @Override
    public String toString() {
        return promise;
    }

    /**
     * A collector to be checked.
     *
     * @param factory makes a new instance at every call
     * @param settings the collector's block of the configuration, with a reachable source
     * @param silent settings with a source that accepts connections and never answers; empty for a collector without
     *     connections
     * @param limits the time limits
     */
    public record Subject(
            Supplier<? extends Collector> factory,
            Map<String, Object> settings,
            Optional<Map<String, Object>> silent,
            Limits limits) {
        Collector make() {
            return factory.get();
        }
    }

    /**
     * The time limits of the checks, bounds for a step that hangs; no check measures speed.
     *
     * @param step the limit of a detection, of closing, and of the end after an interrupt
     * @param interruptAfter the time after which a detection over a silent source is interrupted
     * @param fetch the limit of a fetch
     * @param firstSync the limit of the first sync
     */
    public record Limits(Duration step, Duration interruptAfter, Duration fetch, Duration firstSync) {
        /** The default deadlines of a host. */
        public static final Limits OF_A_HOST =
                new Limits(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(10));

        /**
         * Limits for tests: generous, for a busy machine, and without a wait for the host's deadline over a silent
         * source.
         */
        public static final Limits OF_A_TEST = new Limits(
                Duration.ofSeconds(20), Duration.ofMillis(300), Duration.ofSeconds(20), Duration.ofSeconds(30));
    }
}
