package io.tagger.collectors.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.kubernetes.PodTags.Rules;
import io.tagger.collectors.kubernetes.PodTags.Surroundings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The attributes of {@code NAMES.md} that have no tag. */
class PodAttributesTest {
    private static final Pod POD = Pods.pod("""
            {metadata: {uid: 'u1', name: 'web', namespace: 'shop', labels: {team: 'core', tier: 'front'}, annotations: {
              'resource.opentelemetry.io/service.name': 'shop-web', 'resource.opentelemetry.io/acme.team': 'core', owner: 'ada',
              other: 'x'}},
             spec: {nodeName: 'n1'}}
            """);

    private static final Surroundings NAMESPACE =
            new Surroundings(Map.of("stage", "live", "further", "x"), Map.of("cost", "7", "more", "y"), Set.of(), true);

    private static final Rules RULES = new Rules(
            rule("team"),
            rule("owner"),
            rule("stage"),
            rule("cost"),
            new ContainerRules(MappingRules.of("l", Map.of()), MappingRules.of("e", Map.of())),
            Map.of());

    private static MappingRules rule(String key) {
        return MappingRules.of("rules", Map.of(key, "a_name"));
    }

    private static List<TagInfo> extract(Pod pod, TagInfo... tags) {
        return PodAttributes.extract(pod, NAMESPACE, RULES, List.of(tags));
    }

    private static TagInfo tags(EntityId entity) {
        return TagInfo.builder("kubernetes", entity)
                .low("kube_namespace", "shop")
                .build();
    }

    @Test
    void podAndContainers_haveTheUidTheNodeAndTheAnnotations() {
        EntityId pod = EntityId.pod("u1");
        EntityId container = EntityId.container("c1");

        assertThat(extract(POD, tags(pod), tags(container))).containsExactly(attributes(pod), attributes(container));
    }

    private static TagInfo attributes(EntityId entity) {
        return TagInfo.builder("kubernetes", EntityId.resource(entity))
                .orchestrator("k8s.pod.uid", "u1")
                .low("k8s.node.name", "n1")
                .low("service.name", "shop-web")
                .low("acme.team", "core")
                .low("k8s.pod.label.team", "core")
                .low("k8s.pod.annotation.owner", "ada")
                .low("k8s.namespace.label.stage", "live")
                .low("k8s.namespace.annotation.cost", "7")
                .build();
    }

    @Test
    void entityWithoutTags_hasNone() {
        EntityId container = EntityId.container("c1");

        assertThat(extract(POD, TagInfo.builder("kubernetes", container).build()))
                .isEmpty();
    }

    @Test
    void podWithoutANode_hasItsUidAlone() {
        EntityId pod = EntityId.pod("u2");

        assertThat(PodAttributes.extract(
                        Pods.pod("{metadata: {uid: 'u2'}}"), Surroundings.NONE, RULES, List.of(tags(pod))))
                .containsExactly(TagInfo.builder("kubernetes", EntityId.resource(pod))
                        .orchestrator("k8s.pod.uid", "u2")
                        .build());
    }

    @Test
    void annotation_isTheLastWordAboutAnyAttribute() {
        Pod pod = Pods.pod("""
                {metadata: {uid: 'u3', annotations: {'resource.opentelemetry.io/k8s.node.name': 'z',
                 'resource.opentelemetry.io/k8s.pod.uid': 'own'}}, spec: {nodeName: 'a'}}
                """);

        assertThat(extract(pod, tags(EntityId.pod("u3"))).get(0).low())
                .contains("k8s.node.name:z", "k8s.pod.uid:own")
                .doesNotContain("k8s.node.name:a");
    }
}
