package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The facts about the cluster after a round of questions. Immutable.
 *
 * @param namespaces the facts about each namespace, by name
 * @param resources the tags of resources, by rule and namespace
 * @param isWhole whether the API server has answered or refused every question
 */
record KnownFacts(Map<String, Namespace> namespaces, Map<String, List<TagInfo>> resources, boolean isWhole) {
    static final KnownFacts NONE = new KnownFacts(Map.of(), Map.of(), false);

    /**
     * The facts about one namespace.
     *
     * @param metadata the metadata of the namespace; null if not known yet
     * @param services the services of the namespace; null if not known yet
     * @param pods the names of the pods for which the services were requested
     */
    record Namespace(
            Pod.@Nullable Metadata metadata, @Nullable NamespaceServices services, Set<String> pods) {
        static final Namespace UNKNOWN = new Namespace(null, null, Set.of());
    }

    Namespace namespace(String name) {
        return namespaces.getOrDefault(name, Namespace.UNKNOWN);
    }

    /** The tags of one resource. */
    Optional<TagInfo> resource(EntityId entity) {
        return resources.values().stream()
                .flatMap(List::stream)
                .filter(info -> info.entity().equals(entity))
                .findFirst();
    }
}
