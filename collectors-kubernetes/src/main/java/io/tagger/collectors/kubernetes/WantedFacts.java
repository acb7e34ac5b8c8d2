package io.tagger.collectors.kubernetes;

import io.tagger.collectors.common.MappingRules;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The facts about the cluster required by the settings.
 *
 * @param namespaceLabels the rules from the labels of a namespace to tags of its pods
 * @param namespaceAnnotations the rules from the annotations of a namespace to tags of its pods
 * @param services whether pods get the names of their services
 * @param resources the rules for resources with tags of their own
 * @param host the rules for the tags of this node's host; null for none
 * @param times the times of requests
 */
record WantedFacts(
        MappingRules namespaceLabels,
        MappingRules namespaceAnnotations,
        boolean services,
        List<ResourceRules> resources,
        HostTags.@Nullable Rules host,
        Times times) {
    /**
     * The times of requests.
     *
     * @param interval the time between two lists where there is no watch
     * @param timeout the time within which an answer must begin
     */
    record Times(Duration interval, Duration timeout) {}

    boolean isEmpty() {
        return !wantsNamespaceTags() && !services && resources.isEmpty() && host == null;
    }

    /** Whether pods get tags of their namespace. */
    boolean wantsNamespaceTags() {
        return !namespaceLabels.isEmpty() || !namespaceAnnotations.isEmpty();
    }

    /** Whether namespaces must be requested, for their pods or for their own tags. */
    boolean asksForNamespaces() {
        return wantsNamespaceTags() || resources.stream().anyMatch(rules -> rules.isOf(ResourceRules.NAMESPACES));
    }
}
