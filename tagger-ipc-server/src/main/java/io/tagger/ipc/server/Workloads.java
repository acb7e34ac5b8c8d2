package io.tagger.ipc.server;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import io.tagger.origin.Claim.PodContainer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the container of a pod by the tags: the pod has a name and a namespace, and the container has both and a name in
 * the pod. Two containers of one name, before and after a restart, are no answer. Thread-safe.
 */
final class Workloads implements Function<PodContainer, Optional<EntityId>> {
    /** The shortest time between two looks at all containers. */
    private static final long PAUSE_NANOS = 250_000_000;

    private final Tagger tagger;
    private Map<List<String>, Optional<EntityId>> containers =
            Map.of(); // guarded by this; by namespace, pod and name; empty for two
    private long looked = System.nanoTime() - PAUSE_NANOS; // guarded by this

    Workloads(Tagger tagger) {
        this.tagger = tagger;
    }

    @Override
    public synchronized Optional<EntityId> apply(PodContainer workload) {
        Optional<EntityTags> pod = tagger.entity(EntityId.pod(workload.pod()));
        if (pod.isEmpty()) {
            return Optional.empty();
        }
        List<String> key = List.of(
                value(pod.get(), "kube_namespace:"),
                value(pod.get(), "pod_name:"),
                "kube_container_name:" + workload.name());
        long now = System.nanoTime();
        if (now - looked >= PAUSE_NANOS) {
            containers = all();
            looked = now;
        }
        return containers.getOrDefault(key, Optional.empty());
    }

    private Map<List<String>, Optional<EntityId>> all() {
        Map<List<String>, Optional<EntityId>> all = new HashMap<>();
        for (EntityTags container : tagger.entities(EntityFilter.prefixes(EntityId.CONTAINER))) {
            String name = value(container, "kube_container_name:");
            if (!name.isEmpty()) {
                all.merge(
                        List.of(value(container, "kube_namespace:"), value(container, "pod_name:"), name),
                        Optional.of(container.entity()),
                        (one, other) -> Optional.empty());
            }
        }
        return all;
    }

    /** The tag of a name; empty for none. */
    private static String value(EntityTags entity, String name) {
        return entity.tags(Cardinality.ORCHESTRATOR).stream()
                .filter(tag -> tag.startsWith(name))
                .findFirst()
                .orElse("");
    }
}
