package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.RootCause;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The API server's facts about the pods: their namespaces, the services that select them, and resources with tags of
 * their own. Each collection is followed by a {@link Mirror}: for the namespaces with pods of this node, or for the whole
 * cluster. Thread-safe.
 */
final class ClusterFacts implements Closeable {
    private static final int PAGE = 500;

    /** In place of a namespace, for the question about the kind of a rule. */
    private static final String KIND = "the kind";

    /**
     * The place of this process.
     *
     * @param nodeName the name of this node, or {@code *} for the facts about all nodes and all namespaces
     * @param host the entity of this machine
     */
    record Place(String nodeName, EntityId host) {}

    /** Learns of changed facts; blocks for moments only. */
    interface Changes {
        /** The facts about pods have changed: about the given pods, by namespace and name. */
        void pods(Set<String> keys);

        /** The facts about all pods of a namespace have changed; of all namespaces for {@link FactsScope#ALL}. */
        void namespace(String namespace);

        /** The tags of resources have changed. */
        void resources(Set<EntityId> entities);
    }

    private final ApiClient client;
    private final Place place;
    private final boolean isWide;
    private final WantedFacts wanted;
    private final Pace pace;
    private final Changes changes;
    private final Problems problems;
    private final Map<String, FactsScope> scopes = new ConcurrentHashMap<>();
    private final Map<String, ResourceKind> kinds = new ConcurrentHashMap<>(); // by rule key
    private final ResourceFacts resources;
    private final Map<String, Mirror<?>> clusterMirrors = new ConcurrentHashMap<>(); // of resources without a namespace
    private final Unanswered unanswered = new Unanswered();
    private volatile boolean isClosed;

    /**
     * Prepares the facts, without a request.
     *
     * @param place the node of the facts
     * @param problems takes the reports for the log
     */
    ClusterFacts(
            ApiClient client, Place place, WantedFacts wanted, Pace pace, Changes changes, Consumer<String> problems) {
        this.client = client;
        this.place = place;
        this.isWide = place.nodeName.equals("*");
        this.wanted = wanted;
        this.pace = pace;
        this.changes = changes;
        this.problems = new Problems(problems);
        this.resources = new ResourceFacts(wanted.resources(), changes::resources);
    }

    WantedFacts wanted() {
        return wanted;
    }

    /** Begins to follow the collections that need no namespace. */
    void start() {
        for (ResourceRules rules : wanted.resources()) {
            if (!rules.isOf(ResourceRules.NAMESPACES)) {
                unanswered.begin(rules.key(), KIND);
                pace.after(Duration.ZERO, () -> discover(rules, 0));
            }
        }
        if (isWide) {
            attend(Set.of(FactsScope.ALL));
        } else if (wanted.host() != null) {
            new HostFacts(place.host, wanted.host(), resources::host)
                    .follow(this, place.nodeName)
                    .forEach((kind, mirror) -> clusterMirrors.put(kind, mirror));
        }
    }

    /** Follows the facts of exactly these namespaces; has no effect where all namespaces are followed. */
    void namespaces(Set<String> present) {
        if (!isWide) {
            attend(present);
        }
    }

    private synchronized void attend(Set<String> present) {
        if (isClosed) {
            return;
        }
        for (String name : present) {
            if (!scopes.containsKey(name)) {
                FactsScope scope = new FactsScope(this, name);
                scopes.put(name, scope);
                scope.start();
                for (ResourceRules rules : wanted.resources()) {
                    ResourceKind kind = kinds.get(rules.key());
                    if (kind != null && kind.isNamespaced()) {
                        scope.resources(rules, kind);
                    }
                }
            }
        }
        for (String name : List.copyOf(scopes.keySet())) {
            if (!present.contains(name)) {
                FactsScope left = scopes.remove(name);
                if (left != null) {
                    left.close();
                }
                resources.drop(name);
                problems.forget(name);
                unanswered.forget(name);
            }
        }
    }

    /** A pod is new here: services that are not watched are asked for again. */
    void added(Pod pod) {
        FactsScope scope = scopes.get(isWide ? FactsScope.ALL : pod.metadata().namespace());
        if (scope != null) {
            scope.added(pod);
        }
    }

    /** The surroundings of a pod, as known now. */
    Surroundings of(Pod pod) {
        String name = pod.metadata().namespace();
        FactsScope scope = scopes.get(isWide ? FactsScope.ALL : name);
        Pod.Metadata known = scope == null || !wanted.wantsNamespaceTags() ? null : scope.namespace(name);
        Pod.Metadata namespace = known == null ? Pod.Metadata.NONE : known;
        boolean hasServices =
                !wanted.services() || scope != null && scope.hasServices(pod) && !pod.isBeforeItsServices();
        return new Surroundings(
                matching(namespace.labels(), wanted.namespaceLabels()),
                matching(namespace.annotations(), wanted.namespaceAnnotations()),
                scope == null || !wanted.services() ? Set.of() : scope.services(pod),
                (!wanted.wantsNamespaceTags() || known != null) && hasServices);
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

    /** The resources with tags of their own. */
    ResourceFacts resources() {
        return resources;
    }

    /**
     * The tags of one resource; empty if the resource does not exist or has no tags.
     *
     * @throws IOException if the API server has not answered yet
     */
    List<TagInfo> resource(EntityId entity) throws IOException {
        TagInfo found = resources.known(entity);
        boolean isAsked = !wanted.resources().isEmpty()
                || wanted.host() != null && entity.prefix().equals(EntityId.HOST);
        if (found == null && isAsked && !unanswered.isEmpty()) {
            throw new IOException(client + " has not listed all resources yet");
        }
        return found == null ? List.of() : List.of(found);
    }

    private void discover(ResourceRules rules, int refusals) {
        String question = "the kind " + rules.key();
        if (isClosed) {
            return;
        }
        try {
            ResourceKind kind = ResourceKind.discover(client, rules, pace.timeout());
            problems.over(question, "");
            kinds.put(rules.key(), kind);
            if (kind.isNamespaced()) {
                List.copyOf(scopes.values()).forEach(scope -> scope.resources(rules, kind));
            } else {
                follow(rules, kind);
            }
            unanswered.over(rules.key(), KIND);
        } catch (AnswerException e) {
            if (e.isRefusal()) {
                Duration again = pace.refused(refusals + 1);
                reportRefusal(question, "", e, again);
                unanswered.over(rules.key(), KIND);
                pace.after(again, () -> discover(rules, refusals + 1));
            } else {
                report(question, "", e);
                pace.after(retry(), () -> discover(rules, 0));
            }
        } catch (IOException | RuntimeException | VirtualMachineError e) {
            report(question, "", e);
            pace.after(retry(), () -> discover(rules, 0));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(ResourceRules rules, ResourceKind kind) {
        String path = kind.path() + "/" + rules.resource();
        boolean isOwnNode = rules.isOf(ResourceRules.NODES) && !isWide; // every further node has an agent
        String rule = Request.rule(rules.group(), rules.resource(), isOwnNode ? "get" : "list", "watch");
        Mirror.Subject<Item> subject =
                isOwnNode ? one(path, place.nodeName, rule, Item.class) : all(path, rule, Item.class);
        Mirror<?> before =
                clusterMirrors.put(rules.key(), follow(rules.key(), "", subject, followed(rules, FactsScope.ALL)));
        if (before != null) {
            before.close();
        }
    }

    private Duration retry() {
        return pace.poll().dividedBy(10);
    }

    /** All objects of a collection. */
    <T> Mirror.Subject<T> all(String path, String rule, Class<T> kind) {
        return subject(path, "", rule, kind);
    }

    /** The object of a name in a collection. */
    <T> Mirror.Subject<T> one(String path, String name, String rule, Class<T> kind) {
        return subject(
                path + "?fieldSelector=" + Request.encode("metadata.name=" + name),
                path + "/" + Request.encode(name),
                rule,
                kind);
    }

    private <T> Mirror.Subject<T> subject(String path, String single, String rule, Class<T> kind) {
        return new Mirror.Subject<>(path, single, rule, new Mirror.Pages(PAGE, isWide), kind, UnaryOperator.identity());
    }

    /** Begins to follow a collection. */
    <T> Mirror<T> follow(String kind, String scope, Mirror.Subject<T> subject, Followed<T> items) {
        unanswered.begin(kind, scope);
        return new Mirror<>(client, subject, pace, new MirrorListener<>() {
                    @Override
                    public void listing() {
                        items.listing();
                    }

                    @Override
                    public void listed(List<T> all) {
                        items.listed(all);
                        unanswered.over(kind, scope);
                    }

                    @Override
                    public void set(T item) {
                        items.set(item);
                    }

                    @Override
                    public void deleted(T item) {
                        items.deleted(item);
                    }

                    @Override
                    public void refused(AnswerException reason, Duration again) {
                        reportRefusal(kind, scope, reason, again);
                        items.refused(reason);
                        unanswered.over(kind, scope);
                    }

                    @Override
                    public void polled(AnswerException reason) {
                        problems.report(
                                watchOf(kind),
                                scope,
                                reason.getMessage() + "; the list is read every " + Problems.words(pace.poll())
                                        + " instead");
                    }

                    @Override
                    public void failing(IOException reason) {
                        report(kind, scope, reason);
                    }

                    @Override
                    public void watching() {
                        problems.over(watchOf(kind), scope);
                        items.watching();
                    }

                    @Override
                    public void following() {
                        problems.over(kind, scope);
                    }
                })
                .start();
    }

    private void report(String kind, String scope, Throwable reason) {
        if (!isClosed) {
            problems.report(kind, scope, reason instanceof IOException ? message(reason) : RootCause.words(reason));
        }
    }

    private void reportRefusal(String kind, String scope, Exception reason, Duration again) {
        if (!isClosed) {
            problems.report(
                    kind,
                    scope,
                    message(reason) + "; the tags are missing until then; next attempt in " + Problems.words(again));
        }
    }

    private static String message(Throwable reason) {
        return reason.getMessage() == null ? RootCause.words(reason) : reason.getMessage();
    }

    private static String watchOf(String kind) {
        return "the watch of " + kind;
    }

    /** A collection is not followed any more, and will have no further answer. */
    void left(String kind, String scope) {
        unanswered.over(kind, scope);
        problems.over(kind, scope);
        problems.over(watchOf(kind), scope);
    }

    /**
     * Waits until the server has answered or refused all questions, because the first tags sent replace the tags of an
     * earlier instance. The wait is bounded: an agent may start while the API server is down.
     */
    void awaitSettled(long millis) throws InterruptedException {
        unanswered.await(millis);
    }

    /** All pods of a namespace, or of all namespaces, have other facts. */
    void changed(String namespace) {
        changes.namespace(namespace);
    }

    /** Some pods have other facts. */
    void changed(Set<String> pods) {
        if (!pods.isEmpty()) {
            changes.pods(pods);
        }
    }

    /** Takes the resources of a kind; an upgrade of the cluster may remove the version, and the kind is looked up again. */
    Followed<Item> followed(ResourceRules rules, String scope) {
        return resources.followed(rules, scope, reason -> {
            if (reason.isMissing() && kinds.remove(rules.key()) != null) {
                pace.after(pace.longest(), () -> discover(rules, 0));
            }
        });
    }

    @Override
    public void close() {
        isClosed = true;
        unanswered.close();
        scopes.values().forEach(FactsScope::close);
        clusterMirrors.values().forEach(Mirror::close);
        client.close();
    }
}
