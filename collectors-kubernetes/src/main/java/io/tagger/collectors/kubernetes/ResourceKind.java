package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of resource in the API server.
 *
 * @param path the path of the group and version
 * @param isNamespaced whether the resources are in namespaces
 */
record ResourceKind(String path, boolean isNamespaced) {
    private static final String RULE = "the ClusterRole system:discovery, which clusters have for all who log in";

    /** A group of the API. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Group(@Nullable Version preferredVersion) {}

    /** A version of an API group. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Version(@Nullable String groupVersion) {}

    /** The resources of a version. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Resources(@Nullable List<Resource> resources) {}

    /** A kind of resource. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Resource(@Nullable String name, boolean namespaced) {}

    /**
     * Asks the API server for the kind of a rule.
     *
     * @throws IOException if the server gives no answer, or the kind does not exist; the message tells the case
     */
    static ResourceKind discover(ApiClient server, ResourceRules rules, Duration timeout)
            throws IOException, InterruptedException {
        String path = "/api/v1";
        if (!rules.group().isEmpty()) {
            Group group = server.get(
                    new Request("/apis/" + Request.encode(rules.group()), RULE, timeout),
                    body -> ItemList.readOne(body, Group.class));
            path = "/apis/" + (group.preferredVersion == null ? "" : group.preferredVersion.groupVersion);
        }
        Resources there = server.get(new Request(path, RULE, timeout), body -> ItemList.readOne(body, Resources.class));
        for (Resource resource : there.resources == null ? List.<Resource>of() : there.resources) {
            if (rules.resource().equals(resource.name)) {
                return new ResourceKind(path, resource.namespaced);
            }
        }
        throw new AnswerException(
                AnswerException.NOT_FOUND,
                server + " has no resource '" + rules.resource() + "' in " + path
                        + ", named in resources-labels-as-tags or resources-annotations-as-tags; a resource of a group is"
                        + " written with the group, in quotes: \"deployments.apps\"");
    }
}
