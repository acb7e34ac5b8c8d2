package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.NamespaceServices.Service;
import io.tagger.collectors.kubernetes.NamespaceServices.Slice;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
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
import org.jspecify.annotations.Nullable;

/**
 * What the API server says of the surroundings of this node's pods: their namespaces, the services that select them, and the resources that
 * a rule wants tags of. Asked for on its own, slower clock, beside the pulls. What can't be had leaves what was known before as it is; what
 * the server refuses is switched off by itself, and tried again after ten rounds in case it has been granted meanwhile.
 */
final class ClusterFacts {
    private static final String NAMESPACE_RULE = Request.rule("", ResourceRules.NAMESPACES, "get");
    private static final String SLICE_RULE = Request.rule("discovery.k8s.io", "endpointslices", "list");
    private static final String SERVICE_RULE = Request.rule("", "services", "list");

    private static final int PAGE = 500;
    private static final int ROUNDS_OFF = 10;
    private static final int PARTS = 10; // of a round, after which to ask again for what was lost, or is new
    private static final int LOST = 3; // answers in a round, after which the server is taken to be down
    private static final long PATIENCE_SECONDS = 20;

    private final Server server;
    private final String nodeName;
    private final Wanted wanted;
    private final Clock clock;
    private final Executor executor;
    private final Consumer<String> problems;
    private final CountDownLatch settled = new CountDownLatch(1); // once a round has lost nothing

    private volatile Known known = new Known(Map.of(), Map.of(), false);

    // Of the one round under way.
    private final Map<String, Long> off = new HashMap<>(); // what is refused, until when (milliseconds)
    private final Map<String, ResourceKind> kinds = new HashMap<>(); // by the keys of rules
    private Set<String> told = Set.of(); // of which kinds of questions it was said that they fail
    private final Set<String> failing = new HashSet<>();
    private int lost;

    private Map<String, Set<String>> asked = Map.of(); // the pods by their namespaces; guarded by this
    private long last = Long.MIN_VALUE; // milliseconds; the same
    private long due = Long.MIN_VALUE; // the same
    private boolean isBusy; // the same

    /**
     * What to ask for.
     *
     * @param namespaceLabels the labels of namespaces that tags of their pods come from
     * @param namespaceAnnotations the annotations
     * @param services the services of pods
     * @param resources those that have tags of their own
     * @param interval how often
     * @param timeout how long an answer may take to begin
     */
    record Wanted(
            MappingRules namespaceLabels,
            MappingRules namespaceAnnotations,
            boolean services,
            List<ResourceRules> resources,
            Duration interval,
            Duration timeout) {
        boolean isNothing() {
            return !wantsNamespaces() && !services && resources.isEmpty();
        }

        private boolean wantsNamespaces() {
            return !namespaceLabels.isEmpty() || !namespaceAnnotations.isEmpty();
        }

        private boolean asksForNamespaces() {
            return wantsNamespaces() || resources.stream().anyMatch(rules -> rules.isOf(ResourceRules.NAMESPACES));
        }
    }

    /** What is known by the names of namespaces, and the resources by who was asked for; whether all of it was told. */
    private record Known(Map<String, Facts> namespaces, Map<String, List<TagInfo>> resources, boolean isWhole) {}

    /** What is known of a namespace, of which pods there; null is not known yet. */
    private record Facts(
            Pod.@Nullable Metadata namespace, @Nullable NamespaceServices services, Set<String> pods) {
        static final Facts NONE = new Facts(null, null, Set.of());
    }

    ClusterFacts(
            Server server, String nodeName, Wanted wanted, Clock clock, Executor executor, Consumer<String> problems) {
        this.server = server;
        this.nodeName = nodeName;
        this.wanted = wanted;
        this.clock = clock;
        this.executor = executor;
        this.problems = problems;
    }

    void close() {
        server.close();
    }

    /** What is known of a pod's surroundings now. */
    Surroundings of(Pod pod) {
        Facts facts = known.namespaces.getOrDefault(pod.metadata().namespace(), Facts.NONE);
        Pod.Metadata namespace = facts.namespace == null ? Pod.Metadata.NONE : facts.namespace;
        boolean hasServices =
                facts.services != null && facts.pods.contains(pod.metadata().name());
        return new Surroundings(
                read(namespace.labels(), wanted.namespaceLabels),
                read(namespace.annotations(), wanted.namespaceAnnotations),
                facts.services == null ? Set.of() : facts.services.of(pod),
                (!wanted.wantsNamespaces() || facts.namespace != null) && (!wanted.services || hasServices));
    }

    /** Those that a rule reads: the others may change without changing a pod. */
    private static Map<String, String> read(Map<String, String> all, MappingRules rules) {
        if (rules.isEmpty()) {
            return Map.of();
        }
        Map<String, String> read = new HashMap<>(all);
        read.keySet().removeIf(name -> !rules.matches(name));
        return read;
    }

    /** The tags of the resources that are known now. */
    List<TagInfo> resources() {
        return known.resources.values().stream().flatMap(List::stream).toList();
    }

    /**
     * The tags of one resource; empty if there is no such thing, or no tag of it.
     *
     * @throws IOException if that can't be told now
     */
    List<TagInfo> resource(EntityId entity) throws IOException {
        Known now = known;
        for (List<TagInfo> infos : now.resources.values()) {
            for (TagInfo info : infos) {
                if (info.entity().equals(entity)) {
                    return List.of(info);
                }
            }
        }
        if (!now.isWhole && !wanted.resources.isEmpty()) {
            throw new IOException(server + " has not told of all resources yet");
        }
        return List.of();
    }

    /**
     * Asks again if it is time, and else for the namespaces alone that have pods which were not asked for yet; does not wait for the answers.
     */
    void refresh(List<Pod> pods) {
        Map<String, Set<String>> present = pods.stream()
                .map(Pod::metadata)
                .filter(metadata -> !metadata.namespace().isEmpty())
                .collect(Collectors.groupingBy(
                        Pod.Metadata::namespace,
                        Collectors.mapping(Pod.Metadata::name, Collectors.toUnmodifiableSet())));
        Set<String> which;
        boolean isDue;
        synchronized (this) {
            long now = clock.millis();
            isDue = now >= due || now < last; // the clock may have been set back
            which = isDue ? present.keySet() : newcomers(present, now);
            if (isBusy || !isDue && which.isEmpty()) {
                return;
            }
            isBusy = true;
            asked = present;
            last = now;
            due = isDue ? now + wanted.interval.toMillis() : due;
        }
        executor.execute(() -> {
            boolean isWhole = false;
            try {
                known = ask(present, which, isDue);
                isWhole = known.isWhole;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                over(isWhole);
            }
        });
    }

    private synchronized void over(boolean isWhole) {
        isBusy = false;
        if (isWhole) {
            settled.countDown();
        } else {
            due = Math.min(due, last + part());
        }
    }

    /** The namespaces that are new, at once; those that have new pods, when a part of a round has passed. */
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
        return wanted.interval.toMillis() / PARTS;
    }

    /**
     * Waits until everything has been told or refused, so that the first tags that are sent are whole: they replace those of an earlier instance.
     * Not for ever: an agent may start while the API server is down.
     */
    void awaitSettled(List<Pod> pods) throws InterruptedException {
        long patience = Math.min(PATIENCE_SECONDS, wanted.interval.toSeconds());
        for (long i = 0; i < patience && !settled.await(1, TimeUnit.SECONDS); i++) {
            refresh(pods);
        }
    }

    private Known ask(Map<String, Set<String>> present, Set<String> which, boolean isFull) throws InterruptedException {
        lost = 0;
        long now = clock.millis();
        long longest = wanted.interval.multipliedBy(ROUNDS_OFF).toMillis();
        off.values().removeIf(until -> now >= until || until - now > longest);
        Map<String, Facts> namespaces = new HashMap<>();
        for (String name : present.keySet()) {
            Facts before = known.namespaces.getOrDefault(name, Facts.NONE);
            namespaces.put(name, which.contains(name) ? facts(name, before, present.get(name)) : before);
        }
        Map<String, List<TagInfo>> resources = new HashMap<>();
        for (ResourceRules rules : wanted.resources) {
            if (rules.isOf(ResourceRules.NAMESPACES)) {
                namespaces.forEach((name, facts) -> {
                    if (facts.namespace != null) {
                        resources.put(
                                rules.key() + "/" + name,
                                rules.extract(facts.namespace).stream().toList());
                    }
                });
            } else {
                resources(rules, present.keySet(), which, isFull, resources);
            }
        }
        told = Set.copyOf(failing);
        failing.clear();
        return new Known(namespaces, resources, lost == 0 && (isFull || known.isWhole));
    }

    private Facts facts(String name, Facts before, Set<String> pods) throws InterruptedException {
        int lostBefore = lost;
        Pod.Metadata namespace = wanted.asksForNamespaces() ? namespace(name, before.namespace) : null;
        NamespaceServices services = wanted.services ? services(name, pods, before.services) : null;
        return new Facts(namespace, services, lost == lostBefore ? pods : before.pods);
    }

    private Pod.@Nullable Metadata namespace(String name, Pod.@Nullable Metadata before) throws InterruptedException {
        Request request = new Request("/api/v1/namespaces/" + Request.encode(name), NAMESPACE_RULE, wanted.timeout);
        return ask(
                ResourceRules.NAMESPACES,
                name,
                before,
                () -> before == null ? Pod.Metadata.NONE : before,
                () -> server.get(request, body -> ItemList.readOne(body, Item.class))
                        .metadata());
    }

    /** From the slices; from the selectors where there are none, in a cluster before 1.21 or by a role that only has services. */
    private @Nullable NamespaceServices services(String namespace, Set<String> pods, @Nullable NamespaceServices before)
            throws InterruptedException {
        String inside = "/namespaces/" + Request.encode(namespace);
        Request slices =
                new Request("/apis/discovery.k8s.io/v1" + inside + "/endpointslices", SLICE_RULE, wanted.timeout);
        Request services = new Request("/api/v1" + inside + "/services", SERVICE_RULE, wanted.timeout);
        return ask(
                "endpointslices",
                namespace,
                before,
                () -> ask(
                        "services",
                        namespace,
                        before,
                        () -> before == null ? NamespaceServices.NONE : before,
                        () -> NamespaceServices.ofSelectors(server.list(services, PAGE, Service.class))),
                () -> NamespaceServices.ofSlices(server.list(slices, PAGE, Slice.class), pods));
    }

    private void resources(
            ResourceRules rules,
            Set<String> present,
            Set<String> which,
            boolean isFull,
            Map<String, List<TagInfo>> into)
            throws InterruptedException {
        ResourceKind kind = kinds.get(rules.key());
        if (kind == null) {
            kind = ask(
                    "the kind " + rules.key(),
                    "",
                    null,
                    () -> null,
                    () -> ResourceKind.discover(server, rules, wanted.timeout));
        }
        if (kind == null) {
            keep(rules, "", into);
            present.forEach(name -> keep(rules, name, into));
            return;
        }
        kinds.put(rules.key(), kind);
        if (kind.isNamespaced()) {
            for (String name : present) {
                if (which.contains(name)) {
                    list(
                            rules,
                            kind.path() + "/namespaces/" + Request.encode(name) + "/" + rules.resource(),
                            name,
                            into);
                } else {
                    keep(rules, name, into);
                }
            }
        } else if (!isFull) {
            keep(rules, "", into);
        } else if (rules.isOf(ResourceRules.NODES)) { // ours: the others are their own agents' business
            Request request = new Request(
                    kind.path() + "/nodes/" + Request.encode(nodeName),
                    Request.rule("", rules.resource(), "get"),
                    wanted.timeout);
            resource(rules, "", into, () -> {
                Item node = server.get(request, body -> ItemList.readOne(body, Item.class));
                return List.of(node);
            });
        } else {
            list(rules, kind.path() + "/" + rules.resource(), "", into);
        }
    }

    private void keep(ResourceRules rules, String place, Map<String, List<TagInfo>> into) {
        String key = rules.key() + "/" + place;
        if (known.resources.containsKey(key)) {
            into.put(key, known.resources.get(key));
        }
    }

    private void list(ResourceRules rules, String path, String namespace, Map<String, List<TagInfo>> into)
            throws InterruptedException {
        Request request = new Request(path, Request.rule(rules.group(), rules.resource(), "list"), wanted.timeout);
        resource(rules, namespace, into, () -> server.list(request.metadataOnly(), PAGE, Item.class));
    }

    private void resource(
            ResourceRules rules, String place, Map<String, List<TagInfo>> into, Question<List<Item>> question)
            throws InterruptedException {
        String key = rules.key() + "/" + place;
        List<TagInfo> before = known.resources.getOrDefault(key, List.of());
        List<TagInfo> now = ask(rules.key(), place, before, () -> before, () -> {
            try {
                return rules.extract(question.ask());
            } catch (AnswerException e) {
                if (e.isRefusal()) {
                    kinds.remove(rules.key()); // its version may have gone with an upgrade
                }
                throw e;
            }
        });
        into.put(key, now == null ? List.of() : now);
    }

    /** Something to ask the server for. */
    private interface Question<T extends @Nullable Object> {
        T ask() throws IOException, InterruptedException;
    }

    /** What to do where it refuses. */
    private interface Otherwise<T> {
        @Nullable
        T ask() throws InterruptedException;
    }

    /**
     * Asks, unless it was refused a short while ago.
     *
     * @param kind of question; that it fails is said once for each
     * @param of what; what is refused here may be allowed there
     * @param before what was known before, and goes on to be if it can't be told this time
     */
    private <T> @Nullable T ask(
            String kind, String of, @Nullable T before, Otherwise<T> refused, Question<? extends @Nullable T> question)
            throws InterruptedException {
        String key = kind + "/" + of;
        if (lost >= LOST) {
            failing.add(kind);
            return before;
        }
        if (clock.millis() < off.getOrDefault(key, Long.MIN_VALUE)) {
            failing.add(kind);
            return refused.ask();
        }
        try {
            return question.ask();
        } catch (AnswerException e) {
            if (!e.isRefusal()) {
                return lose(kind, e, before);
            }
            Duration pause = wanted.interval.multipliedBy(ROUNDS_OFF);
            off.put(key, clock.millis() + pause.toMillis());
            tell(kind, e.getMessage() + "; pods go without what it would tell, and it is tried again in " + pause);
            return refused.ask();
        } catch (IOException | RuntimeException e) { // an answer that nobody has thought of concerns its question alone
            return lose(kind, e, before);
        }
    }

    private <T> @Nullable T lose(String kind, Exception failure, @Nullable T before) {
        lost++;
        tell(kind, failure.getMessage() == null ? failure.toString() : failure.getMessage());
        return before;
    }

    /** Says what went wrong, once until it goes well again. */
    private void tell(String kind, @Nullable String problem) {
        boolean isFirst = failing.add(kind);
        if (isFirst && !told.contains(kind)) {
            problems.accept(String.valueOf(problem));
        }
    }
}
