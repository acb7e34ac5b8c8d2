package io.tagger.collectors.kubernetes;

import io.tagger.collectors.common.MappingRules;
import java.time.Duration;
import java.util.List;

/**
 * The facts about the cluster that the settings ask for.
 *
 * @param namespaceLabels the labels of a namespace that become tags of its pods
 * @param namespaceAnnotations the annotations of a namespace that become tags of its pods
 * @param services whether pods get the names of their services
 * @param resources the rules for resources with tags of their own
 * @param interval the time between two rounds
 * @param timeout the time in which an answer must begin
 */
record WantedFacts(
        MappingRules namespaceLabels,
        MappingRules namespaceAnnotations,
        boolean services,
        List<ResourceRules> resources,
        Duration interval,
        Duration timeout) {
    boolean isEmpty() {
        return !wantsNamespaceTags() && !services && resources.isEmpty();
    }

    /** Whether pods get tags of their namespace. */
    boolean wantsNamespaceTags() {
        return !namespaceLabels.isEmpty() || !namespaceAnnotations.isEmpty();
    }

    /** Whether namespaces must be asked for, be it for their pods or for themselves. */
    boolean asksForNamespaces() {
        return wantsNamespaceTags() || resources.stream().anyMatch(rules -> rules.isOf(ResourceRules.NAMESPACES));
    }
}
