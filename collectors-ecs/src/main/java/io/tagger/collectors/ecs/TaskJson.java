package io.tagger.collectors.ecs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads tasks in the JSON of the endpoints: the introspection endpoint of the ECS agent, and the task metadata endpoint
 * in versions 3 and 4. The endpoints share field names, and each leaves out some fields.
 */
final class TaskJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TaskJson() {}

    /**
     * Reads a task.
     *
     * @param body JSON
     * @param cluster where the body does not tell: the cluster's ARN or name
     * @throws IOException if the body is no task; the message describes the body
     */
    static Task task(byte[] body, String cluster) throws IOException {
        JsonNode json = object(body);
        JsonNode arn = json.path("TaskARN").isMissingNode() ? json.path("Arn") : json.path("TaskARN");
        JsonNode version = json.path("Revision").isMissingNode() ? json.path("Version") : json.path("Revision");
        if (arn.asText().isEmpty() && json.path("Containers").isMissingNode()) {
            throw new IOException("the answer is no task: neither an ARN nor containers");
        }
        List<Task.Container> containers = new ArrayList<>();
        for (JsonNode container : json.path("Containers")) {
            containers.add(new Task.Container(
                    text(container, "DockerId"),
                    text(container, "Name"),
                    text(container, "DockerName"),
                    text(container, "Image"),
                    map(container.path("Labels"))));
        }
        String reported = text(json, "Cluster");
        return new Task(
                new Task.Identity(
                        arn.asText(""),
                        text(json, "Family"),
                        version.asText(""),
                        reported.isEmpty() ? cluster : reported,
                        text(json, "ServiceName")),
                new Task.Placement(text(json, "AvailabilityZone"), "", text(json, "LaunchType")),
                text(json, "KnownStatus"),
                List.copyOf(containers),
                List.of(map(json.path("TaskTags")), map(json.path("ContainerInstanceTags"))),
                json.path("Errors").isEmpty());
    }

    /** The cluster of an ECS agent, from {@code /v1/metadata}. */
    static String cluster(byte[] body) throws IOException {
        return text(object(body), "Cluster");
    }

    /** The container instance of an ECS agent, from {@code /v1/metadata}. */
    static String instanceArn(byte[] body) throws IOException {
        return text(object(body), "ContainerInstanceArn");
    }

    private static JsonNode object(byte[] body) throws IOException {
        try {
            JsonNode json = JSON.readTree(body);
            if (json == null || !json.isObject()) {
                throw new IOException("the answer is no JSON object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new IOException("the answer is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String text(JsonNode json, String field) {
        return json.path(field).asText("");
    }

    private static Map<String, String> map(JsonNode json) {
        Map<String, String> map = new HashMap<>();
        json.properties()
                .forEach(field -> map.put(field.getKey(), field.getValue().asText("")));
        return map;
    }
}
