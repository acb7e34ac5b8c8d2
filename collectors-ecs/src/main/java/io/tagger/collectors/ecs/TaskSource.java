package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.util.List;

/** Who tells of tasks. Thread-safe. */
interface TaskSource {
    /**
     * Asks for the task that an entity is, or is in.
     *
     * @param entity a container or a task
     * @return that task and others that were learned of on the way; without it if the entity is in no task
     * @throws IOException if that can't be told
     */
    List<Task> find(EntityId entity) throws IOException, InterruptedException;

    /** Who it is, in words for an operator. */
    @Override
    String toString();
}
