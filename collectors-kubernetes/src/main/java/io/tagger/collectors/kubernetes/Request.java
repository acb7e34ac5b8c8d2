package io.tagger.collectors.kubernetes;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Something to get from a kubelet or an API server.
 *
 * @param path with its query
 * @param accept the form of the answer
 * @param rule what would allow it, for the error that says that it is not allowed
 * @param timeout how long the answer may take to begin
 */
record Request(String path, String accept, String rule, Duration timeout) {
    private static final String JSON = "application/json";
    private static final String METADATA = JSON + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + JSON;

    Request(String path, String rule, Duration timeout) {
        this(path, JSON, rule, timeout);
    }

    /** The same for a list, of whose items the server may leave out everything but their metadata. */
    Request metadataOnly() {
        return new Request(path, METADATA, rule, timeout);
    }

    /** The same with more in its query. */
    Request with(String parameters) {
        return new Request(path + (path.contains("?") ? "&" : "?") + parameters, accept, rule, timeout);
    }

    /** The rule that allows a verb on a resource, in words for an error. */
    static String rule(String group, String resource, String verb) {
        return "a ClusterRole with the rule {apiGroups: [\"" + group + "\"], resources: [\"" + resource
                + "\"], verbs: [\"" + verb + "\"]}";
    }

    /** A text as a part of a path or of a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
