package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.TagListBuilder;
import java.util.List;
import java.util.Map;

/** The facts of a pod that are no tags, and that the names of OpenTelemetry need; pure functions. */
final class PodAttributes {
    private static final String OTEL_RESOURCE = "resource.opentelemetry.io/";

    private PodAttributes() {}

    /**
     * Extracts the attributes of a pod and of each of its containers.
     *
     * @param tags the tags of the same entities; an entity without tags gets no attributes
     */
    static List<TagInfo> extract(Pod pod, List<TagInfo> tags) {
        return tags.stream()
                .filter(info -> !info.isEmpty())
                .map(info -> attributes(pod, info.entity()))
                .toList();
    }

    private static TagInfo attributes(Pod pod, EntityId entity) {
        TagListBuilder attributes = new TagListBuilder(KubernetesCollector.NAME, EntityId.resource(entity), Map.of());
        attributes
                .orchestrator("k8s.pod.uid", pod.metadata().uid())
                .low("k8s.node.name", pod.spec().scheduling().nodeName());
        pod.metadata().annotations().forEach((name, value) -> {
            if (name.startsWith(OTEL_RESOURCE)) {
                attributes.low(name.substring(OTEL_RESOURCE.length()), value);
            }
        });
        return attributes.build();
    }
}
