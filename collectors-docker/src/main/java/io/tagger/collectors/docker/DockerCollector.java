package io.tagger.collectors.docker;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.docker.Inspections.Action;
import io.tagger.collectors.docker.Inspections.DaemonException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the containers of a Docker-compatible daemon.
 *
 * <p>The collector subscribes to the events before listing containers, so that no change is lost: changes during the
 * list are in the events. An event only selects a container for inspection; the reported tags come from an inspect that
 * begins after the event, and a container that does not run is dropped. A failed inspect is repeated at growing
 * intervals, as long as the container exists; a lost connection ends the stream, and the next instance lists again.
 */
public final class DockerCollector implements Streamer {
    private static final String NAME = "docker";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    /** The reach of the events before the subscription; a repeated event only repeats an inspect. */
    private static final Duration OVERLAP = Duration.ofSeconds(2);

    /** A node has some hundred images; with far more images, repeated lookups are cheaper than the memory. */
    private static final int MAX_IMAGES = 10_000;

    private Logger log = LoggerFactory.getLogger(DockerCollector.class);
    private @Nullable DockerSettings settings;
    private @Nullable ContainerTags tags;
    private @Nullable CollectorContext context;
    private volatile @Nullable DockerConnection connection;
    private final Map<String, String> imageNames = new ConcurrentHashMap<>();

    /** For the ServiceLoader. */
    public DockerCollector() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_RUNTIME;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.CONTAINER);
    }

    @Override
    public void check(Map<String, Object> block) {
        DockerSettings.of(block);
    }

    @Override
    public void detect(CollectorContext lent) throws Exception {
        context = lent;
        log = LoggerFactory.getLogger(lent.loggerName());
        DockerSettings read = DockerSettings.of(lent.settings());
        settings = read;
        tags = new ContainerTags(NAME, read.rules(), read.separators());
        String host = DockerHost.find(read.host(), System.getenv());
        // One connection more than inspects, for the list, the pings and the fetches.
        connection = DockerConnection.open(
                host, read.requestTimeout(), read.inspecting().parallel() + 1);
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) {
        if (!ID.matcher(entity.id()).matches()) {
            return List.of(); // Docker would also find a name, or a prefix of an id
        }
        return connection()
                .inspect(entity.id())
                .map(this::extract)
                .map(List::of)
                .orElse(List.of());
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        DockerConnection daemon = connection();
        DockerSettings read = Objects.requireNonNull(settings, "stream before detect");
        CollectorContext host = Objects.requireNonNull(context, "stream before detect");
        Inspections inspections =
                new Inspections(host.executor(), read.inspecting(), (id, action) -> work(sink, id, action), log);
        Instant since = host.clock().instant().minus(OVERLAP);
        try (EventListener events = daemon.subscribe(since, new EventListener(inspections))) {
            inspections.whenFailed(events::wake);
            events.awaitSubscribed(read.requestTimeout());
            inspections.addInitial(daemon.running());
            inspections.awaitInitial();
            throwIfFailed(inspections, events);
            sink.synced();
            while (!events.awaitEnd(read.pingInterval())) {
                throwIfFailed(inspections, events);
                daemon.ping();
            }
            throwIfFailed(inspections, events);
            throw new IllegalStateException("the Docker daemon has closed the stream of events");
        }
    }

    @Override
    public void close() throws Exception {
        DockerConnection daemon = connection;
        if (daemon != null) {
            daemon.close();
        }
    }

    private DockerConnection connection() {
        return Objects.requireNonNull(connection, "the collector was not detected");
    }

    private TagInfo extract(DockerContainer container) {
        ContainerTags extractor = Objects.requireNonNull(tags, "the collector was not detected");
        return extractor.extract(container, resolve(container), problem -> log.warn("{}", problem));
    }

    private String resolve(DockerContainer container) {
        if (ContainerTags.isPinned(container.image())) {
            return container.image();
        }
        String known = imageNames.get(container.imageId());
        if (known != null || container.imageId().isEmpty()) {
            return known == null ? container.image() : known;
        }
        Optional<String> name = connection().imageName(container.imageId());
        if (name.isEmpty()) {
            return container.imageId();
        }
        if (imageNames.size() >= MAX_IMAGES) {
            imageNames.clear();
        }
        imageNames.put(container.imageId(), name.get());
        return name.get();
    }

    private static void throwIfFailed(Inspections inspections, EventListener events) throws Exception {
        Throwable failure = inspections.failure() != null ? inspections.failure() : events.failure();
        if (failure instanceof InterruptedException interrupted) {
            throw interrupted;
        }
        if (failure != null) {
            throw new IllegalStateException(
                    "the connection to the Docker daemon is lost: " + RootCause.words(failure), failure);
        }
    }

    /** Inspects or drops a container, and sends the result. */
    private void work(TagSink sink, String id, Action action) throws DaemonException {
        try {
            sink.send(List.of(action == Action.DROP ? deletion(id) : inspect(id)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the host wants the stream to end", e);
        }
    }

    private TagInfo inspect(String id) throws DaemonException {
        try {
            return connection().inspect(id).map(this::extract).orElseGet(() -> deletion(id));
        } catch (RuntimeException e) {
            throw new DaemonException(e);
        }
    }

    private static TagInfo deletion(String id) {
        return TagInfo.deletion(NAME, EntityId.container(id));
    }
}
