package io.tagger.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The agent's answer to the question which entity the caller is.
 *
 * @param self the entity of the caller
 * @param how how the agent found the entity: {@code peer pid}, {@code pid}, {@code cgroup inode}, or {@code as the
 *     caller says}
 * @param standard the standard tags of the entity
 * @param complete whether the tags are complete
 * @param around the pod, the task or the machine around the entity; null if unknown
 */
public record OriginAnswer(
        Found self,
        String how,
        List<String> standard,
        boolean complete,
        @Nullable Found around) {
    /**
     * An entity with its tags.
     *
     * @param entity the entity's id
     * @param tags the tags at the level and below
     */
    public record Found(String entity, List<String> tags) {}
}
