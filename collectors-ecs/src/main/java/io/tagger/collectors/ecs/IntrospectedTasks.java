package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The introspection endpoint of the ECS agent on an EC2 instance, with all tasks of the instance. */
final class IntrospectedTasks implements TaskSource {
    private final Endpoint endpoint;
    private final String cluster;
    private final String instanceArn;

    private IntrospectedTasks(Endpoint endpoint, String cluster, String instanceArn) {
        this.endpoint = endpoint;
        this.cluster = cluster;
        this.instanceArn = instanceArn;
    }

    /**
     * Checks that an ECS agent answers.
     *
     * @throws IOException if there is no ECS agent, or no answer
     */
    static IntrospectedTasks at(Endpoint endpoint) throws IOException, InterruptedException {
        byte[] metadata = endpoint.get("/v1/metadata")
                .orElseThrow(() -> new IOException(endpoint + " has no /v1/metadata, and is no ECS agent"));
        return new IntrospectedTasks(endpoint, TaskJson.cluster(metadata), TaskJson.instanceArn(metadata));
    }

    /** The ARN of this container instance; empty if the agent does not report the ARN. */
    String instanceArn() {
        return instanceArn;
    }

    @Override
    public List<Task> find(EntityId entity) throws IOException, InterruptedException {
        String key = entity.prefix().equals(EntityId.CONTAINER) ? "dockerid" : "taskarn";
        Optional<byte[]> body =
                endpoint.get("/v1/tasks?" + key + "=" + URLEncoder.encode(entity.id(), StandardCharsets.UTF_8));
        return body.isEmpty() ? List.of() : List.of(TaskJson.task(body.get(), cluster));
    }

    @Override
    public String toString() {
        return "the ECS agent at " + endpoint + ", of the cluster " + cluster;
    }
}
