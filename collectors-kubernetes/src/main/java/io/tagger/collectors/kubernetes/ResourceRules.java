package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ForeignId;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.TagListBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rules from the labels and annotations of one kind of resource to tags: {@code resources-labels-as-tags} and
 * {@code resources-annotations-as-tags}.
 *
 * @param group of the API; empty for the core
 * @param resource the plural name
 */
record ResourceRules(
        String group, String resource, MappingRules labels, MappingRules annotations, Map<String, String> separators) {

    static final String NAMESPACES = "namespaces";
    static final String NODES = "nodes";

    /** A single resource, as an item of a list or as a whole answer. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Item(Pod.Metadata metadata) {
        Item(Pod.@Nullable Metadata metadata) {
            this.metadata = metadata == null ? Pod.Metadata.NONE : metadata;
        }
    }

    /** The key of these rules, {@code deployments.apps} or {@code namespaces}. */
    String key() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    boolean isOf(String key) {
        return key().equals(key);
    }

    /** The tags of a resource; empty for a resource without tags. */
    Optional<TagInfo> extract(Pod.Metadata metadata) {
        if (!ForeignId.isUsable(String.join("/", group, resource, metadata.namespace(), metadata.name()))) {
            return Optional.empty();
        }
        EntityId entity = key().equals("deployments.apps")
                ? EntityId.deployment(metadata.namespace(), metadata.name())
                : EntityId.kubernetesMetadata(group, resource, metadata.namespace(), metadata.name());
        TagListBuilder tags = new TagListBuilder(KubernetesCollector.NAME, entity, separators);
        metadata.labels().forEach((name, value) -> labels.apply("label", name, value, tags));
        metadata.annotations().forEach((name, value) -> annotations.apply("annotation", name, value, tags));
        return Optional.of(tags.build()).filter(info -> !info.isEmpty());
    }

    /** The tags of all resources with tags. */
    List<TagInfo> extract(List<Item> items) {
        return items.stream().flatMap(item -> extract(item.metadata).stream()).toList();
    }
}
