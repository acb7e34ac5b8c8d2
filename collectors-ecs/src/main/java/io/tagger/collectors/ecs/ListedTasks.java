package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * The tasks of a container instance from the ECS API, for a process without access to the ECS agent. One answer has all
 * tasks.
 */
final class ListedTasks implements TaskSource {
    private final EcsApi api;
    private final String cluster;
    private final String instance;

    private ListedTasks(EcsApi api, String cluster, String instance) {
        this.api = api;
        this.cluster = cluster;
        this.instance = instance;
    }

    /**
     * Asks for the container instance of this process's own task.
     *
     * @throws IOException if the API does not tell
     */
    static ListedTasks beside(Task own, EcsApi api) throws IOException, InterruptedException {
        List<Task> found = api.tasks(own.cluster(), List.of(own.arn()), api.deadline());
        if (found.isEmpty() || found.get(0).instanceArn().isEmpty()) {
            throw new IOException(api + " knows no container instance of our own task " + own.arn());
        }
        return new ListedTasks(api, own.cluster(), found.get(0).instanceArn());
    }

    @Override
    public List<Task> find(EntityId entity) throws IOException, InterruptedException {
        Instant until = api.deadline();
        return entity.prefix().equals(EntityId.CONTAINER)
                ? api.tasks(cluster, api.tasksOn(cluster, instance, until), until)
                : api.tasks(cluster, List.of(entity.id()), until);
    }

    @Override
    public String toString() {
        return api + ", for the container instance " + instance;
    }
}
