package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the API server says of the surroundings of this node's pods: their namespaces and the services that select them. Asked for on its own,
 * slower clock, beside the pulls; what can't be had leaves what was known before as it is.
 */
final class ClusterFacts {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String NAMESPACE_RULE = Server.rule("\"\"", "namespaces", "get");
    private static final String SLICE_RULE = Server.rule("discovery.k8s.io", "endpointslices", "list");
    private static final String SERVICE_RULE = Server.rule("\"\"", "services", "list");

    private static final int PAGE = 500;
    private static final Duration FIRST = Duration.ofSeconds(2);

    private final Server server;
    private final Wanted wanted;
    private final Clock clock;
    private final Executor executor;
    private final Consumer<String> problems;
    private final Set<String> told = new HashSet<>(); // of the one refresh under way

    private volatile Map<String, Facts> byNamespace = Map.of();
    private final CountDownLatch first = new CountDownLatch(1);
    private Set<String> asked = Set.of(); // guarded by this
    private long due = Long.MIN_VALUE; // milliseconds; guarded by this
    private boolean busy; // guarded by this

    /**
     * What to ask for.
     *
     * @param namespaces the labels and annotations of namespaces
     * @param services the services of pods
     * @param interval how often
     * @param timeout how long an answer may take to begin
     */
    record Wanted(boolean namespaces, boolean services, Duration interval, Duration timeout) {}

    /** What is known of a namespace: itself, its services by the UIDs of their pods, and, where there are no slices, with their selectors. */
    private record Facts(Pod.Metadata namespace, Map<String, Set<String>> byPod, List<Service> selecting) {
        static final Facts NONE = new Facts(new Pod.Metadata(null, null, null, null, null, null), Map.of(), List.of());

        Set<String> services(Pod pod) {
            Set<String> names = new TreeSet<>(byPod.getOrDefault(pod.metadata().uid(), Set.of()));
            selecting.stream()
                    .filter(service -> service.selects(pod))
                    .forEach(service -> names.add(service.metadata().name()));
            return names;
        }
    }

    /** A part of the endpoints of a service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Slice(Pod.@Nullable Metadata metadata, @Nullable List<Endpoint> endpoints) {}

    /** Where a service is served. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Endpoint(@Nullable Target targetRef) {}

    /** By whom. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Target(@Nullable String kind, @Nullable String uid) {}

    /** A service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Service(Pod.Metadata metadata, @Nullable Selection spec) {
        boolean selects(Pod pod) {
            Map<String, String> selector = spec == null || spec.selector == null ? Map.of() : spec.selector;
            return !selector.isEmpty() && pod.metadata().labels().entrySet().containsAll(selector.entrySet());
        }
    }

    /** Whom a service selects. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Selection(@Nullable Map<String, String> selector) {}

    /** A namespace. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Namespace(Pod.Metadata metadata) {}

    ClusterFacts(Server server, Wanted wanted, Clock clock, Executor executor, Consumer<String> problems) {
        this.server = server;
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
        Facts facts = byNamespace.getOrDefault(pod.metadata().namespace(), Facts.NONE);
        return new Surroundings(facts.namespace.labels(), facts.namespace.annotations(), facts.services(pod));
    }

    /** Asks again if it is time, or if there are pods in a namespace that was not asked for yet; does not wait for the answers. */
    void refresh(List<Pod> pods) {
        Set<String> present = pods.stream()
                .map(pod -> pod.metadata().namespace())
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
        synchronized (this) {
            boolean isDue = clock.millis() >= due || !asked.containsAll(present);
            if (busy || !isDue) {
                return;
            }
            busy = true;
            asked = present;
            due = clock.millis() + wanted.interval.toMillis();
        }
        executor.execute(() -> {
            try {
                ask(present);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                synchronized (this) {
                    busy = false;
                }
                first.countDown();
            }
        });
    }

    /** Waits a little for the first answers, so that the first tags that are sent are whole; later it returns at once. */
    void awaitFirst() throws InterruptedException {
        first.await(FIRST.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(Set<String> present) throws InterruptedException {
        Map<String, Facts> now = new HashMap<>();
        for (String name : present) {
            Facts before = byNamespace.getOrDefault(name, Facts.NONE);
            Pod.Metadata namespace = before.namespace;
            if (wanted.namespaces) {
                namespace = orElse(before.namespace, () -> namespace(name));
            }
            Facts services = before;
            if (wanted.services) {
                services = orElse(before, () -> services(name));
            }
            now.put(name, new Facts(namespace, services.byPod, services.selecting));
        }
        byNamespace = now;
    }

    private Pod.Metadata namespace(String name) throws IOException, InterruptedException {
        return server.get(
                        "/api/v1/namespaces/" + Server.encode(name),
                        NAMESPACE_RULE,
                        wanted.timeout,
                        body -> ItemList.readOne(body, Namespace.class))
                .metadata();
    }

    private Facts services(String namespace) throws IOException, InterruptedException {
        try {
            return slices(namespace);
        } catch (AnswerException e) {
            if (!e.isForbidden() && !e.isNotFound()) {
                throw e;
            }
            tell(e); // a cluster before 1.21, or a role that only has services
            return new Facts(
                    Facts.NONE.namespace,
                    Map.of(),
                    server.list(
                            "/api/v1/namespaces/" + Server.encode(namespace) + "/services",
                            SERVICE_RULE,
                            wanted.timeout,
                            PAGE,
                            Service.class));
        }
    }

    private Facts slices(String namespace) throws IOException, InterruptedException {
        Map<String, Set<String>> byPod = new HashMap<>();
        String path = "/apis/discovery.k8s.io/v1/namespaces/" + Server.encode(namespace) + "/endpointslices";
        for (Slice slice : server.list(path, SLICE_RULE, wanted.timeout, PAGE, Slice.class)) {
            String service =
                    slice.metadata() == null ? "" : slice.metadata().labels().getOrDefault(SERVICE_NAME, "");
            List<Endpoint> endpoints = slice.endpoints() == null ? List.of() : slice.endpoints();
            for (Endpoint endpoint : endpoints) {
                Target target = endpoint.targetRef();
                if (!service.isEmpty() && target != null && "Pod".equals(target.kind()) && target.uid() != null) {
                    byPod.computeIfAbsent(target.uid(), uid -> new HashSet<>()).add(service);
                }
            }
        }
        return new Facts(Facts.NONE.namespace, byPod, List.of());
    }

    /** Something to ask a server for. */
    private interface Question<T> {
        T ask() throws IOException, InterruptedException;
    }

    private <T> T orElse(T before, Question<T> question) throws InterruptedException {
        try {
            return question.ask();
        } catch (IOException e) {
            tell(e);
            return before;
        }
    }

    /** Says what went wrong, and each thing once: it is asked for again and again. */
    private void tell(IOException e) {
        String problem = String.valueOf(e.getMessage());
        if (told.add(problem)) {
            problems.accept(problem);
        }
    }
}
