package io.tagger.collectors.kubernetes;

import io.tagger.api.CollectorMode;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.Streamer;
import io.tagger.api.collector.TagSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the pods of this node, or of a whole cluster, and their containers.
 *
 * <p>The kubelet's Pods API and the API server send changes, and the collector streams; the kubelet's list of pods is
 * asked for at an interval, and the collector pulls. Only pods with a changed field on which a tag depends are sent. An
 * incomplete answer has no effect: the earlier tags stay served.
 */
public final class KubernetesCollector implements Streamer, Puller {
    static final String NAME = "kubernetes";

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

    /** How long the first tags wait for the facts of the cluster. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int REFUSED_ROUNDS = 10;
    private static final int PARALLEL_LISTS = 8;

    private final Map<String, String> environment;
    private Logger log = LoggerFactory.getLogger(KubernetesCollector.class);
    private volatile Duration pullInterval = Puller.super.pullInterval();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile @Nullable Connected connected;
    private boolean isSynced; // used by the pulling thread alone
    private boolean wasEmpty; // used by the pulling thread alone

    /** The parts that exist once the source is found. */
    private record Connected(
            FirstOf choice,
            PodSource source,
            WantedFacts.Times times,
            SharedList shared,
            PodReports reports,
            @Nullable ClusterFacts facts) {
        List<Pod> pods() throws IOException, InterruptedException {
            choice.tryEarlier(times.timeout());
            return source.pods(times.timeout(), reports::revision);
        }

        void awaitFacts() throws InterruptedException {
            if (facts != null) {
                facts.awaitSettled(Pace.shorter(PATIENCE, times.interval()).toMillis());
            }
        }
    }

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
        return Set.of(
                EntityId.POD,
                EntityId.CONTAINER,
                EntityId.DEPLOYMENT,
                EntityId.KUBERNETES_METADATA,
                EntityId.HOST,
                EntityId.RESOURCE);
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
    public CollectorMode mode() {
        Connected to = connected;
        return to != null && to.source.isStreaming() ? CollectorMode.STREAM : CollectorMode.PULL;
    }

    @Override
    public void detect(CollectorContext context) throws Exception {
        log = LoggerFactory.getLogger(context.loggerName());
        KubernetesSettings settings = KubernetesSettings.of(context.settings());
        pullInterval = settings.pulling().interval();
        Duration timeout = settings.pulling().timeout();
        PodSources sources = new PodSources(
                settings, environment, context.hostName(), pace(context, timeout, pullInterval), context.executor());
        FirstOf choice =
                new FirstOf(sources.candidates(), settings.facts().times().interval(), context.clock(), log);
        closed.whenComplete((nothing, failure) -> choice.close());
        PodSource source = choice.find(timeout);
        PodTags tags = new PodTags(NAME, settings.rules());
        PodReports reports = new PodReports(tags, new SentRevisions(context::holds), context.executor(), log::warn);
        ClusterFacts facts = facts(sources, settings, context, reports);
        reports.facts(facts);
        closed.whenComplete((nothing, failure) -> reports.clear());
        if (facts != null) {
            closed.whenComplete((nothing, failure) -> facts.close());
            facts.start();
        }
        connected = new Connected(
                choice,
                source,
                settings.facts().times(),
                new SharedList(source, timeout, tags::revision, context.clock(), context.executor()),
                reports,
                facts);
    }

    private static Pace pace(CollectorContext context, Duration timeout, Duration poll) {
        Executor lists = new FewAtATime(context.executor(), PARALLEL_LISTS);
        return new Pace(
                timeout,
                poll,
                poll.multipliedBy(REFUSED_ROUNDS),
                context.clock(),
                millis ->
                        millis == 0 ? lists : CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, lists));
    }

    private @Nullable ClusterFacts facts(
            PodSources sources, KubernetesSettings settings, CollectorContext context, PodReports reports) {
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
        return new ClusterFacts(
                apiServer,
                new ClusterFacts.Place(sources.nodeName(), EntityId.host(context.hostName())),
                wanted,
                pace(context, wanted.times().timeout(), wanted.times().interval()),
                reports,
                log::warn);
    }

    @Override
    public void stream(TagSink sink) throws Exception {
        Connected to = connected();
        CompletableFuture<Void> listed = new CompletableFuture<>();
        CompletableFuture<Void> end = new CompletableFuture<>();
        closed.whenComplete((nothing, failure) -> end.complete(null));
        end.whenComplete((nothing, failure) -> listed.complete(null));
        to.source.follow(to.reports::revision, new PodFollower() {
            @Override
            public void listed(List<Pod> pods) {
                to.reports.listed(pods);
                listed.complete(null);
            }

            @Override
            public void set(Pod pod) {
                to.reports.set(pod);
            }

            @Override
            public void deleted(String key) {
                to.reports.deleted(key);
            }

            @Override
            public void notice(String text) {
                log.warn(text);
            }

            @Override
            public void lost(IOException reason) {
                end.completeExceptionally(reason);
            }
        });
        listed.get();
        to.awaitFacts();
        if (!end.isDone()) {
            to.reports.begin(sink, end::completeExceptionally);
            sink.synced();
        }
        while (true) {
            try {
                end.get(to.times.interval().toMillis(), TimeUnit.MILLISECONDS);
                return; // closed
            } catch (TimeoutException e) {
                to.choice.tryEarlier(to.times.timeout());
                to.reports.markAll();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    @Override
    public void pull(TagSink sink) throws Exception {
        Connected to = connected();
        List<Pod> pods = to.pods();
        if (pods.isEmpty() && !isSynced) {
            // The host counts the end of the first pull as synced, and would drop the tags sent by an earlier instance.
            wasEmpty = true;
            pause(Pace.shorter(pullInterval, FIRST_PAUSE));
            pods = to.pods();
        }
        // A freshly started kubelet reports no pods before it knows them: the empty list must come twice, a while
        // apart.
        boolean isBelieved = !pods.isEmpty() || wasEmpty;
        wasEmpty = pods.isEmpty();
        if (isBelieved) {
            to.reports.listed(pods);
        }
        if (!isSynced) {
            to.awaitFacts();
            to.reports.begin(sink, failure -> log.warn("changed tags can't be sent", failure));
        }
        to.reports.send();
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
        List<TagInfo> sent = to.reports.find(entity);
        if (!sent.isEmpty()) {
            return sent;
        }
        if (entity.prefix().equals(EntityId.RESOURCE)) {
            return List.of(); // the facts of a pod are sent with its tags
        }
        if (!isOfPod(entity)) {
            return to.facts == null ? List.of() : to.facts.resource(entity);
        }
        if (!to.source.isOfOneNode()) {
            if (!to.reports.isSending()) {
                throw new IOException(to.source + " has not listed all pods yet");
            }
            return List
                    .of(); // a new pod arrives by the watch; a list of all pods for each unknown id would be too much
        }
        for (Pod pod : to.shared.pods()) {
            if (pod.has(entity)) {
                return to.reports.extract(pod, problem -> {}); // reported when sent
            }
        }
        return List.of();
    }

    private static boolean isOfPod(EntityId entity) {
        return entity.prefix().equals(EntityId.POD) || entity.prefix().equals(EntityId.CONTAINER);
    }

    /** From a new list, with all names; where a list of all nodes is too much, from the kept parts of the pod. */
    @Override
    public Optional<Provenance> explain(EntityId entity) throws Exception {
        Connected to = connected();
        if (isOfPod(entity)) {
            Optional<Pod> found = to.source.isOfOneNode()
                    ? to.source.pods(to.times.timeout(), UnaryOperator.identity()).stream()
                            .filter(pod -> pod.has(entity))
                            .findFirst()
                    : to.reports.pod(entity);
            return found.map(pod -> to.reports.explain(pod, entity));
        }
        List<TagInfo> infos = fetch(entity).stream()
                .filter(info -> info.entity().equals(entity))
                .toList();
        if (infos.isEmpty()) {
            return Optional.empty();
        }
        Provenance.Builder origins = new Provenance.Builder();
        String from = entity.prefix().equals(EntityId.HOST)
                ? "the node object, and the namespace kube-system"
                : "the labels and annotations of the object";
        infos.forEach(info -> origins.info(info, name -> from));
        return Optional.of(origins.build());
    }

    @Override
    public void close() {
        closed.complete(null);
    }

    private Connected connected() {
        return Objects.requireNonNull(connected, "pull or fetch before detect");
    }
}
