package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.kubernetes.HostTags.Node;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The followed facts about the host of this node: its node object, and the identity of the cluster. Thread-safe. */
final class HostFacts {
    /** The namespace whose UID is the identity of the cluster. */
    private static final String CLUSTER = "kube-system";

    private final EntityId host;
    private final HostTags.Rules rules;
    private final Consumer<TagInfo> changed;
    private @Nullable Node node; // guarded by this
    private String clusterId = ""; // guarded by this
    private boolean hasNode; // answered or refused; guarded by this
    private boolean hasCluster; // as above

    /**
     * Prepares the facts.
     *
     * @param changed receives the tags of the host after each change
     */
    HostFacts(EntityId host, HostTags.Rules rules, Consumer<TagInfo> changed) {
        this.host = host;
        this.rules = rules;
        this.changed = changed;
    }

    /** Begins to follow the facts; by the kind of question. */
    Map<String, Mirror<?>> follow(ClusterFacts facts, String nodeName) {
        return Map.of(
                "the node of this host",
                follow(facts, ResourceRules.NODES, nodeName, Node.class, nodes()),
                "the identity of the cluster",
                follow(facts, ResourceRules.NAMESPACES, CLUSTER, Item.class, clusters()));
    }

    private static <T> Mirror<T> follow(
            ClusterFacts facts, String resource, String name, Class<T> kind, Followed<T> items) {
        String rule = Request.rule("", resource, "get", "watch");
        return facts.follow(resource + "/" + name, "", facts.one("/api/v1/" + resource, name, rule, kind), items);
    }

    private void node(@Nullable Node now) {
        TagInfo tags;
        synchronized (this) {
            node = now;
            hasNode = true;
            tags = tags();
        }
        changed.accept(tags);
    }

    /** Takes the identity of the cluster; null if the server does not tell. */
    private void cluster(@Nullable String id) {
        TagInfo tags;
        synchronized (this) {
            clusterId = id == null ? clusterId : id;
            hasCluster = true;
            tags = tags();
        }
        changed.accept(tags);
    }

    /** Complete when both questions are answered. */
    private TagInfo tags() {
        TagInfo tags = HostTags.extract(host, node, clusterId, rules);
        return hasNode && hasCluster ? tags : tags.toBuilder().incomplete().build();
    }

    private Followed<Node> nodes() {
        return new Followed<>() {
            @Override
            public void listed(List<Node> items) {
                node(items.isEmpty() ? null : items.get(0));
            }

            @Override
            public void set(Node item) {
                node(item);
            }

            @Override
            public void deleted(Node item) {
                node(null);
            }

            @Override
            public void refused(AnswerException reason) {
                node(null);
            }
        };
    }

    private Followed<Item> clusters() {
        return new Followed<>() {
            @Override
            public void listed(List<Item> items) {
                cluster(items.isEmpty() ? "" : items.get(0).metadata().uid());
            }

            @Override
            public void set(Item item) {
                cluster(item.metadata().uid());
            }

            @Override
            public void deleted(Item item) {
                // The last known identity stays.
            }

            @Override
            public void refused(AnswerException reason) {
                cluster(null);
            }
        };
    }
}
