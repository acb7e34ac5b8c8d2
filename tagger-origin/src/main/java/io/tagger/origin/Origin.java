package io.tagger.origin;

import io.tagger.api.EntityId;
import java.util.Optional;

/**
 * The entity of a process, and how the entity was found. Immutable.
 *
 * @param entity a container, or {@code process://PID} outside of containers
 * @param how the way to the entity
 * @param pod the pod around the container, as far as the cgroup tells
 */
public record Origin(EntityId entity, How how, Optional<EntityId> pod) {
    /** The ways to an entity. */
    public enum How {
        /** The kernel named the process at the other end of the connection. */
        PEER_PID("peer pid"),
        /** The caller named a process, and the kernel named the container. */
        PID("pid"),
        /** The caller named the inode of a cgroup directory, and a container has that directory. */
        CGROUP_INODE("cgroup inode"),
        /** The caller named the container; nothing confirms the claim. */
        CALLER("as the caller says");

        private final String text;

        How(String text) {
            this.text = text;
        }

        /** The words for an answer. */
        @Override
        public String toString() {
            return text;
        }
    }
}
