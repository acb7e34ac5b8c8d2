package io.tagger.collectors.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a container on which tags depend. Each field is read separately: a field of an unexpected type is empty,
 * and costs no other field.
 *
 * @param id the full id
 * @param name the name, with or without the leading slash
 * @param image the image given at the creation of the container, {@code Config.Image}; may be empty, an id, or carry a
 *     digest
 * @param imageId the id of the running image; a name in the answers of old podman versions
 * @param labels the labels
 * @param environment the environment, {@code NAME=value}
 */
record DockerContainer(
        String id, String name, String image, String imageId, Map<String, String> labels, List<String> environment) {

    /** Reads an answer to {@code GET /containers/<id>/json}. */
    static DockerContainer ofInspect(String id, JsonNode answer) {
        JsonNode config = answer.path("Config");
        return new DockerContainer(
                id,
                answer.path("Name").asText(""),
                config.path("Image").asText(""),
                answer.path("Image").asText(""),
                texts(config.path("Labels")),
                list(config.path("Env")));
    }

    /** Reads an item of the answer to {@code GET /containers/json}; the environment is not there. */
    static DockerContainer ofList(JsonNode item) {
        // A linked container has the names of the links too: /other/alias.
        String name = list(item.path("Names")).stream()
                .filter(one -> one.lastIndexOf('/') <= 0)
                .findFirst()
                .orElse("");
        return new DockerContainer(
                item.path("Id").asText(""),
                name,
                item.path("Image").asText(""),
                item.path("ImageID").asText(""),
                texts(item.path("Labels")),
                List.of());
    }

    /**
     * Reads the attributes of an event, without image id and environment: {@code image}, {@code name}, and the labels.
     */
    static DockerContainer ofEvent(String id, JsonNode attributes) {
        Map<String, String> labels = texts(attributes);
        String name = labels.remove("name");
        String image = labels.remove("image");
        return new DockerContainer(id, name == null ? "" : name, image == null ? "" : image, "", labels, List.of());
    }

    /** The text values of a JSON object; empty for any other node. */
    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(property -> {
            if (property.getValue().isValueNode() && !property.getValue().isNull()) {
                texts.put(property.getKey(), property.getValue().asText(""));
            }
        });
        return texts;
    }

    /** The texts of a JSON array; empty for any other node. */
    static List<String> list(JsonNode array) {
        List<String> texts = new ArrayList<>();
        if (array.isArray()) {
            array.forEach(item -> {
                if (item.isTextual()) {
                    texts.add(item.textValue());
                }
            });
        }
        return texts;
    }
}
