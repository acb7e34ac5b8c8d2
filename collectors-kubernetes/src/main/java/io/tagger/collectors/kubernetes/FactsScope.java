package io.tagger.collectors.kubernetes;

import io.tagger.collectors.kubernetes.NamespaceServices.Service;
import io.tagger.collectors.kubernetes.NamespaceServices.Slice;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The followed facts of one namespace, or of all namespaces: their metadata, their services, and resources with tags of
 * their own. Thread-safe.
 */
final class FactsScope implements Closeable {
    /** The scope of all namespaces. */
    static final String ALL = "";

    private static final String NAMESPACE_RULE = Request.rule("", ResourceRules.NAMESPACES, "get", "watch");
    private static final String NAMESPACES_RULE = Request.rule("", ResourceRules.NAMESPACES, "list", "watch");
    private static final String SLICE_RULE = Request.rule("discovery.k8s.io", "endpointslices", "list", "watch");
    private static final String SERVICE_RULE = Request.rule("", "services", "list", "watch");

    private final ClusterFacts facts;
    private final String namespace;
    private final List<Mirror<?>> mirrors = new ArrayList<>(); // guarded by this
    private final Map<String, Resources> byRule = new HashMap<>(); // guarded by itself
    private final Map<String, Pod.Metadata> namespaces = new ConcurrentHashMap<>();
    private final NamespaceServices services = new NamespaceServices();
    private @Nullable Mirror<?> slices; // guarded by this
    private @Nullable Mirror<Service> selecting; // guarded by this
    private final Set<String> unasked = ConcurrentHashMap.newKeySet(); // pods that are newer than the last list
    private volatile boolean hasNamespaces;
    private volatile boolean hasServices;
    private boolean isClosed; // guarded by this

    /**
     * Begins to follow the facts.
     *
     * @param namespace the name of a namespace, or {@link #ALL}
     */
    FactsScope(ClusterFacts facts, String namespace) {
        this.facts = facts;
        this.namespace = namespace;
    }

    FactsScope start() {
        if (facts.wanted().asksForNamespaces()) {
            String path = "/api/v1/namespaces";
            follow(
                    ResourceRules.NAMESPACES,
                    namespace.equals(ALL)
                            ? facts.all(path, NAMESPACES_RULE, Item.class)
                            : facts.one(path, namespace, NAMESPACE_RULE, Item.class),
                    new Namespaces());
        }
        if (facts.wanted().services()) {
            Mirror<?> begun = follow("endpointslices", facts.all(slicePath(), SLICE_RULE, Slice.class), new Slices());
            synchronized (this) {
                slices = begun;
            }
        }
        return this;
    }

    private String inside() {
        return namespace.equals(ALL) ? "" : "/namespaces/" + Request.encode(namespace);
    }

    private String slicePath() {
        return "/apis/discovery.k8s.io/v1" + inside() + "/endpointslices";
    }

    /** Follows the resources of a kind in this scope, in place of an earlier version of the kind. */
    void resources(ResourceRules rules, ResourceKind kind) {
        synchronized (byRule) {
            Resources before = byRule.get(rules.key());
            if (before != null && before.kind.equals(kind)) {
                return;
            } else if (before != null) {
                before.mirror.close();
            }
            Mirror<?> begun = follow(
                    rules.key(),
                    facts.all(
                            kind.path() + inside() + "/" + rules.resource(),
                            Request.rule(rules.group(), rules.resource(), "list", "watch"),
                            Item.class),
                    facts.followed(rules, namespace));
            if (begun != null) {
                byRule.put(rules.key(), new Resources(kind, begun));
            }
        }
    }

    /** The followed resources of a rule. */
    private record Resources(ResourceKind kind, Mirror<?> mirror) {}

    /** Begins to follow a collection; null if this scope is closed. Not under the lock: the facts have a lock of their own. */
    private <T> @Nullable Mirror<T> follow(String kind, Mirror.Subject<T> subject, Followed<T> items) {
        Mirror<T> mirror = facts.follow(kind, namespace, subject, items);
        synchronized (this) {
            if (!isClosed) {
                mirrors.add(mirror);
                return mirror;
            }
        }
        mirror.close();
        facts.left(kind, namespace);
        return null;
    }

    /** The metadata of a namespace; null if not known yet. */
    Pod.@Nullable Metadata namespace(String name) {
        Pod.Metadata known = namespaces.get(name);
        return known == null && hasNamespaces ? Pod.Metadata.NONE : known;
    }

    /** Whether the services of a pod are known. */
    boolean hasServices(Pod pod) {
        return hasServices && !unasked.contains(NamespaceServices.podKey(pod));
    }

    /** A pod is new here. */
    void added(Pod pod) {
        Mirror<?> mirror;
        synchronized (this) {
            mirror = selecting == null ? slices : null; // selectors are applied to any pod
        }
        if (mirror == null) {
            return;
        }
        if (mirror.isPolling() || mirror.isFailing()) {
            unasked.add(NamespaceServices.podKey(pod));
        }
        if (mirror.isPolling()) {
            mirror.soon();
        }
    }

    /** The names of the services of a pod. */
    Set<String> services(Pod pod) {
        return services.of(pod);
    }

    @Override
    public void close() {
        List<Mirror<?>> open;
        synchronized (this) {
            isClosed = true;
            open = List.copyOf(mirrors);
        }
        open.forEach(Mirror::close);
        namespaces.clear();
        services.clear();
    }

    /** Takes the metadata of namespaces. */
    private final class Namespaces implements Followed<Item> {
        @Override
        public void listed(List<Item> items) {
            Map<String, Pod.Metadata> listed = new HashMap<>();
            items.forEach(item -> listed.put(name(item), item.metadata()));
            hasNamespaces = true;
            for (String name : List.copyOf(namespaces.keySet())) {
                if (!listed.containsKey(name)) {
                    namespaces.remove(name);
                    facts.resources().namespace(name, null);
                }
            }
            namespaces.putAll(listed);
            listed.forEach(facts.resources()::namespace);
            facts.changed(namespace);
        }

        /** A single namespace's own name is the scope. */
        private String name(Item item) {
            return namespace.equals(ALL) ? item.metadata().name() : namespace;
        }

        @Override
        public void set(Item item) {
            namespaces.put(name(item), item.metadata());
            facts.resources().namespace(name(item), item.metadata());
            facts.changed(name(item));
        }

        @Override
        public void deleted(Item item) {
            namespaces.remove(name(item));
            facts.resources().namespace(name(item), null);
            facts.changed(name(item));
        }

        @Override
        public void refused(AnswerException reason) {
            listed(List.of());
        }
    }

    /** Takes the parts of services. */
    private final class Slices implements Followed<Slice> {
        private Set<String> asked = Set.of(); // new pods at the begin of a list

        @Override
        public void listing() {
            asked = Set.copyOf(unasked);
        }

        @Override
        public void listed(List<Slice> items) {
            Set<String> changed = new HashSet<>(asked);
            unasked.removeAll(asked);
            changed.addAll(services.slices(items, namespace));
            known(changed);
            Mirror<Service> ended;
            synchronized (FactsScope.this) {
                ended = selecting;
                selecting = null;
            }
            if (ended != null) {
                ended.close();
                facts.left("services", namespace);
                services.selecting(List.of());
                facts.changed(namespace);
            }
        }

        @Override
        public void set(Slice item) {
            facts.changed(services.slice(item, namespace));
        }

        @Override
        public void deleted(Slice item) {
            facts.changed(services.withoutSlice(item, namespace));
        }

        @Override
        public void watching() {
            Set<String> late = Set.copyOf(unasked); // pods that came during a failure
            if (unasked.removeAll(late)) {
                facts.changed(late);
            }
        }

        /** A cluster before 1.21, or a role with access to services only. */
        @Override
        public void refused(AnswerException reason) {
            facts.changed(services.slices(List.of(), namespace)); // the slices are not known any more
            unasked.clear();
            boolean isNew;
            synchronized (FactsScope.this) {
                isNew = selecting == null;
            }
            if (isNew) {
                Mirror<Service> begun = follow(
                        "services",
                        facts.all("/api/v1" + inside() + "/services", SERVICE_RULE, Service.class),
                        new Selectors());
                synchronized (FactsScope.this) {
                    selecting = begun;
                }
            }
        }
    }

    private void known(Set<String> changed) {
        boolean isFirst = !hasServices;
        hasServices = true;
        if (isFirst) {
            facts.changed(namespace);
        } else {
            facts.changed(changed);
        }
    }

    /** Takes services with their selectors. */
    private final class Selectors implements Followed<Service> {
        private final Map<String, Service> all = new ConcurrentHashMap<>();

        @Override
        public void listed(List<Service> items) {
            all.clear();
            items.stream().filter(item -> item.metadata() != null).forEach(item -> all.put(item.key(), item));
            changed();
        }

        @Override
        public void set(Service item) {
            all.put(item.key(), item);
            changed();
        }

        @Override
        public void deleted(Service item) {
            all.remove(item.key());
            changed();
        }

        private void changed() {
            services.selecting(List.copyOf(all.values()));
            hasServices = true;
            facts.changed(namespace);
        }

        @Override
        public void refused(AnswerException reason) {
            listed(List.of());
        }
    }
}
