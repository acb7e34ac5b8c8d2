package io.tagger.collectors.docker;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.Backoff;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.docker.DockerConnection.Inspected;
import io.tagger.collectors.docker.Task.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
 * list are in the events. An event selects a container for inspection, and the reported tags come from an inspect
 * after the event. A container that has started was there, however short: the tags are reported before the deletion,
 * from the list or the start event if the container is gone by then. A failed inspect is repeated at growing intervals,
 * as long as the container exists; a lost connection ends the stream, and the next instance lists again. Events that the
 * daemon has dropped are made up for by a comparison with the list at intervals.
 */
public final class DockerCollector implements Streamer {
    private static final String NAME = "docker";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    /** The reach of the events before the subscription; a repeated event only repeats an inspect. */
    private static final Duration OVERLAP = Duration.ofSeconds(2);

    private static final Duration JITTER = Duration.ofMillis(200);

    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));

    private Logger log = LoggerFactory.getLogger(DockerCollector.class);
    private @Nullable DockerSettings settings;
    private @Nullable ContainerTags tags;
    private @Nullable CollectorContext context;
    private volatile @Nullable DockerConnection connection;
    private @Nullable ImageNames images;
    private volatile @Nullable InspectQueue<Task> inspects; // of the stream under way

    /** The names of the containers with tags sent by this instance, by id. */
    private final Map<String, String> reported = new ConcurrentHashMap<>();

    /** The reported containers without tags, because a rule leaves them out. */
    private final Set<String> leftOut = ConcurrentHashMap.newKeySet();

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
        DockerConnection daemon = DockerConnection.open(
                host, read.requestTimeout(), read.inspecting().parallel() + 1);
        connection = daemon;
        images = new ImageNames(lent.executor(), daemon::imageName, this::lookAgain, log);
    }

    private void lookAgain(DockerContainer container) {
        InspectQueue<Task> present = inspects;
        if (present != null) {
            present.add(container.id(), Task.seen(container));
        }
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws CollectorUnavailableException {
        if (!ID.matcher(entity.id()).matches()) {
            return List.of(); // Docker would also find a name, or a prefix of an id
        }
        try {
            return connection()
                    .inspect(entity.id())
                    .filter(Inspected::isRunning)
                    .map(found -> tags(found.container()))
                    .filter(info -> !info.isEmpty())
                    .map(List::of)
                    .orElse(List.of());
        } catch (DaemonException e) {
            throw CollectorUnavailableException.retry("the Docker daemon could not tell: " + e.getMessage());
        }
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) throws DaemonException {
        if (!ID.matcher(entity.id()).matches()) {
            return Optional.empty();
        }
        Optional<DockerContainer> found = connection().inspect(entity.id()).map(Inspected::container);
        return found.map(container -> {
            ImageNames.Image image = Objects.requireNonNull(images).of(container);
            ContainerTags extractor = Objects.requireNonNull(tags, "the collector was not detected");
            Provenance.Builder origins = new Provenance.Builder();
            extractor.explaining(entity, origins).extract(container, image, true, origins::note);
            extractor.exclusion(container, image).ifPresent(rule -> origins.note(ContainerExclusion.note(rule)));
            if (!image.isKnown()) {
                origins.note("the name of the image is not known yet: the daemon is asked for it");
            }
            return origins.build();
        });
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        DockerConnection daemon = connection();
        DockerSettings read = Objects.requireNonNull(settings, "stream before detect");
        CollectorContext host = Objects.requireNonNull(context, "stream before detect");
        Instant begin = host.clock().instant();
        Instant since = begin.minus(OVERLAP);
        InspectQueue<Task> queue = new InspectQueue<>(
                        host.executor(), read.inspecting().parallel(), RETRY, new ContainerWorker(sink, begin))
                .merging(Task::merge)
                .patience(read.inspecting().patience());
        inspects = queue;
        try (EventListener events = new EventListener(() -> daemon.subscribe(since), queue, log)) {
            host.executor().execute(events);
            queue.whenFailed(events::wake);
            events.awaitSubscribed(read.requestTimeout());
            Map<String, Task> running = new LinkedHashMap<>();
            daemon.running().forEach(container -> running.put(container.id(), Task.seen(container)));
            log.debug("the daemon lists {} running containers", running.size());
            queue.addInitial(running);
            while (!queue.awaitInitial(read.intervals().ping())) {
                throwIfFailed(queue, events);
                daemon.ping(); // a daemon that hangs as a whole, and not in the inspect of one container
            }
            throwIfFailed(queue, events);
            sink.synced();
            follow(daemon, queue, events);
            throwIfFailed(queue, events);
            throw CollectorUnavailableException.retry("the Docker daemon has closed the stream of events");
        }
    }

    /** Pings the daemon and lists again from time to time, up to the end of the events. */
    private void follow(DockerConnection daemon, InspectQueue<Task> queue, EventListener events) throws Exception {
        DockerSettings.Intervals intervals =
                Objects.requireNonNull(settings, "stream before detect").intervals();
        long listed = System.nanoTime();
        long looked = listed;
        boolean wasPaused = false;
        while (!events.awaitEnd(intervals.ping())) {
            throwIfFailed(queue, events);
            long now = System.nanoTime();
            boolean wasPausedBefore = wasPaused;
            // The daemon drops events for a process that was stopped for a while. Events from before the pause are read
            // after the first list, so that a second list follows.
            wasPaused = now - looked > intervals.ping().plus(JITTER).toNanos();
            if (wasPaused
                    || wasPausedBefore
                    || now - listed >= intervals.relist().toNanos()) {
                relist(daemon, queue);
                listed = now;
            } else {
                daemon.ping();
            }
            looked = System.nanoTime();
        }
    }

    /**
     * Compares the reported containers with the daemon's list: the daemon drops events for a slow reader, without a word,
     * and another collector may have deleted a container. Only the differences are inspected.
     */
    private void relist(DockerConnection daemon, InspectQueue<Task> queue) throws DaemonException {
        Map<String, DockerContainer> running = new LinkedHashMap<>();
        daemon.running().forEach(container -> running.put(container.id(), container));
        CollectorContext host = Objects.requireNonNull(context, "stream before detect");
        running.forEach((id, container) -> {
            boolean isLost = !leftOut.contains(id) && !host.holds(EntityId.container(id));
            if (!container.name().equals(reported.get(id)) || isLost) {
                queue.add(id, Task.seen(container));
            }
        });
        reported.keySet().stream().filter(id -> !running.containsKey(id)).forEach(id -> queue.add(id, Task.LOOK_AGAIN));
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

    /** The tags of an inspected container. */
    private TagInfo tags(DockerContainer container) {
        return tags(container, true);
    }

    private TagInfo tags(DockerContainer container, boolean isWhole) {
        ContainerTags extractor = Objects.requireNonNull(tags, "the collector was not detected");
        ImageNames names = Objects.requireNonNull(images, "the collector was not detected");
        return extractor.extract(container, names.of(container), isWhole, problem -> log.warn("{}", problem));
    }

    private static void throwIfFailed(InspectQueue<Task> queue, EventListener events) throws Exception {
        Throwable failure = queue.failure() != null ? queue.failure() : events.failure();
        if (failure instanceof InterruptedException interrupted) {
            throw interrupted;
        }
        if (failure != null) {
            throw CollectorUnavailableException.retry(
                    "the connection to the Docker daemon is lost: " + RootCause.words(failure));
        }
    }

    private static TagInfo deletion(String id) {
        return TagInfo.deletion(NAME, EntityId.container(id));
    }

    /** Inspects or drops containers, and sends the results. */
    private final class ContainerWorker implements InspectQueue.Worker<Task> {
        private final TagSink sink;

        /** The containers with a failed last inspect, with the reason. */
        private final Map<String, String> unreadable = new ConcurrentHashMap<>();

        /** The begin of the events; the delay of a container that ran before tells nothing. */
        private final Instant since;

        ContainerWorker(TagSink sink, Instant since) {
            this.sink = sink;
            this.since = since;
        }

        @Override
        public void work(String id, Task task, int failures) throws DaemonException {
            if (task.action() == Action.DROP) {
                drop(id);
                return;
            }
            Optional<Inspected> found;
            try {
                found = connection().inspect(id);
            } catch (DaemonException e) {
                log.debug("inspect of container {} failed: {}", id, e.getMessage());
                if (task.seen() != null && task.isNew() && !reported.containsKey(id)) {
                    report(task.seen(), false); // unless an earlier report had more
                }
                if (task.action() == Action.LOOK_AND_DROP) {
                    drop(id); // for good: a later answer would bring a dead container back
                    return;
                }
                unreadable.put(id, String.valueOf(e.getMessage()));
                progress();
                throw e;
            }
            readable(id);
            boolean isRunning = found.isPresent() && found.get().isRunning() && task.action() == Action.LOOK;
            if (found.isPresent() && (isRunning || task.seen() != null)) {
                boolean isFirst = !reported.containsKey(id);
                report(found.get().container(), true);
                if (isFirst) {
                    CollectorContext host = Objects.requireNonNull(context);
                    found.get().start().filter(since::isBefore).ifPresent(host::tagged);
                }
            } else if (task.seen() != null) {
                report(task.seen(), false);
            }
            if (!isRunning) {
                drop(id);
            }
        }

        @Override
        public void outOfPatience(String id, Task task, DaemonException error) {
            log.warn(
                    "container {} can't be inspected; attempts follow every {} s at the latest: {}",
                    id,
                    RETRY.longest().toSeconds(),
                    error.getMessage());
            if (task.seen() != null && !reported.containsKey(id)) {
                report(task.seen(), false);
            }
        }

        private void readable(String id) {
            if (unreadable.remove(id) != null) {
                progress();
            }
        }

        private void progress() {
            Set<String> all = new HashSet<>(reported.keySet());
            all.addAll(unreadable.keySet());
            String text = unreadable.entrySet().stream()
                    .findFirst()
                    .map(one -> all.size() - unreadable.size() + " of " + all.size() + " containers; "
                            + unreadable.size() + " can't be read: " + one.getKey() + ": " + one.getValue())
                    .orElse("");
            Objects.requireNonNull(context).progress(text);
        }

        private void report(DockerContainer container, boolean isWhole) {
            TagInfo info = tags(container, isWhole);
            send(info);
            if (info.isEmpty()) {
                leftOut.add(container.id());
            } else {
                leftOut.remove(container.id());
            }
            reported.put(container.id(), container.name());
        }

        private void drop(String id) {
            readable(id);
            log.debug("container {} does not run, its deletion is reported", id);
            send(deletion(id));
            reported.remove(id);
            leftOut.remove(id);
            Objects.requireNonNull(images).end(id);
        }

        private void send(TagInfo info) {
            try {
                sink.send(List.of(info));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the host wants the stream to end", e);
            }
        }
    }
}
