package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The services of a namespace.
 *
 * @param byPod service names by pod name, from EndpointSlices. Not by UID: a kubelet and the API server give a static
 *     pod different UIDs
 * @param selecting services with their selectors, in a cluster without slices
 */
record NamespaceServices(Map<String, Set<String>> byPod, List<Service> selecting) {
    static final NamespaceServices NONE = new NamespaceServices(Map.of(), List.of());

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
        private boolean selects(Pod pod) {
            Map<String, String> selector = spec == null || spec.selector == null ? Map.of() : spec.selector;
            return !selector.isEmpty()
                    && !EXTERNAL.equals(spec.type)
                    && pod.metadata().labels().entrySet().containsAll(selector.entrySet());
        }
    }

    /** The selector and the type of a service. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Selection(
            @Nullable Map<String, String> selector,
            @Nullable String type) {}

    /** The services of the pods with the given names; a namespace may have thousands of further pods. */
    static NamespaceServices ofSlices(List<Slice> slices, Set<String> pods) {
        Map<String, Set<String>> byPod = new HashMap<>();
        for (Slice slice : slices) {
            String service =
                    slice.metadata == null ? "" : slice.metadata.labels().getOrDefault(SERVICE_NAME, "");
            List<Endpoint> endpoints = slice.endpoints == null ? List.of() : slice.endpoints;
            for (Endpoint endpoint : endpoints) {
                Target target = endpoint == null ? null : endpoint.targetRef;
                boolean isPod = target != null && "Pod".equals(target.kind);
                if (isPod && !service.isEmpty() && target.name != null && pods.contains(target.name)) {
                    byPod.computeIfAbsent(target.name, name -> new HashSet<>()).add(service);
                }
            }
        }
        return new NamespaceServices(byPod, List.of());
    }

    static NamespaceServices ofSelectors(List<Service> services) {
        return new NamespaceServices(
                Map.of(),
                services.stream().filter(service -> service.metadata != null).toList());
    }

    /** The names of the services of a pod in the namespace. */
    Set<String> of(Pod pod) {
        Set<String> names = new TreeSet<>(byPod.getOrDefault(pod.metadata().name(), Set.of()));
        for (Service service : selecting) {
            if (service.metadata != null && service.selects(pod)) {
                names.add(service.metadata.name());
            }
        }
        return names;
    }
}
