package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.KnownFacts.Namespace;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The API server's facts about this node's pods: their namespaces, the services that select them, and resources with
 * tags of their own. A {@link Round} asks the server, on a slower clock than the pulls and in parallel. Thread-safe.
 */
final class ClusterFacts {
    /** The part of the interval after which lost answers, and the services of new pods, are requested again. */
    private static final int PARTS = 10;

    private static final long PATIENCE_SECONDS = 20;

    private final Round.Cluster cluster;
    private final WantedFacts wanted;
    private final Clock clock;
    private final Executor executor;
    private final CountDownLatch settled = new CountDownLatch(1); // after a round without lost answers

    private volatile KnownFacts known = KnownFacts.NONE;

    private Map<String, Set<String>> asked = Map.of(); // the pods by their namespaces; guarded by this
    private long last = Long.MIN_VALUE; // start of the last round, in milliseconds; guarded by this
    private long due = Long.MIN_VALUE; // start of the next round, in milliseconds; guarded by this
    private boolean isBusy; // guarded by this

    ClusterFacts(
            ApiClient client,
            String nodeName,
            WantedFacts wanted,
            Clock clock,
            Executor executor,
            Consumer<String> problems) {
        RefusalMemory memory = new RefusalMemory(clock, wanted.interval(), problems);
        cluster = new Round.Cluster(client, nodeName, wanted, memory, new HashMap<>());
        this.wanted = wanted;
        this.clock = clock;
        this.executor = executor;
    }

    void close() {
        cluster.client().close();
    }

    /** The surroundings of a pod, as known now. */
    Surroundings of(Pod pod) {
        Namespace facts = known.namespace(pod.metadata().namespace());
        Pod.Metadata namespace = facts.metadata() == null ? Pod.Metadata.NONE : facts.metadata();
        boolean hasServices =
                facts.services() != null && facts.pods().contains(pod.metadata().name());
        return new Surroundings(
                matching(namespace.labels(), wanted.namespaceLabels()),
                matching(namespace.annotations(), wanted.namespaceAnnotations()),
                facts.services() == null ? Set.of() : facts.services().of(pod),
                (!wanted.wantsNamespaceTags() || facts.metadata() != null) && (!wanted.services() || hasServices));
    }

    /** The entries read by a rule; a change of any further entry changes no pod. */
    private static Map<String, String> matching(Map<String, String> all, MappingRules rules) {
        if (rules.isEmpty()) {
            return Map.of();
        }
        Map<String, String> matching = new HashMap<>(all);
        matching.keySet().removeIf(name -> !rules.matches(name));
        return matching;
    }

    /** The tags of the resources, as known now. */
    List<TagInfo> resources() {
        return known.resources().values().stream().flatMap(List::stream).toList();
    }

    /**
     * The tags of one resource; empty if the resource does not exist or has no tags.
     *
     * @throws IOException if the API server has not answered yet
     */
    List<TagInfo> resource(EntityId entity) throws IOException {
        KnownFacts now = known;
        List<TagInfo> found = now.resource(entity).stream().toList();
        if (found.isEmpty() && !now.isWhole() && !wanted.resources().isEmpty()) {
            throw new IOException(cluster.client() + " has not listed all resources yet");
        }
        return found;
    }

    /** Starts a due round: a full round, or a round for the namespaces with new pods. Does not wait for the answers. */
    void refresh(List<Pod> pods) {
        Map<String, Set<String>> present = pods.stream()
                .map(Pod::metadata)
                .filter(metadata -> !metadata.namespace().isEmpty())
                .collect(Collectors.groupingBy(
                        Pod.Metadata::namespace,
                        Collectors.mapping(Pod.Metadata::name, Collectors.toUnmodifiableSet())));
        Round.Scope scope;
        synchronized (this) {
            long now = clock.millis();
            boolean isDue = now >= due || now < last; // the clock may have been set back
            scope = new Round.Scope(present, isDue ? present.keySet() : newcomers(present, now), isDue);
            if (isBusy || !isDue && scope.asked().isEmpty()) {
                return;
            }
            isBusy = true;
            asked = present;
            last = now;
            due = isDue ? now + wanted.interval().toMillis() : due;
        }
        executor.execute(() -> run(scope));
    }

    private void run(Round.Scope scope) {
        boolean isWhole = false;
        try {
            known = new Round(cluster, scope, known).run();
            isWhole = known.isWhole();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over(isWhole);
        }
    }

    private synchronized void over(boolean isWhole) {
        isBusy = false;
        if (isWhole) {
            settled.countDown();
        } else {
            due = Math.min(due, last + part());
        }
    }

    /** New namespaces at once; namespaces with new pods after a part of the interval. */
    private Set<String> newcomers(Map<String, Set<String>> present, long now) {
        Set<String> newcomers = new HashSet<>();
        present.forEach((name, pods) -> {
            Set<String> before = asked.get(name);
            if (before == null || now >= last + part() && !before.containsAll(pods)) {
                newcomers.add(name);
            }
        });
        return newcomers;
    }

    private long part() {
        return wanted.interval().toMillis() / PARTS;
    }

    /**
     * Waits until the server has answered or refused all questions, because the first tags sent replace the tags of an
     * earlier instance. The wait is bounded: an agent may start while the API server is down.
     */
    void awaitSettled(List<Pod> pods) throws InterruptedException {
        long patience = Math.min(PATIENCE_SECONDS, wanted.interval().toSeconds());
        for (long i = 0; i < patience && !settled.await(1, TimeUnit.SECONDS); i++) {
            refresh(pods);
        }
    }
}
