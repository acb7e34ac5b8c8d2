package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.CollectorContext;
import io.tagger.api.collector.CollectorPriority;
import io.tagger.api.collector.CollectorUnavailableException;
import io.tagger.api.collector.Puller;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags the pods of this node and their containers.
 *
 * <p>It asks the kubelet, or the API server, for all pods of the node again and again, and sends those that have changed in something that a
 * tag depends on. An answer that is not whole changes nothing: the pull fails, and what was sent before stays served.
 */
public final class KubernetesCollector implements Puller {
    static final String NAME = "kubernetes";

    /** Two of them fit into the host's deadline for a detection. */
    private static final Duration DETECTION = Duration.ofSeconds(2);

    private final Map<String, String> environment;
    private Logger log = LoggerFactory.getLogger(KubernetesCollector.class);
    private volatile Duration pullInterval = Puller.super.pullInterval();
    private volatile @Nullable Connected connected;
    private boolean synced; // of the thread that pulls

    /** What there is once the source is found. */
    private record Connected(
            PodSource source,
            Duration timeout,
            SharedList shared,
            SentPods sent,
            PodTags tags,
            @Nullable ClusterFacts facts) {
        /** Sends what has changed; false if there are no pods at all, and that is not believed yet. */
        boolean pull(TagSink sink) throws IOException, InterruptedException {
            List<Pod> pods = source.pods(timeout);
            if (facts != null) {
                facts.refresh(pods);
                facts.awaitFirst();
            }
            return sent.send(pods, this::surroundings, sink);
        }

        List<TagInfo> extract(Pod pod) {
            return tags.extract(pod, surroundings(pod), problem -> {}); // told when the pod was, or will be, pulled
        }

        private Surroundings surroundings(Pod pod) {
            return facts == null ? Surroundings.UNKNOWN : facts.of(pod);
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
        return Set.of(EntityId.POD, EntityId.CONTAINER);
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
        pullInterval = settings.pullInterval();
        PodSources sources = new PodSources(settings, environment, context.hostName());
        PodSource source = find(sources, settings);
        PodTags tags = new PodTags(NAME, settings.rules());
        connected = new Connected(
                source,
                settings.requestTimeout(),
                new SharedList(source, settings.requestTimeout(), context.clock(), context.executor()),
                new SentPods((pod, surroundings) -> tags.extract(pod, surroundings, log::warn)),
                tags,
                facts(sources.apiServer(), settings, context));
    }

    private @Nullable ClusterFacts facts(
            @Nullable Server apiServer, KubernetesSettings settings, CollectorContext context) {
        ClusterFacts.Wanted wanted = settings.facts();
        if (!wanted.namespaces() && !wanted.services()) {
            return null;
        }
        if (apiServer == null) {
            log.info("no API server is known here, so that pods get no tags of their services and namespaces");
            return null;
        }
        return new ClusterFacts(apiServer, wanted, context.clock(), context.executor(), log::warn);
    }

    private PodSource find(PodSources sources, KubernetesSettings settings)
            throws CollectorUnavailableException, InterruptedException {
        List<PodSource> candidates = sources.candidates();
        Duration timeout = settings.requestTimeout().compareTo(DETECTION) < 0 ? settings.requestTimeout() : DETECTION;
        StringBuilder failures = new StringBuilder();
        for (PodSource candidate : candidates) {
            try {
                candidate.pods(timeout);
                log.info(
                        "the pods of this node come from {}{}",
                        candidate,
                        failures.isEmpty() ? "" : ", because " + failures);
                return candidate;
            } catch (IOException | RuntimeException e) {
                candidate.close();
                failures.append(failures.isEmpty() ? "" : "; and ").append(e.getMessage());
            }
        }
        throw CollectorUnavailableException.retry(failures.toString());
    }

    @Override
    public void pull(TagSink sink) throws Exception {
        Connected to = connected();
        if (!to.pull(sink) && !synced) {
            // The host takes the end of the first pull for all there is, and would drop what an earlier instance has
            // sent.
            to.pull(sink);
        }
        synced = true;
    }

    @Override
    public List<TagInfo> fetch(EntityId entity) throws Exception {
        Connected to = connected();
        for (Pod pod : to.shared.pods()) {
            boolean isIts = entity.prefix().equals(EntityId.POD)
                    ? pod.metadata().uid().equals(entity.id())
                    : pod.status().all().anyMatch(status -> status.id().equals(entity.id()));
            if (isIts) {
                return to.extract(pod);
            }
        }
        return List.of();
    }

    @Override
    public void close() {
        Connected from = connected;
        if (from != null) {
            from.source.close();
            if (from.facts != null) {
                from.facts.close();
            }
        }
    }

    private Connected connected() {
        return Objects.requireNonNull(connected, "pull or fetch before detect");
    }
}
