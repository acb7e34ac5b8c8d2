package io.tagger.collectors.kubernetes;

import io.tagger.api.TagInfo;
import io.tagger.collectors.kubernetes.KnownFacts.Namespace;
import io.tagger.collectors.kubernetes.NamespaceServices.Service;
import io.tagger.collectors.kubernetes.NamespaceServices.Slice;
import io.tagger.collectors.kubernetes.RefusalMemory.Question;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One round of questions to the API server. A round asks for all wanted facts, or only for the namespaces with new
 * pods; all further facts, and facts with a lost answer, stay unchanged.
 */
final class Round {
    private static final String NAMESPACE_RULE = Request.rule("", ResourceRules.NAMESPACES, "get");
    private static final String SLICE_RULE = Request.rule("discovery.k8s.io", "endpointslices", "list");
    private static final String SERVICE_RULE = Request.rule("", "services", "list");

    private static final int PAGE = 500;

    /**
     * The API server, and the objects that outlive a round.
     *
     * @param client the client of the server
     * @param nodeName the name of this node
     * @param wanted the facts to ask for
     * @param memory the memory of failed questions
     * @param kinds the kinds of resources found so far, by rule key
     */
    record Cluster(
            ApiClient client,
            String nodeName,
            WantedFacts wanted,
            RefusalMemory memory,
            Map<String, ResourceKind> kinds) {}

    /**
     * The scope of a round.
     *
     * @param present the names of this node's pods, by namespace
     * @param asked the namespaces to ask for
     * @param isFull whether resources outside of namespaces are asked for too
     */
    record Scope(Map<String, Set<String>> present, Set<String> asked, boolean isFull) {}

    private final Cluster cluster;
    private final Scope scope;
    private final KnownFacts before;
    private final Map<String, List<TagInfo>> resources = new HashMap<>();

    /** Prepares a round over the facts of the last round. */
    Round(Cluster cluster, Scope scope, KnownFacts before) {
        this.cluster = cluster;
        this.scope = scope;
        this.before = before;
    }

    /** Asks, and returns the facts known afterwards. */
    KnownFacts run() throws InterruptedException {
        cluster.memory.beginRound();
        Map<String, Namespace> namespaces = new HashMap<>();
        for (String name : scope.present.keySet()) {
            namespaces.put(name, scope.asked.contains(name) ? namespace(name) : before.namespace(name));
        }
        for (ResourceRules rules : cluster.wanted.resources()) {
            if (rules.isOf(ResourceRules.NAMESPACES)) {
                namespaces.forEach((name, facts) -> {
                    if (facts.metadata() != null) {
                        resources.put(
                                key(rules, name),
                                rules.extract(facts.metadata()).stream().toList());
                    }
                });
            } else {
                resources(rules);
            }
        }
        boolean isWhole = cluster.memory.lost() == 0 && (scope.isFull || before.isWhole());
        cluster.memory.endRound();
        return new KnownFacts(namespaces, resources, isWhole);
    }

    private Namespace namespace(String name) throws InterruptedException {
        Namespace last = before.namespace(name);
        int lostBefore = cluster.memory.lost();
        Set<String> pods = scope.present.get(name);
        Pod.Metadata metadata = cluster.wanted.asksForNamespaces() ? metadata(name, last.metadata()) : null;
        NamespaceServices services = cluster.wanted.services() ? services(name, pods, last.services()) : null;
        return new Namespace(metadata, services, cluster.memory.lost() == lostBefore ? pods : last.pods());
    }

    private Pod.@Nullable Metadata metadata(String name, Pod.@Nullable Metadata last) throws InterruptedException {
        Request request = request("/api/v1/namespaces/" + Request.encode(name), NAMESPACE_RULE);
        return cluster.memory.ask(
                ResourceRules.NAMESPACES,
                name,
                last,
                () -> last == null ? Pod.Metadata.NONE : last,
                () -> cluster.client
                        .get(request, body -> ItemList.readOne(body, Item.class))
                        .metadata());
    }

    /**
     * The services, from their slices; from their selectors in a cluster before 1.21, or for a role with access to
     * services only.
     */
    private @Nullable NamespaceServices services(String namespace, Set<String> pods, @Nullable NamespaceServices last)
            throws InterruptedException {
        String inside = "/namespaces/" + Request.encode(namespace);
        Request slices = request("/apis/discovery.k8s.io/v1" + inside + "/endpointslices", SLICE_RULE);
        Request services = request("/api/v1" + inside + "/services", SERVICE_RULE);
        return cluster.memory.ask(
                "endpointslices",
                namespace,
                last,
                () -> cluster.memory.ask(
                        "services",
                        namespace,
                        last,
                        () -> last == null ? NamespaceServices.NONE : last,
                        () -> NamespaceServices.ofSelectors(cluster.client.list(services, PAGE, Service.class))),
                () -> NamespaceServices.ofSlices(cluster.client.list(slices, PAGE, Slice.class), pods));
    }

    private void resources(ResourceRules rules) throws InterruptedException {
        ResourceKind kind = kind(rules);
        if (kind == null) {
            keep(rules, "");
            scope.present.keySet().forEach(name -> keep(rules, name));
        } else if (kind.isNamespaced()) {
            for (String name : scope.present.keySet()) {
                if (scope.asked.contains(name)) {
                    list(rules, kind.path() + "/namespaces/" + Request.encode(name) + "/" + rules.resource(), name);
                } else {
                    keep(rules, name);
                }
            }
        } else if (!scope.isFull) {
            keep(rules, "");
        } else if (rules.isOf(ResourceRules.NODES)) {
            node(rules, kind); // this node; every further node has an agent
        } else {
            list(rules, kind.path() + "/" + rules.resource(), "");
        }
    }

    private @Nullable ResourceKind kind(ResourceRules rules) throws InterruptedException {
        ResourceKind kind = cluster.kinds.get(rules.key());
        if (kind == null) {
            kind = cluster.memory.ask(
                    "the kind " + rules.key(),
                    "",
                    null,
                    () -> null,
                    () -> ResourceKind.discover(cluster.client, rules, cluster.wanted.timeout()));
        }
        if (kind != null) {
            cluster.kinds.put(rules.key(), kind);
        }
        return kind;
    }

    private void keep(ResourceRules rules, String place) {
        List<TagInfo> last = before.resources().get(key(rules, place));
        if (last != null) {
            resources.put(key(rules, place), last);
        }
    }

    private void node(ResourceRules rules, ResourceKind kind) throws InterruptedException {
        Request request = request(
                kind.path() + "/nodes/" + Request.encode(cluster.nodeName), Request.rule("", rules.resource(), "get"));
        ask(rules, "", () -> {
            Item node = cluster.client.get(request, body -> ItemList.readOne(body, Item.class));
            return List.of(node);
        });
    }

    private void list(ResourceRules rules, String path, String namespace) throws InterruptedException {
        Request request = request(path, Request.rule(rules.group(), rules.resource(), "list"));
        ask(rules, namespace, () -> cluster.client.list(request.metadataOnly(), PAGE, Item.class));
    }

    private void ask(ResourceRules rules, String place, Question<List<Item>> question) throws InterruptedException {
        List<TagInfo> last = before.resources().getOrDefault(key(rules, place), List.of());
        List<TagInfo> now = cluster.memory.ask(rules.key(), place, last, () -> last, () -> {
            try {
                return rules.extract(question.ask());
            } catch (AnswerException e) {
                if (e.isRefusal()) {
                    cluster.kinds.remove(rules.key()); // an upgrade of the cluster may have removed the version
                }
                throw e;
            }
        });
        resources.put(key(rules, place), now == null ? List.of() : now);
    }

    private Request request(String path, String rule) {
        return new Request(path, rule, cluster.wanted.timeout());
    }

    private static String key(ResourceRules rules, String place) {
        return rules.key() + "/" + place;
    }
}
