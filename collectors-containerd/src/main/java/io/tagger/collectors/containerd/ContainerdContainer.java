package io.tagger.collectors.containerd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.tagger.collectors.grpc.containerd.Container;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The fields of a container on which tags depend.
 *
 * @param key the namespace and the id
 * @param labels the labels, with the labels of the image
 * @param image the name of the image as given at the creation; empty if unknown
 * @param environment {@code NAME=value} entries, as the process has them
 */
record ContainerdContainer(Key key, Map<String, String> labels, String image, List<String> environment) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KIND = "io.cri-containerd.kind";
    private static final String SANDBOX = "sandbox";
    private static final String IMAGE_NAME = "io.kubernetes.cri.image-name";
    private static final String DIGEST = "sha256:";

    /**
     * The identity of a container: ids are unique in a namespace alone.
     *
     * @param namespace containerd's namespace
     * @param id the id
     */
    record Key(String namespace, String id) {}

    /** Reads containerd's record; a specification of an unknown form costs the environment alone. */
    static ContainerdContainer of(String namespace, Container container) {
        JsonNode specification = specification(container.getSpec().getValue());
        List<String> environment = new ArrayList<>();
        specification.path("process").path("env").forEach(entry -> environment.add(entry.asText()));
        String image = container.getImage();
        if (image.isEmpty() || image.startsWith(DIGEST)) {
            // The kubelet's runtime may keep the id of the image; the name stands in an annotation.
            String name = specification.path("annotations").path(IMAGE_NAME).asText("");
            image = name.isEmpty() ? image : name;
        }
        return new ContainerdContainer(
                new Key(namespace, container.getId()), container.getLabelsMap(), image, List.copyOf(environment));
    }

    private static JsonNode specification(ByteString json) {
        try {
            JsonNode node = JSON.readTree(json.newInput());
            return node == null ? JSON.missingNode() : node;
        } catch (JsonProcessingException e) {
            return JSON.missingNode(); // a container made without a specification, or in the form of a later version
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can't be read", e);
        }
    }

    /** Whether the container only holds the namespaces of a pod (the pause container). */
    boolean isSandbox() {
        return SANDBOX.equals(labels.get(KIND));
    }
}
