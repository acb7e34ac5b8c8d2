package io.tagger.client;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.TaggerStatus;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.client.EntityReport.SourceReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Relays the tags of another tagger: the tagger of a whole cluster, or of another runtime on this machine. Each source
 * of the other tagger appears as {@code remote/<source>}, with its original priority. Entities forgotten by the other
 * tagger are withdrawn, while the reports of local collectors about them stay.
 */
public final class RemoteCollector implements Streamer {
    private static final String NAME = "remote";

    /** Events waiting to be relayed; further events stay with the other tagger, which folds them. */
    private static final int AHEAD = 1_024;

    private @Nullable CollectorContext context;
    private @Nullable Settings settings;
    private volatile @Nullable AgentConnection agent;

    private record Settings(Endpoint endpoint, List<String> prefixes, Duration check) {
        static @Nullable Settings of(Map<String, Object> block) {
            String agent = text(block, "agent");
            if (agent.isEmpty()) {
                return null;
            }
            List<String> prefixes = named("prefixes", () -> strings(block.get("prefixes")));
            named("prefixes", () -> EntityFilter.prefixes(prefixes.toArray(String[]::new)));
            return new Settings(
                    named(
                            "agent",
                            () -> Endpoint.parse(agent, text(block, "authority"), text(block, "token-file"), Map.of())),
                    prefixes,
                    named("check-interval", () -> ProcessSettings.duration(text(block, "check-interval"))));
        }

        private static String text(Map<String, Object> block, String key) {
            return String.valueOf(block.getOrDefault(key, ""));
        }

        private static List<String> strings(@Nullable Object value) {
            if (value instanceof List<?> list) {
                return list.stream().map(String::valueOf).toList();
            }
            throw new IllegalArgumentException("'" + value + "' is no list");
        }

        /** Reads a setting; an error names its key. */
        private static <T> T named(String key, Supplier<T> reader) {
            try {
                return reader.get();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("tagger.collectors." + NAME + "." + key + ": " + e.getMessage(), e);
            }
        }
    }

    /** For the ServiceLoader. */
    public RemoteCollector() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME; // of no tag: each relayed source has its own priority
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of();
    }

    @Override
    public void check(Map<String, Object> block) {
        Settings set = Settings.of(block);
        if (set != null && set.endpoint instanceof Endpoint.Tcp tcp) {
            requireFile("authority", tcp.authority());
            requireFile("token-file", tcp.token());
        }
    }

    private static void requireFile(String key, Optional<Path> file) {
        if (file.isPresent() && !Files.exists(file.get())) {
            throw new IllegalArgumentException(
                    "tagger.collectors." + NAME + "." + key + " is '" + file.get() + "', and there is no such file");
        }
    }

    @Override
    public void detect(CollectorContext lent) throws Exception {
        Settings set = Settings.of(lent.settings());
        if (set == null) {
            throw CollectorUnavailableException.absent(
                    "no other tagger is named in tagger.collectors." + NAME + ".agent");
        }
        context = lent;
        settings = set;
        AgentConnection connection = AgentConnection.to(set.endpoint());
        agent = connection;
        try {
            look(connection, lent);
        } catch (AgentException e) {
            throw CollectorUnavailableException.retry(String.valueOf(e.getMessage()));
        }
    }

    /** Checks that the other tagger answers, and reads its lineage. */
    private static void look(AgentConnection connection, CollectorContext context) throws InterruptedException {
        Duration deadline = Duration.ofSeconds(3);
        try {
            TaggerStatus status = connection.status(deadline).get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            context.follows(status.lineage());
        } catch (ExecutionException e) {
            throw connection.failure(e.getCause());
        } catch (TimeoutException e) {
            throw AgentException.unreachable("the other tagger does not answer");
        }
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        CollectorContext lent = Objects.requireNonNull(context, "detect comes first");
        Settings set = Objects.requireNonNull(settings, "detect comes first");
        AgentConnection connection = Objects.requireNonNull(agent, "detect comes first");
        Relay relay = new Relay(sink);
        Incoming incoming = new Incoming();
        incoming.watch = connection.watchSources(
                set.prefixes(),
                "",
                incoming,
                reason -> incoming.events.add(to -> {
                    throw reason;
                }));
        long looked = System.nanoTime();
        while (true) {
            long wait = set.check().toNanos() - (System.nanoTime() - looked);
            Step next = wait > 0 ? incoming.events.poll(wait, TimeUnit.NANOSECONDS) : null;
            if (next == null) {
                look(connection, lent);
                looked = System.nanoTime();
            } else {
                next.relay(relay);
            }
            incoming.taken();
        }
    }

    /** An event to be relayed, or the end of the watch. */
    private interface Step {
        void relay(Relay to) throws InterruptedException;
    }

    /** The events between the client's thread and the collector's. */
    private static final class Incoming implements WatchEvents {
        private final BlockingQueue<Step> events = new LinkedBlockingQueue<>();
        private volatile AgentConnection.@Nullable Watch watch;
        private volatile boolean isPaused; // written by the client's thread

        @Override
        public void set(EntityReport report, boolean isNew) {
            add(to -> to.set(report));
        }

        @Override
        public void deleted(String entity) {
            add(to -> to.delete(entity));
        }

        @Override
        public void synced() {
            add(to -> to.sink.synced());
        }

        @Override
        public void startOver() {
            add(to -> {
                throw AgentException.unreachable(
                        "the other tagger has dropped a part of the deletions; a new list is needed");
            });
        }

        private void add(Step step) {
            events.add(step);
            balance();
        }

        /** Lets the other tagger wait while many events do, and go on. On the client's thread, which alone pauses and resumes. */
        private void balance() {
            AgentConnection.Watch open = watch;
            if (open != null && !isPaused && events.size() > AHEAD) {
                isPaused = true;
                open.pause();
            } else if (open != null && isPaused && events.size() < AHEAD / 2) {
                isPaused = false;
                open.resume();
            }
        }

        /** Looks whether the other tagger may go on. On the collector's thread. */
        void taken() {
            AgentConnection.Watch open = watch;
            if (open != null && isPaused && events.size() < AHEAD / 2) {
                open.later(this::balance);
            }
        }
    }

    /** Relays events, and remembers the sources of each entity. */
    private static final class Relay {
        private final TagSink sink;
        private final Map<String, TagSink> sinks = new HashMap<>();
        private final Map<EntityId, Set<String>> reported = new HashMap<>();

        Relay(TagSink sink) {
            this.sink = sink;
        }

        void delete(String entity) throws InterruptedException {
            EntityId id = EntityId.parse(entity);
            Set<String> sources = reported.remove(id);
            withdraw(id, sources == null ? Set.of() : sources);
        }

        void set(EntityReport report) throws InterruptedException {
            EntityId id = EntityId.parse(report.entity());
            Set<String> now = new HashSet<>();
            for (SourceReport source : report.sources()) {
                String name = source.name();
                now.add(name);
                TagSink to = sinks.get(name);
                if (to == null) {
                    to = sink.relay(name, source.priority());
                    sinks.put(name, to);
                }
                to.send(List.of(SourceReports.info(NAME + "/" + name, id, report, source)));
            }
            Set<String> gone = reported.put(id, now);
            if (gone != null) {
                gone.removeAll(now);
                withdraw(id, gone);
            }
        }

        private void withdraw(EntityId id, Set<String> sources) throws InterruptedException {
            for (String name : sources) {
                sinks.get(name)
                        .send(List.of(TagInfo.builder(NAME + "/" + name, id).build()));
            }
        }
    }

    @Override
    public void close() {
        AgentConnection open = agent;
        if (open != null) {
            open.close();
        }
    }
}
