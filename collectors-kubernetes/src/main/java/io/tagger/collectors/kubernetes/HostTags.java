package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.TagListBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules from a node of Kubernetes to the tags of its host; docs/kubernetes-tags.md has the sources. */
final class HostTags {
    private static final String ROLE = "node-role.kubernetes.io/";
    private static final String PLAIN_ROLE = "kubernetes.io/role";

    /** The labels that name the cluster, the most trusted first. */
    private static final List<String> CLUSTER_NAMES =
            List.of("ad.datadoghq.com/cluster-name", "alpha.eksctl.io/cluster-name");

    private static final Set<String> EKS =
            Set.of("eks.amazonaws.com/nodegroup", "eks.amazonaws.com/compute-type", "alpha.eksctl.io/cluster-name");
    private static final Set<String> GKE = Set.of("cloud.google.com/gke-boot-disk");
    private static final Set<String> AKS =
            Set.of("kubernetes.azure.com/nodepool-type", "kubernetes.azure.com/mode", "kubernetes.azure.com/cluster");

    /**
     * The configured rules.
     *
     * @param labels {@code node-labels-as-tags}
     * @param clusterName {@code cluster-name}; empty for the name in a label of the node
     * @param separators tag name to the separator of the tag's values
     */
    record Rules(MappingRules labels, String clusterName, Map<String, String> separators) {}

    /** A node. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Node(Pod.Metadata metadata, @Nullable Status status) {
        Node(Pod.@Nullable Metadata metadata, @Nullable Status status) {
            this.metadata = metadata == null ? Pod.Metadata.NONE : metadata;
            this.status = status;
        }

        private String kernel() {
            return status == null || status.nodeInfo == null || status.nodeInfo.kernelVersion == null
                    ? ""
                    : status.nodeInfo.kernelVersion;
        }

        private String kubelet() {
            return status == null || status.nodeInfo == null || status.nodeInfo.kubeletVersion == null
                    ? ""
                    : status.nodeInfo.kubeletVersion;
        }
    }

    /** The state of a node. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Status(@Nullable Software nodeInfo) {}

    /** The software of a node. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Software(
            @Nullable String kernelVersion, @Nullable String kubeletVersion) {}

    private HostTags() {}

    /**
     * Extracts the tags of a host.
     *
     * @param node the node; null if not known
     * @param clusterId the UID of the namespace kube-system; empty if not known
     */
    static TagInfo extract(EntityId host, @Nullable Node node, String clusterId, Rules rules) {
        TagListBuilder tags = new TagListBuilder(KubernetesCollector.NAME, host, rules.separators());
        Map<String, String> labels = node == null ? Map.of() : node.metadata.labels();
        tags.low("orch_cluster_id", clusterId).low("kube_cluster_name", clusterName(labels, rules));
        if (node != null) {
            tags.low("kube_distribution", distribution(node));
            labels.forEach((name, value) -> {
                if (name.startsWith(ROLE)) {
                    tags.low("kube_node_role", name.substring(ROLE.length()));
                } else if (name.equals(PLAIN_ROLE)) {
                    tags.low("kube_node_role", value);
                }
                rules.labels().apply("node label", name, value, tags);
            });
        }
        return tags.build();
    }

    private static String clusterName(Map<String, String> labels, Rules rules) {
        if (!rules.clusterName().isEmpty()) {
            return rules.clusterName();
        }
        return CLUSTER_NAMES.stream()
                .map(label -> labels.getOrDefault(label, ""))
                .filter(name -> !name.isEmpty())
                .findFirst()
                .map(name -> name.replace('_', '-').toLowerCase(Locale.ROOT))
                .orElse("");
    }

    private static String distribution(Node node) {
        if (node.kernel().contains("azure")) {
            return "aks";
        } else if (node.kubelet().contains("eks")) {
            return "eks";
        } else if (node.kubelet().contains("gke")) {
            return "gke";
        }
        Set<String> labels = node.metadata.labels().keySet();
        if (labels.stream().anyMatch(EKS::contains)) {
            return "eks";
        } else if (labels.stream().anyMatch(GKE::contains)) {
            return "gke";
        }
        return labels.stream().anyMatch(AKS::contains) ? "aks" : "";
    }
}
