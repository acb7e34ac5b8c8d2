package io.tagger.collectors.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.StreamObserver;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.containerd.ContainerdContainer.Key;
import io.tagger.collectors.grpc.UnixChannel;
import io.tagger.collectors.grpc.containerd.ContainerEvent;
import io.tagger.collectors.grpc.containerd.Envelope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the containers of containerd: of {@code ctr} and {@code nerdctl}, and, beside the kubernetes collector, the parts
 * that the kubelet does not tell. Follows the events of all namespaces, and compares with the lists at an interval.
 */
public final class ContainerdCollector implements Streamer {
    static final String NAME = "containerd";

    private static final List<String> SOCKETS =
            List.of("/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock");

    private final Map<String, String> environment;
    private Logger log = LoggerFactory.getLogger(ContainerdCollector.class);
    private volatile @Nullable Connected connected;

    /** The parts that exist once containerd is found. */
    private record Connected(ContainerdClient client, ContainerdSettings settings, ContainerReports reports) {}

    /** For the ServiceLoader. */
    public ContainerdCollector() {
        this(System.getenv());
    }

    ContainerdCollector(Map<String, String> environment) {
        this.environment = environment;
    }

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
        ContainerdSettings.of(block);
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        log = LoggerFactory.getLogger(context.loggerName());
        ContainerdSettings settings = ContainerdSettings.of(context.settings());
        Path socket = socket(settings);
        ContainerdClient client = new ContainerdClient(socket, settings.requestTimeout(), context.executor());
        connected = new Connected(
                client,
                settings,
                new ContainerReports(
                        client,
                        new ContainerdTags(settings.rules(), settings.separators()),
                        context::holds,
                        log::warn));
        try {
            client.namespaces();
        } catch (IOException e) {
            throw CollectorUnavailableException.retry(e.getMessage());
        }
    }

    private Path socket(ContainerdSettings settings) throws CollectorUnavailableException {
        String given = settings.socket().isEmpty()
                ? environment.getOrDefault("CONTAINERD_ADDRESS", "").replaceFirst("^unix://", "")
                : settings.socket();
        List<String> candidates = given.isEmpty() ? SOCKETS : List.of(given);
        for (String candidate : candidates) {
            Path socket = Path.of(candidate);
            Optional<Path> closed = UnixChannel.closedFolder(socket);
            if (closed.isPresent()) {
                throw CollectorUnavailableException.absent("the socket " + socket + " can't be reached: the folder "
                        + closed.get() + " may not be entered by the agent's user: run the agent as root");
            }
            if (Files.exists(socket)) {
                if (!Files.isWritable(socket)) {
                    throw CollectorUnavailableException.absent(
                            "the socket " + socket + " may not be opened by the user of"
                                    + " this process: run the agent as root, or set a group in containerd's configuration"
                                    + " ([grpc] gid)");
                }
                return socket;
            }
        }
        throw CollectorUnavailableException.absent(
                "there is no containerd here: no socket " + String.join(", no socket ", candidates));
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        Connected to = connected();
        ChangedContainers changed = new ChangedContainers();
        ContainerReports reports = to.reports;
        to.client.subscribe(new StreamObserver<>() {
            @Override
            public void onNext(Envelope event) {
                if (to.settings.namespaces().contain(event.getNamespace())) {
                    try {
                        changed.add(new Key(
                                event.getNamespace(),
                                ContainerEvent.parseFrom(event.getEvent().getValue())
                                        .getId()));
                    } catch (InvalidProtocolBufferException e) {
                        changed.fail(new IOException(to.client + " sends an event that can't be read", e));
                    }
                }
            }

            @Override
            public void onError(Throwable error) {
                changed.fail(to.client.failure(error));
            }

            @Override
            public void onCompleted() {
                changed.fail(new IOException(to.client + " has ended the stream of events"));
            }
        });
        reports.list(list(to), sink);
        sink.synced();
        long interval = to.settings.relistInterval().toNanos();
        long listed = System.nanoTime();
        while (true) {
            long left = interval - (System.nanoTime() - listed);
            Set<Key> keys = left <= 0 ? Set.of() : changed.take(Duration.ofNanos(left));
            if (keys.isEmpty()) {
                listed = System.nanoTime();
                reports.list(list(to), sink);
            } else {
                reports.look(keys, sink);
            }
        }
    }

    /** The containers of all chosen namespaces; an event names a namespace that was made since. */
    private static List<ContainerdContainer> list(Connected to) throws IOException {
        List<ContainerdContainer> containers = new ArrayList<>();
        for (String namespace : to.client.namespaces()) {
            if (to.settings.namespaces().contain(namespace)) {
                containers.addAll(to.client.containers(namespace));
            }
        }
        return containers;
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        Connected to = connected();
        return find(entity, to)
                .map(to.reports::extract)
                .filter(info -> !info.isEmpty())
                .map(List::of)
                .orElse(List.of());
    }

    @Override
    public Optional<Provenance> explain(EntityId entity) throws Exception {
        Connected to = connected();
        return find(entity, to).map(container -> to.reports.explain(entity, container));
    }

    private static Optional<ContainerdContainer> find(EntityId entity, Connected to) throws IOException {
        for (String namespace : to.client.namespaces()) {
            if (to.settings.namespaces().contain(namespace)) {
                Optional<ContainerdContainer> found = to.client.container(new Key(namespace, entity.id()));
                if (found.isPresent() && !found.get().isSandbox()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        Connected to = connected;
        if (to != null) {
            to.client.close();
        }
    }

    private Connected connected() {
        return Objects.requireNonNull(connected, "stream or fetch before detect");
    }
}
