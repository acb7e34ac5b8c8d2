package io.tagger.collectors.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.tagger.collectors.grpc.containerd.Descriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the id of an image: the digest of its configuration for this machine's platform, as the Datadog Agent does.
 * Thread-safe.
 */
final class ImageIds {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DIGEST = "sha256:";
    private static final int MAX_KNOWN = 1_000;

    /** The names of architectures in images, by the names in Java. */
    private static final Map<String, String> ARCHITECTURES =
            Map.of("x86_64", "amd64", "aarch64", "arm64", "i386", "386");

    private final ContainerdClient client;
    private final Map<String, String> known = new ConcurrentHashMap<>(); // target to configuration; never changes

    ImageIds(ContainerdClient client) {
        this.client = client;
    }

    /**
     * The id of the image that has this name now. A name may move to another image, so that callers ask once for a
     * container.
     *
     * @return the digest; empty if the image is gone, or not in a known form
     */
    String of(String namespace, String name) throws IOException {
        if (name.isEmpty() || name.startsWith(DIGEST)) {
            return name; // the kubelet's runtime names an image without another name by its id
        }
        Optional<Descriptor> target = client.image(namespace, name);
        if (target.isEmpty()) {
            return "";
        }
        String digest = target.get().getDigest();
        String before = known.get(digest);
        if (before != null) {
            return before;
        }
        String found = configuration(namespace, digest, 0);
        if (!found.isEmpty()) {
            if (known.size() >= MAX_KNOWN) {
                known.clear();
            }
            known.put(digest, found);
        }
        return found;
    }

    /** The configuration of a manifest, or of the first present manifest of an index for this platform. */
    private String configuration(String namespace, String digest, int depth) throws IOException {
        Optional<ByteString> blob = client.blob(namespace, digest);
        if (blob.isEmpty() || depth > 2) {
            return "";
        }
        JsonNode content;
        try {
            content = JSON.readTree(blob.get().newInput());
        } catch (IOException e) {
            return "";
        }
        if (content.path("config").has("digest")) {
            return content.path("config").path("digest").asText();
        }
        List<JsonNode> candidates = new ArrayList<>();
        content.path("manifests").forEach(candidates::add);
        candidates.removeIf(manifest -> !isOfThisPlatform(manifest.path("platform")));
        for (JsonNode manifest : candidates) {
            String found = configuration(namespace, manifest.path("digest").asText(), depth + 1);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }

    private static boolean isOfThisPlatform(JsonNode platform) {
        String architecture = System.getProperty("os.arch");
        return platform.isMissingNode()
                || platform.path("os").asText().equals("linux")
                        && platform.path("architecture")
                                .asText()
                                .equals(ARCHITECTURES.getOrDefault(architecture, architecture));
    }
}
