package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.api.collector.TagSink;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import io.tagger.collectors.kubernetes.SentRevisions.Thing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the present pods, and sends the tags of changed pods and resources to the tagger. A change only marks the pod;
 * a task of the executor sends what is marked, so that a burst of changes of one pod is one report. Thread-safe.
 */
final class PodReports implements ClusterFacts.Changes {
    private final PodTags tags;
    private final SentRevisions sent;
    private final Executor executor;
    private final Consumer<String> problems;
    private final Map<String, Pod> pods = new ConcurrentHashMap<>();
    private final Map<String, String> byName = new ConcurrentHashMap<>(); // namespace and name to key
    private final Map<String, Set<String>> byNamespace = new ConcurrentHashMap<>(); // namespace to keys
    private final Set<String> marked = ConcurrentHashMap.newKeySet(); // keys of pods
    private final Set<EntityId> markedResources = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private @Nullable ClusterFacts facts;
    private volatile @Nullable TagSink sink;
    private volatile boolean isSending;
    private volatile Consumer<Exception> failed = failure -> {};

    /** The state on which the tags of a pod depend. */
    private record Revision(Pod pod, Surroundings surroundings) {}

    /**
     * Makes an empty set of pods.
     *
     * @param executor runs the sending
     * @param problems takes the problems of invalid values
     */
    PodReports(PodTags tags, SentRevisions sent, Executor executor, Consumer<String> problems) {
        this.tags = tags;
        this.sent = sent;
        this.executor = executor;
        this.problems = problems;
    }

    /** Adds the facts of the cluster, before the first pod. */
    void facts(@Nullable ClusterFacts given) {
        facts = given;
    }

    /** The revision kept before, if equal to this revision: the new object is then garbage at once. */
    Pod revision(Pod pod) {
        Pod revision = tags.revision(pod);
        Pod before = pods.get(pod.key());
        return before != null && before.equals(revision) && ended(before).equals(ended(revision)) ? before : revision;
    }

    private static Set<String> ended(Pod pod) {
        return pod.status()
                .all()
                .filter(Pod.ContainerStatus::hasEnded)
                .map(Pod.ContainerStatus::id)
                .collect(Collectors.toSet());
    }

    /** Takes all present pods, which replace all pods before. */
    void listed(List<Pod> all) {
        Set<String> present = new HashSet<>();
        for (Pod pod : all) {
            present.add(pod.key());
            put(pod);
        }
        for (String key : List.copyOf(pods.keySet())) {
            if (!present.contains(key)) {
                drop(key);
            }
        }
        attend();
        markAll();
    }

    /** Takes a new or changed pod. */
    void set(Pod pod) {
        boolean isNew = put(pod);
        if (isNew) {
            attend();
        }
        mark(pod.key());
    }

    /** Drops a pod. */
    void deleted(String key) {
        if (drop(key)) {
            attend();
            mark(key);
        }
    }

    /** Keeps a pod, and returns whether the pod is new. */
    private synchronized boolean put(Pod pod) {
        Pod before = pods.put(pod.key(), pod);
        if (before != null && !NamespaceServices.podKey(before).equals(NamespaceServices.podKey(pod))) {
            forget(before);
        }
        if (before == null) {
            byName.put(NamespaceServices.podKey(pod), pod.key());
        } else {
            byName.putIfAbsent(NamespaceServices.podKey(pod), pod.key()); // a later pod of the same name has the name
        }
        byNamespace
                .computeIfAbsent(pod.metadata().namespace(), same -> ConcurrentHashMap.newKeySet())
                .add(pod.key());
        if (before == null && facts != null) {
            facts.added(pod);
        }
        return before == null;
    }

    private synchronized boolean drop(String key) {
        Pod before = pods.remove(key);
        if (before != null) {
            forget(before);
        }
        return before != null;
    }

    private void forget(Pod before) {
        byName.remove(NamespaceServices.podKey(before), before.key());
        byNamespace.computeIfPresent(before.metadata().namespace(), (same, keys) -> {
            keys.remove(before.key());
            return keys.isEmpty() ? null : keys;
        });
    }

    private void attend() {
        if (facts != null) {
            facts.namespaces(byNamespace.keySet().stream()
                    .filter(name -> !name.isEmpty())
                    .collect(Collectors.toUnmodifiableSet()));
        }
    }

    @Override
    public void pods(Set<String> names) {
        names.forEach(name -> {
            String key = byName.get(name);
            if (key != null) {
                marked.add(key);
            }
        });
        schedule();
    }

    @Override
    public void namespace(String namespace) {
        if (namespace.equals(FactsScope.ALL)) {
            marked.addAll(pods.keySet());
        } else {
            marked.addAll(byNamespace.getOrDefault(namespace, Set.of()));
        }
        schedule();
    }

    @Override
    public void resources(Set<EntityId> entities) {
        markedResources.addAll(entities);
        schedule();
    }

    /** Looks at all pods and resources again: the tagger may have lost the tags of some. */
    void markAll() {
        marked.addAll(pods.keySet());
        sent.keys().stream().filter(key -> !isResource(key)).forEach(marked::add);
        if (facts != null) {
            markedResources.addAll(facts.resources().entities());
        }
        schedule();
    }

    private void mark(String key) {
        marked.add(key);
        schedule();
    }

    private void schedule() {
        if (sink != null
                && !(marked.isEmpty() && markedResources.isEmpty())
                && isScheduled.compareAndSet(false, true)) {
            try {
                executor.execute(this::sendLater);
            } catch (RuntimeException e) { // too many tasks, or closed
                isScheduled.set(false);
                failed.accept(e);
            }
        }
    }

    private void sendLater() {
        isScheduled.set(false);
        try {
            send();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failed.accept(e);
        } catch (VirtualMachineError e) {
            failed.accept(new IllegalStateException("changed tags were not sent: " + RootCause.words(e), e));
        }
    }

    /**
     * Begins to send: what is marked now, before the method returns, and all later changes.
     *
     * @param failure receives an error of a later sending
     */
    void begin(TagSink to, Consumer<Exception> failure) throws InterruptedException {
        sink = to;
        failed = failure;
        send();
        isSending = true;
    }

    /** Whether the first tags are sent. */
    boolean isSending() {
        return isSending;
    }

    /** Sends what is marked. */
    synchronized void send() throws InterruptedException {
        TagSink to = sink;
        if (to == null) {
            return;
        }
        List<Thing> things = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (EntityId entity : taken(markedResources)) {
            TagInfo info = facts == null ? null : facts.resources().known(entity);
            if (info == null) {
                gone.add(entity.toString());
            } else {
                things.add(new Thing(entity.toString(), info, Set.of(), () -> List.of(info)));
            }
        }
        for (String key : taken(marked)) {
            Pod pod = pods.get(key);
            if (pod == null) {
                gone.add(key);
            } else {
                things.add(thing(pod));
            }
        }
        sent.send(things, gone, to);
    }

    private static <T> Set<T> taken(Set<T> marked) {
        Set<T> taken = Set.copyOf(marked);
        marked.removeAll(taken);
        return taken;
    }

    private Thing thing(Pod pod) {
        Surroundings surroundings = surroundings(pod); // one reading for the comparison and for the tags
        // A problem is reported once for a revision, and not again when a miss has the pod extracted again.
        AtomicBoolean isTold = new AtomicBoolean();
        Supplier<List<TagInfo>> extract =
                () -> extract(pod, surroundings, isTold.getAndSet(true) ? problem -> {} : problems);
        return new Thing(pod.key(), new Revision(pod, surroundings), ended(pod), extract);
    }

    /** The present pod with an entity, with the kept parts alone; empty for none. */
    Optional<Pod> pod(EntityId entity) {
        return pods.values().stream().filter(pod -> pod.has(entity)).findFirst();
    }

    /** The origins of the tags of an entity of a pod. */
    Provenance explain(Pod pod, EntityId entity) {
        Surroundings surroundings = surroundings(pod);
        Provenance.Builder origins = new Provenance.Builder();
        tags.explaining(entity, origins).extract(pod, surroundings, origins::note);
        if (!surroundings.isWhole()) {
            origins.note("the services and the namespace of the pod are not known yet");
        }
        pod.status()
                .all()
                .filter(status -> entity.equals(EntityId.container(status.id())))
                .flatMap(status -> tags.exclusion(pod, status).stream())
                .forEach(rule -> origins.note(ContainerExclusion.note(rule)));
        return origins.build();
    }

    private static boolean isResource(String key) {
        return key.contains("://");
    }

    /** The tags of a pod and of its containers. */
    List<TagInfo> extract(Pod pod, Consumer<String> told) {
        return extract(pod, surroundings(pod), told);
    }

    private List<TagInfo> extract(Pod pod, Surroundings surroundings, Consumer<String> told) {
        List<TagInfo> infos = new ArrayList<>(tags.extract(pod, surroundings, told));
        infos.addAll(tags.attributes(pod, surroundings, infos));
        return infos;
    }

    private Surroundings surroundings(Pod pod) {
        return facts == null ? Surroundings.NONE : facts.of(pod);
    }

    /** Forgets all pods: later tasks of a closed collector may hold this object for minutes. */
    void clear() {
        pods.clear();
        byName.clear();
        byNamespace.clear();
    }

    /** The sent tags of all entities of the pod with the given entity; empty for none. */
    List<TagInfo> find(EntityId entity) {
        return sent.find(entity);
    }
}
