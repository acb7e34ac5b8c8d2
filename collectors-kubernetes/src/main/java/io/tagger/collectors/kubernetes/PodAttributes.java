package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.TagListBuilder;
import io.tagger.collectors.kubernetes.PodTags.Rules;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The facts of a pod that are no tags, and that the names of OpenTelemetry need; pure functions. */
final class PodAttributes {
    private static final String UID = "k8s.pod.uid";

    private PodAttributes() {}

    /**
     * Extracts the attributes of a pod and of each of its containers.
     *
     * @param rules select the labels and annotations, which are attributes under their own keys
     * @param tags the tags of the same entities; an entity without tags gets no attributes
     */
    static List<TagInfo> extract(Pod pod, Surroundings surroundings, Rules rules, List<TagInfo> tags) {
        return tags.stream()
                .filter(info -> !info.isEmpty())
                .map(info -> attributes(pod, surroundings, rules, info.entity()))
                .toList();
    }

    private static TagInfo attributes(Pod pod, Surroundings surroundings, Rules rules, EntityId entity) {
        Map<String, String> all = new HashMap<>();
        all.put("k8s.node.name", pod.spec().scheduling().nodeName());
        keyed("k8s.pod.label.", pod.metadata().labels(), rules.labels(), all);
        keyed("k8s.pod.annotation.", pod.metadata().annotations(), rules.annotations(), all);
        keyed("k8s.namespace.label.", surroundings.namespaceLabels(), rules.namespaceLabels(), all);
        keyed("k8s.namespace.annotation.", surroundings.namespaceAnnotations(), rules.namespaceAnnotations(), all);
        pod.metadata().annotations().forEach((name, value) -> {
            if (name.startsWith(PodTags.OTEL_RESOURCE)) {
                all.put(name.substring(PodTags.OTEL_RESOURCE.length()), value); // the last word about any attribute
            }
        });
        TagListBuilder attributes = new TagListBuilder(KubernetesCollector.NAME, EntityId.resource(entity), Map.of());
        if (!all.containsKey(UID)) {
            attributes.orchestrator(UID, pod.metadata().uid());
        }
        all.forEach(attributes::low);
        return attributes.build();
    }

    private static void keyed(String prefix, Map<String, String> entries, MappingRules rules, Map<String, String> all) {
        entries.forEach((key, value) -> {
            if (rules.matches(key)) {
                all.put(prefix + key, value);
            }
        });
    }
}
