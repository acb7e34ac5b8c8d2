package io.tagger.collectors.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.docker.Inspections.Action;
import java.io.Closeable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the containers of a Docker-compatible daemon.
 *
 * <p>It subscribes to the events before it lists, so that there is no moment of which it knows nothing: what happens while it lists is in
 * the events. An event only says which container is worth a look; what is sent comes from an inspect that begins after the event, and a
 * container that turns out not to run is dropped. An inspect that fails is tried again at growing intervals, as long as the container
 * exists; a lost connection ends the stream, and the next instance lists again.
 */
public final class DockerCollector implements Streamer {
    private static final String NAME = "docker";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    /** How far the events reach back before the subscription; what was seen twice is only looked at twice. */
    private static final Duration OVERLAP = Duration.ofSeconds(2);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** A node has some hundred images; should it be more by far, looking them up again is cheaper than keeping them all. */
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
        // One connection more than there are inspects, for the list, the pings and the fetches.
        connection = DockerConnection.open(host, read.requestTimeout(), read.parallelInspects() + 1);
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) {
        if (!ID.matcher(entity.id()).matches()) {
            return List.of(); // Docker would look for a name, or for an id that begins so
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
        Looks looks = new Looks(sink, read.inspectPatience());
        Inspections inspections = new Inspections(host.executor(), read.parallelInspects(), looks);
        looks.inspections = inspections;
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
        return Objects.requireNonNull(connection, "it was not detected");
    }

    private TagInfo extract(DockerContainer container) {
        ContainerTags extractor = Objects.requireNonNull(tags, "it was not detected");
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
                    "the connection to the Docker daemon is lost: " + DockerConnection.rootCause(failure), failure);
        }
    }

    /** Looks at containers and sends what it sees. */
    private final class Looks implements BiFunction<String, Action, Boolean> {
        private final TagSink sink;
        private final Map<String, Integer> failures = new ConcurrentHashMap<>();
        private final Duration patience;
        private @Nullable Inspections inspections;

        Looks(TagSink sink, Duration patience) {
            this.sink = sink;
            this.patience = patience;
        }

        @Override
        public Boolean apply(String id, Action action) {
            try {
                sink.send(List.of(action == Action.DROP ? deletion(id) : look(id)));
                failures.remove(id);
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the host wants the stream to end", e);
            } catch (DaemonException e) {
                return lookAgain(id, e.getCause());
            }
        }

        private TagInfo look(String id) throws DaemonException {
            try {
                return connection()
                        .inspect(id)
                        .map(DockerCollector.this::extract)
                        .orElseGet(() -> deletion(id));
            } catch (RuntimeException e) {
                throw new DaemonException(e);
            }
        }

        private boolean lookAgain(String id, Throwable error) {
            int count = failures.merge(id, 1, Integer::sum);
            long pause = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(count - 1, 20));
            // The pauses so far, since each is twice the one before it.
            boolean outOfPatience = FIRST_PAUSE.toMillis() * ((1L << Math.min(count, 20)) - 1) > patience.toMillis();
            if (outOfPatience) {
                log.warn(
                        "container {} can't be inspected and is tried again every {} s at the latest: {}",
                        id,
                        LONGEST_PAUSE.toSeconds(),
                        DockerConnection.rootCause(error));
            }
            Executor executor =
                    Objects.requireNonNull(context, "stream before detect").executor();
            CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, executor)
                    .execute(() -> again(id));
            return outOfPatience;
        }

        private void again(String id) {
            Objects.requireNonNull(inspections, "set before the first look").addIfIdle(id);
        }
    }

    /** The daemon could not tell; as opposed to what the sink says. */
    private static final class DaemonException extends Exception {
        private static final long serialVersionUID = 1L;

        DaemonException(Throwable cause) {
            super(cause);
        }
    }

    private static TagInfo deletion(String id) {
        return TagInfo.deletion(NAME, EntityId.container(id));
    }

    /** Turns events into things to do; runs on the thread that reads them. */
    private static final class EventListener extends ResultCallback.Adapter<Event> {
        private final Inspections inspections;
        private final CompletableFuture<Void> started = new CompletableFuture<>();
        private final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();
        private volatile @Nullable Throwable failure;

        EventListener(Inspections inspections) {
            this.inspections = inspections;
        }

        @Override
        public void onNext(Event event) {
            String id =
                    event.getActor() == null ? event.getId() : event.getActor().getId();
            String action = event.getAction() == null ? event.getStatus() : event.getAction();
            if (id == null || action == null) {
                return;
            }
            switch (action) {
                case "start", "rename", "update" -> inspections.add(id, Action.LOOK);
                case "die", "died", "destroy", "remove" -> inspections.add(id, Action.DROP);
                default -> {
                    // The daemon was asked for no others; one that sends them all the same is none of ours.
                }
            }
        }

        @Override
        public void onStart(Closeable stream) {
            super.onStart(stream);
            started.complete(null);
        }

        @Override
        public void onError(Throwable error) {
            // Not passed on: the template would log it with its stack, and the host says it in a sentence.
            failure = error;
            started.completeExceptionally(error);
            wake();
        }

        @Override
        public void onComplete() {
            super.onComplete();
            started.complete(null);
            wake();
        }

        /** Something has happened that the stream must look at. */
        void wake() {
            ended.add(true);
        }

        /** Waits until the daemon has taken the subscription. */
        void awaitSubscribed(Duration timeout) throws InterruptedException {
            try {
                started.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new IllegalStateException(
                        "the Docker daemon did not begin its stream of events within " + timeout.toMillis() + " ms", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(
                        "the Docker daemon refuses its events: " + DockerConnection.rootCause(e), e);
            }
        }

        /** Waits for the end of the stream; false if it goes on after that time. */
        boolean awaitEnd(Duration timeout) throws InterruptedException {
            return ended.poll(timeout.toMillis(), TimeUnit.MILLISECONDS) != null;
        }

        @Nullable
        Throwable failure() {
            return failure;
        }
    }
}
