package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The services of one namespace or of all namespaces: from EndpointSlices, or from selectors in a cluster without slices.
 * Pods are known by namespace and name, and not by UID: a kubelet and the API server give a static pod different UIDs.
 * One thread changes the services; any thread may read.
 */
final class NamespaceServices {
    /** A service of this type is an alias for a name outside of the cluster, and has no pods whatever its selector. */
    private static final String EXTERNAL = "ExternalName";

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    /** A part of the endpoints of a service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Slice(Pod.@Nullable Metadata metadata, @Nullable List<Endpoint> endpoints) {}

    /** The endpoints of a service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Endpoint(@Nullable Target targetRef) {}

    /** The target of an endpoint. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Target(@Nullable String kind, @Nullable String name) {}

    /** A service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Service(
            Pod.@Nullable Metadata metadata, @Nullable Selection spec) {
        String key() {
            return metadata == null ? "" : podKey(metadata.namespace(), metadata.name());
        }

        private boolean selects(Pod pod) {
            Map<String, String> selector = spec == null || spec.selector == null ? Map.of() : spec.selector;
            String namespace = metadata == null ? "" : metadata.namespace();
            return !selector.isEmpty()
                    && !EXTERNAL.equals(spec.type)
                    && (namespace.isEmpty() || namespace.equals(pod.metadata().namespace()))
                    && pod.metadata().labels().entrySet().containsAll(selector.entrySet());
        }
    }

    /** The selector and the type of a service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Selection(
            @Nullable Map<String, String> selector,
            @Nullable String type) {}

    /** The service of a slice and its pods, by namespace and name. */
    private record Part(String service, Set<String> pods) {}

    private final Map<String, Part> parts = new HashMap<>(); // by slice
    private final Map<String, Map<String, String>> byPod = new ConcurrentHashMap<>(); // pod to slice to service
    private volatile List<Service> selecting = List.of();

    /** The key of a pod or of a further object in a namespace. */
    static String podKey(String namespace, String name) {
        return namespace + "/" + name;
    }

    /** The key of a pod. */
    static String podKey(Pod pod) {
        return podKey(pod.metadata().namespace(), pod.metadata().name());
    }

    /**
     * Takes all slices.
     *
     * @param namespace the namespace of slices without a namespace of their own
     * @return the keys of the pods with other services than before
     */
    Set<String> slices(List<Slice> slices, String namespace) {
        Set<String> changed = new HashSet<>();
        Set<String> present = new HashSet<>();
        for (Slice slice : slices) {
            String key = key(slice, namespace, present.size());
            present.add(key);
            put(key, part(slice, namespace), changed);
        }
        for (String key : List.copyOf(parts.keySet())) {
            if (!present.contains(key)) {
                put(key, null, changed);
            }
        }
        return changed;
    }

    /** Takes one slice, and returns the keys of the pods with other services than before. */
    Set<String> slice(Slice slice, String namespace) {
        Set<String> changed = new HashSet<>();
        put(key(slice, namespace, 0), part(slice, namespace), changed);
        return changed;
    }

    /** Drops one slice, and returns the keys of the pods with other services than before. */
    Set<String> withoutSlice(Slice slice, String namespace) {
        Set<String> changed = new HashSet<>();
        put(key(slice, namespace, 0), null, changed);
        return changed;
    }

    private static String key(Slice slice, String namespace, int number) {
        if (slice.metadata == null || slice.metadata.name().isEmpty()) {
            return "#" + number;
        }
        return podKey(namespaceOf(slice, namespace), slice.metadata.name());
    }

    private static String namespaceOf(Slice slice, String otherwise) {
        return slice.metadata == null || slice.metadata.namespace().isEmpty() ? otherwise : slice.metadata.namespace();
    }

    private static @Nullable Part part(Slice slice, String otherwise) {
        String service = slice.metadata == null ? "" : slice.metadata.labels().getOrDefault(SERVICE_NAME, "");
        String namespace = namespaceOf(slice, otherwise);
        Set<String> pods = new HashSet<>();
        for (Endpoint endpoint : slice.endpoints == null ? List.<Endpoint>of() : slice.endpoints) {
            Target target = endpoint == null ? null : endpoint.targetRef;
            if (target != null && "Pod".equals(target.kind) && target.name != null) {
                pods.add(podKey(namespace, target.name));
            }
        }
        return service.isEmpty() || pods.isEmpty() ? null : new Part(service, pods);
    }

    private void put(String key, @Nullable Part part, Set<String> changed) {
        Part before = part == null ? parts.remove(key) : parts.put(key, part);
        if (before != null) {
            for (String pod : before.pods) {
                if (part == null || !part.service.equals(before.service) || !part.pods.contains(pod)) {
                    changed.add(pod);
                    byPod.computeIfPresent(pod, (same, services) -> without(services, key));
                }
            }
        }
        if (part != null) {
            for (String pod : part.pods) {
                if (before == null || !part.service.equals(before.service) || !before.pods.contains(pod)) {
                    changed.add(pod);
                    byPod.merge(pod, Map.of(key, part.service), NamespaceServices::union);
                }
            }
        }
    }

    private static @Nullable Map<String, String> without(Map<String, String> services, String key) {
        Map<String, String> left = new HashMap<>(services);
        left.remove(key);
        return left.isEmpty() ? null : Map.copyOf(left);
    }

    private static Map<String, String> union(Map<String, String> one, Map<String, String> other) {
        Map<String, String> both = new HashMap<>(one);
        both.putAll(other);
        return Map.copyOf(both);
    }

    /** Takes all services with their selectors. */
    void selecting(List<Service> services) {
        selecting = services;
    }

    /** Forgets all services: later tasks of a closed collector may hold this object for minutes. */
    void clear() {
        byPod.clear();
        selecting = List.of();
    }

    /** The names of the services of a pod. */
    Set<String> of(Pod pod) {
        Set<String> names =
                new TreeSet<>(byPod.getOrDefault(podKey(pod), Map.of()).values());
        for (Service service : selecting) {
            if (service.metadata != null && service.selects(pod)) {
                names.add(service.metadata.name());
            }
        }
        return names;
    }
}
