package io.tagger.ipc.client;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.ipc.v1.Cardinality;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.Source;
import io.tagger.ipc.v1.StatusResponse;
import io.tagger.ipc.v1.WatchEntitiesRequest;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.vertx.grpc.client.GrpcClientResponse;
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
    /** Responses waiting to be relayed; further responses stay with the other tagger, which folds them. */
    private static final int AHEAD = 16;

    private static final long OPEN_SECONDS = 5;

    private @Nullable CollectorContext context;
    private @Nullable Settings settings;
    private volatile @Nullable AgentConnection agent;

    private record Settings(Endpoint endpoint, List<String> prefixes, Duration check) {
        static @Nullable Settings of(Map<String, Object> block) {
            Config config = ConfigFactory.parseMap(block);
            String agent = config.getString("agent");
            if (agent.isEmpty()) {
                return null;
            }
            List<String> prefixes = config.getStringList("prefixes");
            named("prefixes", () -> EntityFilter.prefixes(prefixes.toArray(String[]::new)));
            return new Settings(
                    named(
                            "agent",
                            () -> Endpoint.parse(
                                    agent, config.getString("authority"), config.getString("token-file"), Map.of())),
                    prefixes,
                    named("check-interval", () -> config.getDuration("check-interval")));
        }

        /** Reads a setting; an error names its key. */
        private static <T> T named(String key, Supplier<T> reader) {
            try {
                return reader.get();
            } catch (ConfigException | IllegalArgumentException e) {
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
            StatusResponse status = connection.status(deadline).get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            context.follows(status.getLineageList());
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
        BlockingQueue<Object> incoming = new LinkedBlockingQueue<>();
        GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse> response = watch(connection, set, incoming);
        long looked = System.nanoTime();
        while (true) {
            long wait = set.check().toNanos() - (System.nanoTime() - looked);
            Object next = wait > 0 ? incoming.poll(wait, TimeUnit.NANOSECONDS) : null;
            if (next instanceof WatchEntitiesResponse reported) {
                for (Event event : reported.getEventsList()) {
                    relay.pass(event);
                }
                connection.vertx().runOnContext(nothing -> response.fetch(1));
            } else if (next instanceof AgentException lost) {
                throw lost;
            } else {
                look(connection, lent);
                looked = System.nanoTime();
            }
        }
    }

    private static GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse> watch(
            AgentConnection connection, Settings set, BlockingQueue<Object> incoming) throws InterruptedException {
        WatchEntitiesRequest question = WatchEntitiesRequest.newBuilder()
                .addAllPrefixes(set.prefixes())
                .setCardinality(Cardinality.HIGH)
                .setSources(true)
                .build();
        try {
            return connection.stream("WatchEntities", question, WatchEntitiesResponse.getDefaultInstance(), stream -> {
                        GrpcClientResponse<WatchEntitiesRequest, WatchEntitiesResponse> response = stream.response();
                        response.pause();
                        response.handler(incoming::add);
                        response.exceptionHandler(error -> incoming.add(connection.failure(error)));
                        response.endHandler(nothing -> incoming.add(AgentException.of(set.endpoint(), response)));
                        response.fetch(AHEAD);
                    })
                    .map(AgentConnection.Stream::response)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(OPEN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw connection.failure(e.getCause());
        } catch (TimeoutException e) {
            throw AgentException.unreachable("the other tagger does not answer");
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

        void pass(Event event) throws InterruptedException {
            switch (event.getType()) {
                case SET -> set(event.getEntity());
                case DELETED -> {
                    EntityId id = EntityId.parse(event.getEntity().getId());
                    Set<String> sources = reported.remove(id);
                    withdraw(id, sources == null ? Set.of() : sources);
                }
                case SYNCED -> sink.synced();
                case START_OVER ->
                    throw AgentException.unreachable(
                            "the other tagger has dropped a part of the deletions; a new list is needed");
                default -> {} // added to the protocol since
            }
        }

        private void set(Entity entity) throws InterruptedException {
            EntityId id = EntityId.parse(entity.getId());
            Set<String> now = new HashSet<>();
            for (Source source : entity.getSourcesList()) {
                String name = source.getName();
                now.add(name);
                TagSink to = sinks.get(name);
                if (to == null) {
                    to = sink.relay(name, Messages.priority(source.getPriority()));
                    sinks.put(name, to);
                }
                to.send(List.of(Messages.info(NAME + "/" + name, id, entity, source)));
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
