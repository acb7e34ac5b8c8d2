package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of resource, as the API server has it.
 *
 * @param path of its group and version
 * @param isNamespaced whether each of them is in a namespace
 */
record ResourceKind(String path, boolean isNamespaced) {
    private static final String RULE = "the ClusterRole system:discovery, which clusters have for all who log in";

    /** A group of the API. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Group(@Nullable Version preferredVersion) {}

    /** One of its versions. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Version(@Nullable String groupVersion) {}

    /** What it holds. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Resources(@Nullable List<Resource> resources) {}

    /** A kind of resource. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Resource(@Nullable String name, boolean namespaced) {}

    /**
     * Asks for the kind that rules are of.
     *
     * @throws IOException if that can't be told, or there is no such kind; the message says which
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
                        + ", which resources-labels-as-tags or resources-annotations-as-tags names; one of a group is"
                        + " written with it, and in quotes: \"deployments.apps\"");
    }
}
