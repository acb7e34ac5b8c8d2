package io.tagger.collectors.kubernetes;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A GET request to a kubelet or an API server.
 *
 * @param path the path with the query
 * @param accept the form of the answer
 * @param rule the access rule for the request, named in the error after a refusal
 * @param timeout how long the answer may take to begin
 */
record Request(String path, String accept, String rule, Duration timeout) {
    private static final String JSON = "application/json";
    private static final String METADATA_OF_ONE = JSON + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1," + JSON;
    private static final String METADATA = JSON + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," + JSON;

    Request(String path, String rule, Duration timeout) {
        this(path, JSON, rule, timeout);
    }

    /** The same request for a list of metadata: the server may leave out all further fields. */
    Request metadataOnly() {
        return new Request(path, METADATA, rule, timeout);
    }

    /** The same request for the metadata of single objects, the answers of a watch. */
    Request metadataOfOne() {
        return new Request(path, METADATA_OF_ONE, rule, timeout);
    }

    /** The request with further query parameters. */
    Request with(String parameters) {
        return new Request(path + (path.contains("?") ? "&" : "?") + parameters, accept, rule, timeout);
    }

    @Override
    public String toString() {
        return "GET " + path;
    }

    /** The access rule for verbs on a resource, in words for an error. */
    static String rule(String group, String resource, String... verbs) {
        return "a ClusterRole with the rule {apiGroups: [\"" + group + "\"], resources: [\"" + resource
                + "\"], verbs: [\"" + String.join("\", \"", verbs) + "\"]}";
    }

    /** A text as a part of a path or of a query. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
