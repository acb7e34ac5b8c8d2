package io.tagger.benchmarks;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Collector;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * The feeds of a {@link World} as plugins, with a constructor without effects: for the class path, and for a plugin
 * folder with a separate {@link Workload}.
 */
public abstract class PluginFeed implements Streamer {
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int size;

    private PluginFeed() {}

    /** Writes the jar of a plugin folder with both feeds. */
    static void write(Path jar) throws IOException {
        try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Class<?> type : List.of(PluginFeed.class, Docker.class, Kubernetes.class, Workload.class)) {
                String name = type.getName().replace('.', '/') + ".class";
                entries.putNextEntry(new JarEntry(name));
                try (InputStream in = PluginFeed.class.getClassLoader().getResourceAsStream(name)) {
                    if (in == null) {
                        throw new IOException("there is no " + name);
                    }
                    in.transferTo(entries);
                }
            }
            entries.putNextEntry(new JarEntry("META-INF/services/" + Collector.class.getName()));
            entries.write(
                    (Docker.class.getName() + "\n" + Kubernetes.class.getName()).getBytes(StandardCharsets.US_ASCII));
        }
    }

    abstract TagInfo info(EntityId entity, int number);

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER);
    }

    @Override
    public void detect(CollectorContext context) {
        size = ((Number) context.settings().get("entities")).intValue();
    }

    @Override
    public void stream(TagSink sink) throws InterruptedException {
        List<EntityId> entities = Workload.containers(size);
        for (int i = 0; i < size; i++) {
            sink.send(List.of(info(entities.get(i), i)));
        }
        sink.synced();
        closed.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    /** Reports Docker's tags. */
    public static final class Docker extends PluginFeed {
        /** For the ServiceLoader. */
        public Docker() {}

        @Override
        public String name() {
            return Workload.DOCKER;
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_RUNTIME;
        }

        @Override
        TagInfo info(EntityId entity, int number) {
            return Workload.docker(entity, number, 0);
        }
    }

    /** Reports Kubernetes's tags. */
    public static final class Kubernetes extends PluginFeed {
        /** For the ServiceLoader. */
        public Kubernetes() {}

        @Override
        public String name() {
            return Workload.KUBERNETES;
        }

        @Override
        public CollectorPriority priority() {
            return CollectorPriority.NODE_ORCHESTRATOR;
        }

        @Override
        TagInfo info(EntityId entity, int number) {
            return Workload.kubernetes(entity, number, 0);
        }
    }
}
