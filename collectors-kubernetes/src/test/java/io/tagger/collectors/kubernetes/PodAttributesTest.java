package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The attributes of {@code NAMES.md} that have no tag. */
class PodAttributesTest {
    private static final Pod POD = Pods.pod("""
            {metadata: {uid: 'u1', name: 'web', namespace: 'shop', annotations: {
              'resource.opentelemetry.io/service.name': 'shop-web', 'resource.opentelemetry.io/acme.team': 'core', other: 'x'}},
             spec: {nodeName: 'n1'}}
            """);

    private static TagInfo tags(EntityId entity) {
        return TagInfo.builder("kubernetes", entity)
                .low("kube_namespace", "shop")
                .build();
    }

    @Test
    void podAndContainers_haveTheUidTheNodeAndTheAnnotations() {
        EntityId pod = EntityId.pod("u1");
        EntityId container = EntityId.container("c1");

        assertThat(PodAttributes.extract(POD, List.of(tags(pod), tags(container))))
                .containsExactly(attributes(pod), attributes(container));
    }

    private static TagInfo attributes(EntityId entity) {
        return TagInfo.builder("kubernetes", EntityId.resource(entity))
                .orchestrator("k8s.pod.uid", "u1")
                .low("k8s.node.name", "n1")
                .low("service.name", "shop-web")
                .low("acme.team", "core")
                .build();
    }

    @Test
    void entityWithoutTags_hasNone() {
        EntityId container = EntityId.container("c1");

        assertThat(PodAttributes.extract(
                        POD, List.of(TagInfo.builder("kubernetes", container).build())))
                .isEmpty();
    }

    @Test
    void podWithoutANode_hasItsUidAlone() {
        EntityId pod = EntityId.pod("u2");

        assertThat(PodAttributes.extract(Pods.pod("{metadata: {uid: 'u2'}}"), List.of(tags(pod))))
                .containsExactly(TagInfo.builder("kubernetes", EntityId.resource(pod))
                        .orchestrator("k8s.pod.uid", "u2")
                        .build());
    }
}
