package io.tagger.benchmarks;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.Tagger;
import io.tagger.api.collector.TagSink;
import io.tagger.client.ClientSettings;
import io.tagger.client.ClientTagger;
import io.tagger.client.Endpoint;
import io.tagger.config.ConfigLayers;
import io.tagger.runtime.LocalTagger;
import io.tagger.store.Source;
import io.tagger.store.TagStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A number of realistic containers, the keys for questions in random order, and the subject with their tags. */
final class World implements AutoCloseable {
    /** The number of entities changed by the writer, in random order. */
    private static final int CHANGED = 1_000;

    private static final int MINUTES = 10;

    /** Takes an info of the docker source. */
    private interface Sink {
        void send(List<TagInfo> infos) throws InterruptedException;
    }

    private final List<EntityId> entities;
    private final EntityId[] order;
    private @Nullable Sink sink;
    private @Nullable LocalTagger tagger;
    private @Nullable Thread writer;
    private final List<AutoCloseable> open = new ArrayList<>(); // the last opened first

    World(int size) {
        entities = Workload.containers(size);
        order = new Workload(size).shuffled(entities).toArray(new EntityId[0]);
    }

    int size() {
        return order.length;
    }

    EntityId[] keys(Lookup.Key key) {
        if (key != Lookup.Key.equal) {
            return order;
        }
        EntityId[] equal = new EntityId[order.length];
        for (int i = 0; i < equal.length; i++) {
            equal[i] = EntityId.parse(String.valueOf(order[i].toString().toCharArray()));
        }
        return equal;
    }

    /** The keys as received from a socket; none unless the key is made from a text. */
    byte[][] received(Lookup.Key key) {
        boolean wanted = key == Lookup.Key.parsed || key == Lookup.Key.text;
        byte[][] received = new byte[wanted ? order.length : 0][];
        for (int i = 0; i < received.length; i++) {
            received[i] = order[i].toString().getBytes(StandardCharsets.US_ASCII);
        }
        return received;
    }

    <K> Map<K, List<String>> fill(Map<K, List<String>> map, Function<EntityId, K> key) {
        for (int i = 0; i < entities.size(); i++) {
            map.put(key.apply(entities.get(i)), tags(i));
        }
        sink = infos -> infos.forEach(info -> map.put(key.apply(info.entity()), info.low()));
        return map;
    }

    /** The same tags as in the store: a map with lighter values would lie closer together in memory. */
    private List<String> tags(int number) {
        EntityId entity = entities.get(number);
        TagInfo kubernetes = Workload.kubernetes(entity, number, 0);
        TagInfo docker = Workload.docker(entity, number, 0);
        return Stream.of(docker.low(), kubernetes.low(), kubernetes.orchestrator(), docker.high(), kubernetes.high())
                .flatMap(List::stream)
                .toList();
    }

    TagStore store() {
        TagStore store = new TagStore(Clock.systemUTC(), TagStore.DEFAULT_STRIPES);
        Source docker = Store.source(Workload.DOCKER);
        Source kubernetes = Store.source(Workload.KUBERNETES);
        for (int i = 0; i < entities.size(); i++) {
            store.update(docker, 1, List.of(Workload.docker(entities.get(i), i, 0)));
            store.update(kubernetes, 1, List.of(Workload.kubernetes(entities.get(i), i, 0)));
        }
        sink = infos -> store.update(docker, 1, infos);
        return store;
    }

    /** A tagger with two collectors, both with an answer for every entity. */
    Tagger tagger() {
        CompletableFuture<TagSink> docker = new CompletableFuture<>();
        CompletableFuture<TagSink> kubernetes = new CompletableFuture<>();
        LocalTagger local = LocalTagger.builder()
                .config(ConfigLayers.empty()
                        .text("tagger.collect.max-entities = 10000000")
                        .build())
                .collector(() -> new Feed(
                        Workload.DOCKER,
                        CollectorPriority.NODE_RUNTIME,
                        entities,
                        i -> Workload.docker(entities.get(i), i, 0),
                        docker))
                .collector(() -> new Feed(
                        Workload.KUBERNETES,
                        CollectorPriority.NODE_ORCHESTRATOR,
                        entities,
                        i -> Workload.kubernetes(entities.get(i), i, 0),
                        kubernetes))
                .build();
        tagger = local;
        sink = docker.orTimeout(MINUTES, TimeUnit.MINUTES).join()::send;
        kubernetes.orTimeout(MINUTES, TimeUnit.MINUTES).join();
        return local;
    }

    /** A client of that tagger, over a socket, with a complete replica. */
    Tagger client() {
        Tagger local = tagger();
        ClientTagger client = opened(ClientTagger.connect(
                ClientSettings.of(new Endpoint.Unix(opened(new Served(local)).socket()))));
        while (client.status().entities() < entities.size()) {
            Thread.onSpinWait();
        }
        return client;
    }

    /** A tagger with the same two sources as plugins, from a plugin folder or from the class path, fully synced. */
    Tagger plugins(boolean isolated) {
        LocalTagger.Builder builder = LocalTagger.builder();
        if (isolated) {
            Path plugins = opened(new Folder()).path();
            try {
                PluginFeed.write(Files.createDirectory(plugins.resolve("feeds")).resolve("feeds.jar"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            builder.plugins(plugins);
        } else {
            builder.collector(PluginFeed.Docker::new).collector(PluginFeed.Kubernetes::new);
        }
        builder.configure(ConfigLayers.empty()
                .text("tagger { collect.max-entities = 10000000, collectors { docker.entities = " + entities.size()
                        + ", kubernetes.entities = " + entities.size() + " } }"));
        LocalTagger local = builder.build();
        tagger = local;
        while (!local.status().ready() || local.status().entities() < entities.size()) {
            Thread.onSpinWait();
        }
        return local;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(0, closeable);
        return closeable;
    }

    /** Changes the docker source's tags, one entity after the other, without a pause, until the world is closed. */
    void write() {
        Sink to = sink;
        if (to == null) {
            throw new IllegalStateException("this subject has no writer");
        }
        List<List<TagInfo>> infos = new ArrayList<>();
        for (int i = 0; i < 2 * CHANGED; i++) {
            int number = i % CHANGED % entities.size();
            infos.add(List.of(Workload.docker(entities.get(number), number, 1 + i / CHANGED)));
        }
        List<List<TagInfo>> shuffled = new Workload(1).shuffled(infos);
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!Thread.currentThread().isInterrupted()) {
                            for (List<TagInfo> info : shuffled) {
                                to.send(info);
                            }
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // the world is closed
                    }
                },
                "writer");
        thread.setDaemon(true);
        thread.start();
        writer = thread;
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.interrupt();
            try {
                writer.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (AutoCloseable closeable : open) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        if (tagger != null) {
            tagger.close();
        }
    }
}
