package io.tagger.api;

/**
 * Whose word counts where two sources use one tag name. The constants are ordered: a later one wins over an earlier one.
 *
 * <p>A name that a collector of a strictly higher priority sets for an entity is dropped from the tags of the lower ones; with equal
 * priority both are kept.
 */
public enum CollectorPriority {
    /** What runs containers on this node: Docker, containerd, the host itself. */
    NODE_RUNTIME,
    /** What decides on this node which containers run: the kubelet, the ECS agent on Fargate. */
    NODE_ORCHESTRATOR,
    /** What decides so for a whole cluster: the Kubernetes API server. */
    CLUSTER_ORCHESTRATOR
}
