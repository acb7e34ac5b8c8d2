package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.io.IOException;
import java.util.List;

/** A source of tasks. Thread-safe. */
interface TaskSource {
    /**
     * Finds the task of an entity: the entity itself, or the task around a container.
     *
     * @param entity a container or a task
     * @return the task and further tasks of the answer; without the task if the entity is in no task
     * @throws IOException if there is no answer
     */
    List<Task> find(EntityId entity) throws IOException, InterruptedException;

    /** The name of the source, in words for an operator. */
    @Override
    String toString();
}
