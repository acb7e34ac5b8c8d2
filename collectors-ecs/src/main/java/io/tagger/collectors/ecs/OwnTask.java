package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.util.List;

/** The task metadata endpoint, version 4 or 3, with the task of this process. */
final class OwnTask implements TaskSource {
    private final Endpoint endpoint;
    private final String path;

    /**
     * Makes the source, without a request.
     *
     * @param hasTags whether to ask for the resource tags too
     */
    OwnTask(Endpoint endpoint, boolean hasTags) {
        this.endpoint = endpoint;
        this.path = hasTags ? "/taskWithTags" : "/task";
    }

    /** The task, without its resource tags. */
    Task self() throws IOException, InterruptedException {
        return TaskJson.task(body("/task"), "");
    }

    @Override
    public List<Task> find(EntityId entity) throws IOException, InterruptedException {
        Task task = TaskJson.task(body(path), "");
        return task.has(entity) ? List.of(task) : List.of();
    }

    private byte[] body(String from) throws IOException, InterruptedException {
        return endpoint.get(from).orElseThrow(() -> new IOException(endpoint + " has no " + from));
    }

    @Override
    public String toString() {
        return "the task metadata endpoint at " + endpoint;
    }
}
