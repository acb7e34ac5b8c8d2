package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.kubernetes.ResourceRules.Item;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The resources with tags of their own, as followed by {@link ClusterFacts}, and the host of this node. Thread-safe. */
final class ResourceFacts {
    private final List<ResourceRules> all;
    private final Consumer<Set<EntityId>> changes;
    private final Map<EntityId, TagInfo> resources = new ConcurrentHashMap<>(); // with tags
    private final Map<String, Map<String, EntityId>> held = new ConcurrentHashMap<>(); // by rule and scope, by name

    /**
     * Makes an empty set of resources.
     *
     * @param changes learns of the entities with changed tags
     */
    ResourceFacts(List<ResourceRules> all, Consumer<Set<EntityId>> changes) {
        this.all = List.copyOf(all);
        this.changes = changes;
    }

    private static String key(String rule, String scope) {
        return rule + "/" + scope;
    }

    /** The entities of all resources with tags. */
    Set<EntityId> entities() {
        return Set.copyOf(resources.keySet());
    }

    /** The tags of one resource, as known now; null for none. */
    @Nullable
    TagInfo known(EntityId entity) {
        return resources.get(entity);
    }

    /**
     * Takes the tags of the host. The host stays without tags, and is not deleted: a deletion would take the tags of all
     * sources.
     */
    void host(TagInfo info) {
        TagInfo before = resources.get(info.entity());
        if (before == null && info.isEmpty()) {
            return;
        }
        resources.put(info.entity(), info);
        if (!info.equals(before)) {
            changes.accept(Set.of(info.entity()));
        }
    }

    /** Takes the metadata of a namespace for the rules on namespaces themselves; null for a namespace that is gone. */
    void namespace(String name, Pod.@Nullable Metadata metadata) {
        for (ResourceRules rules : all) {
            if (rules.isOf(ResourceRules.NAMESPACES)) {
                Set<EntityId> changed = new HashSet<>();
                put(
                        entities(rules.key(), name),
                        name,
                        metadata == null ? null : rules.extract(metadata).orElse(null),
                        changed);
                changes.accept(changed);
            }
        }
    }

    private Map<String, EntityId> entities(String rule, String scope) {
        return held.computeIfAbsent(key(rule, scope), same -> new ConcurrentHashMap<>());
    }

    private void put(Map<String, EntityId> of, String name, @Nullable TagInfo info, Set<EntityId> changed) {
        EntityId before = info == null ? of.remove(name) : of.put(name, info.entity());
        if (before != null && (info == null || !before.equals(info.entity()))) {
            resources.remove(before);
            changed.add(before);
        }
        if (info != null && !info.equals(resources.put(info.entity(), info))) {
            changed.add(info.entity());
        }
    }

    /** Drops the resources of a scope that is followed no more. */
    void drop(String scope) {
        Set<EntityId> changed = new HashSet<>();
        for (ResourceRules rules : all) {
            Map<String, EntityId> left = held.remove(key(rules.key(), scope));
            if (left != null) {
                left.values().forEach(entity -> {
                    resources.remove(entity);
                    changed.add(entity);
                });
            }
        }
        changes.accept(changed);
    }

    /**
     * Takes the resources of a kind.
     *
     * @param refused learns that the server refuses the kind
     */
    Followed<Item> followed(ResourceRules rules, String scope, Consumer<AnswerException> refused) {
        return new Followed<>() {
            @Override
            public void listed(List<Item> items) {
                Map<String, EntityId> all = entities(rules.key(), scope);
                Set<EntityId> changed = new HashSet<>();
                Set<String> present = new HashSet<>();
                items.forEach(item -> {
                    present.add(key(item));
                    put(all, key(item), rules.extract(item.metadata()).orElse(null), changed);
                });
                List.copyOf(all.keySet()).stream()
                        .filter(name -> !present.contains(name))
                        .forEach(name -> put(all, name, null, changed));
                changes.accept(changed);
            }

            @Override
            public void set(Item item) {
                one(item, rules.extract(item.metadata()).orElse(null));
            }

            @Override
            public void deleted(Item item) {
                one(item, null);
            }

            private void one(Item item, @Nullable TagInfo info) {
                Set<EntityId> changed = new HashSet<>();
                put(entities(rules.key(), scope), key(item), info, changed);
                changes.accept(changed);
            }

            private String key(Item item) {
                return NamespaceServices.podKey(
                        item.metadata().namespace(), item.metadata().name());
            }

            @Override
            public void refused(AnswerException reason) {
                refused.accept(reason);
            }
        };
    }
}
