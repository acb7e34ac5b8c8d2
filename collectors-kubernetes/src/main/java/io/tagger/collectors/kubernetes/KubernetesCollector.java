package io.tagger.collectors.kubernetes;

import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import io.tagger.collectors.kubernetes.SentRevisions.Thing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the pods of this node and their containers.
 *
 * <p>At an interval, the collector asks the kubelet or the API server for all pods of the node, and sends the pods with
 * a changed field on which a tag depends. An incomplete answer has no effect: the pull fails, and the earlier tags stay
 * served.
 */
public final class KubernetesCollector implements Puller {
    static final String NAME = "kubernetes";

    /** Two such detections fit into the host's deadline. */
    private static final Duration DETECTION = Duration.ofSeconds(2);

    /** For a single candidate. */
    private static final Duration LONG_DETECTION = Duration.ofSeconds(4);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

    private final Map<String, String> environment;
    private Logger log = LoggerFactory.getLogger(KubernetesCollector.class);
    private volatile Duration pullInterval = Puller.super.pullInterval();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile @Nullable Connected connected;
    private boolean isSynced; // used by the pulling thread alone
    private boolean wasEmpty; // used by the pulling thread alone

    /** The parts that exist once the source is found. */
    private record Connected(
            PodSource source,
            Duration timeout,
            SharedList shared,
            SentRevisions sent,
            PodTags tags,
            @Nullable ClusterFacts facts) {

        List<Pod> pods() throws IOException, InterruptedException {
            return source.pods(timeout, this::revision);
        }

        /** The revision sent before, if equal to this revision: the new object is then garbage at once. */
        private Pod revision(Pod pod) {
            Pod revision = tags.revision(pod);
            return sent.revision(pod.key()) instanceof Revision before
                            && before.pod.equals(revision)
                            && ended(before.pod).equals(ended(revision))
                    ? before.pod
                    : revision;
        }

        /** Sends the changed pods. */
        void send(List<Pod> pods, boolean isSynced, Consumer<String> problems, TagSink sink)
                throws InterruptedException {
            List<Thing> things = new ArrayList<>(pods.size());
            if (facts != null) {
                facts.refresh(pods);
                if (!isSynced) {
                    facts.awaitSettled(pods);
                }
                facts.resources()
                        .forEach(info ->
                                things.add(new Thing(info.entity().toString(), info, Set.of(), () -> List.of(info))));
            }
            for (Pod pod : pods) {
                // A problem is reported once for a revision, and not again when a miss has the pod extracted again.
                AtomicBoolean isTold = new AtomicBoolean();
                Supplier<List<TagInfo>> extract = () -> extract(pod, isTold.getAndSet(true) ? problem -> {} : problems);
                things.add(new Thing(pod.key(), new Revision(pod, surroundings(pod)), ended(pod), extract));
            }
            sent.send(things, sink);
        }

        private static Set<String> ended(Pod pod) {
            return pod.status()
                    .all()
                    .filter(Pod.ContainerStatus::hasEnded)
                    .map(Pod.ContainerStatus::id)
                    .collect(Collectors.toSet());
        }

        List<TagInfo> extract(Pod pod, Consumer<String> problems) {
            return tags.extract(pod, surroundings(pod), problems);
        }

        private Surroundings surroundings(Pod pod) {
            return facts == null ? Surroundings.NONE : facts.of(pod);
        }
    }

    /** The state on which the tags of a pod depend. */
    private record Revision(Pod pod, Surroundings surroundings) {}

    /** For the ServiceLoader. */
    public KubernetesCollector() {
        this(System.getenv());
    }

    KubernetesCollector(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CollectorPriority priority() {
        return CollectorPriority.NODE_ORCHESTRATOR;
    }

    @Override
    public Set<String> entityPrefixes() {
        return Set.of(EntityId.POD, EntityId.CONTAINER, EntityId.DEPLOYMENT, EntityId.KUBERNETES_METADATA);
    }

    @Override
    public Duration pullInterval() {
        return pullInterval;
    }

    @Override
    public void check(Map<String, Object> block) {
        KubernetesSettings.of(block);
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        log = LoggerFactory.getLogger(context.loggerName());
        KubernetesSettings settings = KubernetesSettings.of(context.settings());
        pullInterval = settings.pulling().interval();
        PodSources sources = new PodSources(settings, environment, context.hostName());
        Duration timeout = settings.pulling().timeout();
        List<PodSource> candidates = sources.candidates();
        FirstOf source = new FirstOf(candidates, settings.facts().interval(), context.clock(), log);
        closed.whenComplete((nothing, failure) -> source.close());
        source.find(shorter(timeout, DETECTION), shorter(timeout, candidates.size() > 1 ? DETECTION : LONG_DETECTION));
        PodTags tags = new PodTags(NAME, settings.rules());
        connected = new Connected(
                source,
                settings.pulling().timeout(),
                new SharedList(
                        source, settings.pulling().timeout(), tags::revision, context.clock(), context.executor()),
                new SentRevisions(context::holds),
                tags,
                facts(sources, settings, context));
    }

    private @Nullable ClusterFacts facts(PodSources sources, KubernetesSettings settings, CollectorContext context) {
        WantedFacts wanted = settings.facts();
        ApiClient apiServer = sources.apiServer();
        if (wanted.isEmpty()) {
            return null;
        }
        if (apiServer == null) {
            log.info(
                    "no API server is known, so that there are no tags of services, namespaces and further resources: neither"
                            + " apiserver.kubeconfig is set, nor KUBECONFIG or KUBERNETES_SERVICE_HOST in the environment");
            return null;
        }
        return new ClusterFacts(apiServer, sources.nodeName(), wanted, context.clock(), context.executor(), log::warn);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public void pull(TagSink sink) throws Exception {
        Connected to = connected();
        List<Pod> pods = to.pods();
        if (pods.isEmpty() && !isSynced) {
            // The host counts the end of the first pull as synced, and would drop the tags sent by an earlier instance.
            wasEmpty = true;
            pause(shorter(pullInterval, FIRST_PAUSE));
            pods = to.pods();
        }
        // A freshly started kubelet reports no pods before it knows them: the empty list must come twice, a while
        // apart.
        boolean isBelieved = !pods.isEmpty() || wasEmpty;
        wasEmpty = pods.isEmpty();
        if (isBelieved) {
            to.send(pods, isSynced, log::warn, sink);
        }
        isSynced = true;
    }

    private void pause(Duration duration) throws InterruptedException, IOException {
        try {
            closed.get(duration.toMillis(), TimeUnit.MILLISECONDS);
            throw new IOException("the collector is closed");
        } catch (TimeoutException e) {
            // The usual case.
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of the list was not reached", e);
        }
    }

    /**
     * From the sent revisions, if present; else from a new list, because a pod may have started since the last pull.
     */
    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        Connected to = connected();
        List<TagInfo> sent = to.sent.find(entity);
        if (!sent.isEmpty()) {
            return sent;
        }
        boolean isPod = entity.prefix().equals(EntityId.POD);
        if (!isPod && !entity.prefix().equals(EntityId.CONTAINER)) {
            return to.facts == null ? List.of() : to.facts.resource(entity);
        }
        for (Pod pod : to.shared.pods()) {
            boolean isIts = isPod
                    ? pod.uids().contains(entity.id())
                    : pod.status().all().anyMatch(status -> status.id().equals(entity.id()));
            if (isIts) {
                return to.extract(pod, problem -> {}); // reported by a pull
            }
        }
        return List.of();
    }

    @Override
    public void close() {
        closed.complete(null);
    }

    private Connected connected() {
        return Objects.requireNonNull(connected, "pull or fetch before detect");
    }
}
