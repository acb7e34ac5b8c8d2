package io.tagger.naming;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Tagger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The attributes of entities, from their tags and from {@linkplain EntityId#resource further facts} of the collectors.
 *
 * <p>{@code service.name}, {@code service.namespace}, {@code service.version} and {@code service.instance.id} of a pod and
 * its containers are computed as in OpenTelemetry's semantic conventions for Kubernetes attributes: an annotation
 * {@code resource.opentelemetry.io/<attribute>} has precedence, then the tag, then the name of the workload. Thread-safe.
 */
public final class Resources {
    private static final String SERVICE_NAME = "service.name";
    private static final String SERVICE_NAMESPACE = "service.namespace";
    private static final String SERVICE_VERSION = "service.version";
    private static final String SERVICE_INSTANCE = "service.instance.id";
    private static final String NAMESPACE = "kube_namespace";
    private static final String POD = "pod_name";
    private static final String CONTAINER = "kube_container_name";

    /** The tags with the name of a workload, the first known name is the service. */
    private static final List<String> WORKLOADS = List.of(
            "kube_deployment",
            "kube_replica_set",
            "kube_stateful_set",
            "kube_daemon_set",
            "kube_cronjob",
            "kube_job",
            POD,
            CONTAINER);

    /** The labels that may name the service too. */
    private static final List<String> APPLICATION = List.of("kube_app_instance", "kube_app_name");

    /** The tags of the machine that are true for each of its pods and containers. */
    private static final Set<String> CLUSTER = Set.of("kube_cluster_name", "orch_cluster_id");

    /** The architectures whose name in OpenTelemetry differs from the name in a JVM or in the kernel. */
    private static final Map<String, String> ARCHITECTURES =
            Map.of("aarch64", "arm64", "x86_64", "amd64", "i386", "x86", "i686", "x86");

    private final Tagger tagger;
    private final NameTable names;
    private final boolean readsAppLabels;

    /**
     * Names the tags of a tagger.
     *
     * @param tagger has the tags
     * @param names the attribute of each tag
     * @param readsAppLabels whether the labels {@code app.kubernetes.io/instance}, {@code /name} and {@code /version} may
     *     give {@code service.name} and {@code service.version}
     */
    public Resources(Tagger tagger, NameTable names, boolean readsAppLabels) {
        this.tagger = tagger;
        this.names = names;
        this.readsAppLabels = readsAppLabels;
    }

    /**
     * Names the tags of a tagger by OpenTelemetry's semantic conventions.
     *
     * @param tagger has the tags
     * @return the resources
     */
    public static Resources of(Tagger tagger) {
        return new Resources(tagger, NameTable.openTelemetry(), false);
    }

    /**
     * The attributes of an entity. Asks the collectors on a miss, as {@link Tagger#lookup(EntityId)} does.
     *
     * @param entity the entity
     * @return the attributes; empty if no collector knows the entity
     */
    public Optional<Resource> find(EntityId entity) {
        return tagger.lookup(entity).map(this::named);
    }

    /**
     * The attributes of the container or process of this JVM.
     *
     * @return the attributes; empty if nobody knows which entity this is
     */
    public Optional<Resource> self() {
        return tagger.self().map(this::named);
    }

    private Resource named(EntityTags entity) {
        List<EntityTags> hosts = tagger.entities(EntityFilter.prefixes(EntityId.HOST));
        return name(
                entity,
                further(entity.entity()).flatMap(tagger::lookup),
                hosts.size() == 1 ? Optional.of(hosts.get(0)) : Optional.empty());
    }

    /**
     * The entity with the further facts about an entity.
     *
     * @param entity the entity
     * @return {@link EntityId#resource}; empty if the text of the entity is too long for it
     */
    public static Optional<EntityId> further(EntityId entity) {
        int longest = EntityId.MAX_BYTES - EntityId.RESOURCE.length() - "://".length();
        return entity.toString().getBytes(StandardCharsets.UTF_8).length > longest
                ? Optional.empty()
                : Optional.of(EntityId.resource(entity));
    }

    /**
     * The attributes of an entity whose tags are at hand.
     *
     * @param entity the tags
     * @param further the tags of {@link #further}: attribute names with values
     * @param machine the tags of the machine; empty if unknown, or if the entity may be on another machine
     * @return the attributes
     */
    public Resource name(EntityTags entity, Optional<EntityTags> further, Optional<EntityTags> machine) {
        TagValues tags = TagValues.of(entity);
        TagValues facts = further.map(TagValues::of).orElse(TagValues.NONE);
        Map<String, Object> attributes = new HashMap<>();
        boolean isProcess = entity.entity().prefix().equals(EntityId.PROCESS);
        if (isProcess || tags.has(NAMESPACE)) {
            machine.map(TagValues::of).ifPresent(host -> put(host, isProcess ? host.names() : CLUSTER, attributes));
        }
        put(tags, tags.names(), attributes);
        if (entity.entity().prefix().equals(EntityId.POD)) {
            attributes.put("k8s.pod.uid", entity.entity().id());
        }
        if (tags.has(NAMESPACE)) {
            service(tags, attributes);
        }
        if (tags.has("task_family") || tags.has("task_arn")) {
            attributes.put("cloud.provider", "aws");
            attributes.put("cloud.platform", "aws_ecs");
        }
        // An attribute has the same type from a tag and from a fact.
        facts.names().forEach(name -> attributes.put(name, names.isArray(name) ? facts.all(name) : facts.first(name)));
        return new Resource(
                entity.entity(),
                attributes,
                entity.complete() && further.map(EntityTags::complete).orElse(true));
    }

    private void put(TagValues tags, Set<String> names, Map<String, Object> attributes) {
        for (String name : names) {
            NameTable.Attribute attribute = this.names.attribute(name);
            if (!attribute.isNone() && tags.has(name)) {
                attributes.put(
                        attribute.name(),
                        attribute.isArray() ? tags.all(name) : value(attribute.name(), tags.first(name)));
            }
        }
    }

    private static String value(String attribute, String value) {
        return attribute.equals("host.arch") ? ARCHITECTURES.getOrDefault(value, value) : value;
    }

    private void service(TagValues tags, Map<String, Object> attributes) {
        if (!attributes.containsKey(SERVICE_NAME)) {
            first(tags, readsAppLabels ? APPLICATION : List.of())
                    .or(() -> first(tags, WORKLOADS))
                    .ifPresent(name -> attributes.put(SERVICE_NAME, name));
        }
        attributes.putIfAbsent(SERVICE_NAMESPACE, tags.first(NAMESPACE));
        if (!attributes.containsKey(SERVICE_VERSION)) {
            first(tags, readsAppLabels ? List.of("kube_app_version") : List.of())
                    .or(() -> imageVersion(tags))
                    .ifPresent(version -> attributes.put(SERVICE_VERSION, version));
        }
        if (tags.has(POD) && tags.has(CONTAINER)) {
            attributes.putIfAbsent(
                    SERVICE_INSTANCE, tags.first(NAMESPACE) + "." + tags.first(POD) + "." + tags.first(CONTAINER));
        }
    }

    private static Optional<String> first(TagValues tags, List<String> names) {
        return names.stream().filter(tags::has).map(tags::first).findFirst();
    }

    /** The tag and the digest of the image, as far as known. */
    private static Optional<String> imageVersion(TagValues tags) {
        String tag = tags.first("image_tag");
        String id = tags.first("image_id");
        String digest = id.substring(id.indexOf('@') + 1);
        boolean hasDigest = id.contains("@") && digest.contains(":");
        if (tag.isEmpty()) {
            return hasDigest ? Optional.of(digest) : Optional.empty();
        }
        return Optional.of(hasDigest ? tag + "@" + digest : tag);
    }
}
