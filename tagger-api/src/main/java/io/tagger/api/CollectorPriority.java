package io.tagger.api;

/**
 * The rank of a source where two sources use one tag name. The constants are ordered: a later constant wins over an
 * earlier constant.
 *
 * <p>If sources of different priority set a tag name for an entity, only the tags of the highest priority are kept;
 * with equal priority all are kept.
 */
public enum CollectorPriority {
    /** A runtime of containers on this node: Docker, containerd, the host itself. */
    NODE_RUNTIME,
    /** The orchestrator of this node: the kubelet, ECS on Fargate. */
    NODE_ORCHESTRATOR,
    /**
     * The orchestrator of a whole cluster, for a collector of cluster-wide facts; no collector of this project uses the
     * constant.
     */
    CLUSTER_ORCHESTRATOR
}
