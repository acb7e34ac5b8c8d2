package io.tagger.collectors.kubernetes;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.tagger.api.EntityId;
import io.tagger.collectors.common.ForeignId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a pod on which tags depend: equal pods have equal tags, so this record is also the pod's revision. A
 * part missing from the list is empty here.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Pod(Metadata metadata, Spec spec, Status status) {
    Pod(@Nullable Metadata metadata, @Nullable Spec spec, @Nullable Status status) {
        this.metadata = metadata == null ? Metadata.NONE : metadata;
        this.spec = spec == null ? Spec.NONE : spec;
        this.status = status == null ? Status.NONE : status;
    }

    /** The annotation of a static pod with its UID on the node; the API server gives the pod another UID. */
    static final String NODE_UID = "kubernetes.io/config.hash";

    /** The identity of the pod over all changes. */
    String key() {
        if (!metadata.uid.isEmpty()) {
            return metadata.uid;
        }
        return metadata.name.isEmpty()
                ? status.all().map(ContainerStatus::id).findFirst().orElse("")
                : metadata.namespace + "/" + metadata.name;
    }

    /**
     * The UIDs of the pod: a static pod has the UID that the node uses, and the UID of its mirror at the API server.
     *
     * @return one or two UIDs, the node's first; empty for a pod without a UID
     */
    List<String> uids() {
        return Stream.of(metadata.annotations.getOrDefault(NODE_UID, ""), metadata.uid)
                .filter(ForeignId::isUsable)
                .distinct()
                .toList();
    }

    /** Whether an entity is this pod, or one of its containers. */
    boolean has(EntityId entity) {
        return entity.prefix().equals(EntityId.POD)
                ? uids().contains(entity.id())
                : entity.prefix().equals(EntityId.CONTAINER)
                        && status.all().anyMatch(one -> one.id().equals(entity.id()));
    }

    /**
     * Whether the pod is too young for services: a pod that is starting or running gets an address, and only then the
     * services that select the pod.
     */
    boolean isBeforeItsServices() {
        Condition condition = status.condition;
        return !condition.hasAddress && (condition.phase.equals("Pending") || condition.phase.equals("Running"));
    }

    /** The metadata of a pod. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Metadata(
            String name,
            String namespace,
            String uid,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<Owner> ownerReferences) {
        static final Metadata NONE = new Metadata(null, null, null, null, null, null);

        Metadata(
                @Nullable String name,
                @Nullable String namespace,
                @Nullable String uid,
                @Nullable Map<String, String> labels,
                @Nullable Map<String, String> annotations,
                @Nullable List<Owner> ownerReferences) {
            this.name = text(name);
            this.namespace = text(namespace);
            this.uid = text(uid);
            this.labels = map(labels);
            this.annotations = map(annotations);
            this.ownerReferences = list(ownerReferences);
        }
    }

    /** The owner of a pod. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Owner(String kind, String name) {
        Owner(@Nullable String kind, @Nullable String name) {
            this.kind = text(kind);
            this.name = text(name);
        }
    }

    /**
     * The desired state of a pod.
     *
     * @param scheduling where and how the pod runs
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(
            Scheduling scheduling,
            List<Container> containers,
            List<Container> initContainers,
            List<Container> ephemeralContainers,
            List<Volume> volumes) {
        static final Spec NONE = of(null, null, null, null, null, null, null, null);

        /** Reads the object of the API. */
        @JsonCreator
        static Spec of(
                @JsonProperty("priorityClassName") @Nullable String priorityClassName,
                @JsonProperty("runtimeClassName") @Nullable String runtimeClassName,
                @JsonProperty("nodeName") @Nullable String nodeName,
                @JsonProperty("serviceAccountName") @Nullable String serviceAccountName,
                @JsonProperty("containers") @Nullable List<Container> containers,
                @JsonProperty("initContainers") @Nullable List<Container> initContainers,
                @JsonProperty("ephemeralContainers") @Nullable List<Container> ephemeralContainers,
                @JsonProperty("volumes") @Nullable List<Volume> volumes) {
            return new Spec(
                    new Scheduling(
                            text(priorityClassName), text(runtimeClassName), text(nodeName), text(serviceAccountName)),
                    list(containers),
                    list(initContainers),
                    list(ephemeralContainers),
                    list(volumes));
        }

        Stream<Container> all() {
            return Stream.of(containers, initContainers, ephemeralContainers).flatMap(List::stream);
        }
    }

    /** Where and how a pod runs. */
    record Scheduling(String priorityClassName, String runtimeClassName, String nodeName, String serviceAccountName) {
        /** Without the part that only variables may need. */
        Scheduling classes() {
            return new Scheduling(priorityClassName, runtimeClassName, nodeName, "");
        }
    }

    /**
     * The desired state of a container.
     *
     * @param requests the names of the requested resources
     * @param resizing the restart policy of a change of a resource, by resource
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Container(
            String name, String image, List<Variable> env, Set<String> requests, Map<String, String> resizing) {
        /** Reads the object of the API. */
        @JsonCreator
        static Container of(
                @JsonProperty("name") @Nullable String name,
                @JsonProperty("image") @Nullable String image,
                @JsonProperty("env") @Nullable List<Variable> env,
                @JsonProperty("resources") @Nullable Resources resources,
                @JsonProperty("resizePolicy") @Nullable List<ResizePolicy> resizePolicy) {
            Map<String, String> resizing = new LinkedHashMap<>();
            for (ResizePolicy policy : list(resizePolicy)) {
                resizing.put(text(policy.resourceName), text(policy.restartPolicy));
            }
            boolean hasRequests = resources != null && resources.requests != null;
            return new Container(
                    text(name),
                    text(image),
                    list(env),
                    hasRequests ? Set.copyOf(resources.requests.keySet()) : Set.of(),
                    resizing);
        }
    }

    /** The resources of a container; no tag depends on an amount. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Resources(@Nullable Map<String, JsonNode> requests) {}

    /** The consequence of a change of a resource. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record ResizePolicy(
            @Nullable String resourceName, @Nullable String restartPolicy) {}

    /**
     * An environment variable of a container, as written in the pod or {@linkplain PodEnvironment resolved}.
     *
     * @param value the value; may refer to earlier variables unless resolved
     * @param valueFrom the place of the value; null for a literal value
     * @param isResolved whether the value is the container's
     */
    @JsonIgnoreProperties(ignoreUnknown = true, value = "isResolved")
    record Variable(String name, String value, @Nullable ValueSource valueFrom, boolean isResolved) {
        @JsonCreator
        Variable(
                @JsonProperty("name") @Nullable String name,
                @JsonProperty("value") @Nullable String value,
                @JsonProperty("valueFrom") @Nullable ValueSource valueFrom) {
            this(text(name), text(value), valueFrom, false);
        }
    }

    /** The place of a variable's value; only fields of the pod can be answered here. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record ValueSource(@Nullable FieldReference fieldRef) {}

    /** A field of the pod. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record FieldReference(String fieldPath) {
        FieldReference(@Nullable String fieldPath) {
            this.fieldPath = text(fieldPath);
        }
    }

    /** A volume; only claims are kept. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Volume(@Nullable Claim persistentVolumeClaim) {}

    /** A claim to a volume. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Claim(String claimName) {
        Claim(@Nullable String claimName) {
            this.claimName = text(claimName);
        }
    }

    /**
     * The present state of a pod.
     *
     * @param condition the pod's own state
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Status(
            Condition condition,
            List<ContainerStatus> containerStatuses,
            List<ContainerStatus> initContainerStatuses,
            List<ContainerStatus> ephemeralContainerStatuses) {
        static final Status NONE = of(null, null, null, null, null, null, null);

        /** Reads the object of the API. */
        @JsonCreator
        static Status of(
                @JsonProperty("phase") @Nullable String phase,
                @JsonProperty("qosClass") @Nullable String qosClass,
                @JsonProperty("podIP") @Nullable String podIp,
                @JsonProperty("hostIP") @Nullable String hostIp,
                @JsonProperty("containerStatuses") @Nullable List<ContainerStatus> containerStatuses,
                @JsonProperty("initContainerStatuses") @Nullable List<ContainerStatus> initContainerStatuses,
                @JsonProperty("ephemeralContainerStatuses") @Nullable
                        List<ContainerStatus> ephemeralContainerStatuses) {
            return new Status(
                    new Condition(text(phase), text(qosClass), !text(podIp).isEmpty(), text(podIp), text(hostIp)),
                    list(containerStatuses),
                    list(initContainerStatuses),
                    list(ephemeralContainerStatuses));
        }

        /** Without the addresses, which only variables may need, and which change. */
        Status withoutAddresses() {
            return new Status(
                    new Condition(condition.phase, condition.qosClass, condition.hasAddress, "", ""),
                    containerStatuses,
                    initContainerStatuses,
                    ephemeralContainerStatuses);
        }

        Stream<ContainerStatus> all() {
            return Stream.of(containerStatuses, initContainerStatuses, ephemeralContainerStatuses)
                    .flatMap(List::stream);
        }
    }

    /**
     * The state of a pod without its containers.
     *
     * @param hasAddress whether the pod has an address, also where the address itself is left out
     */
    record Condition(String phase, String qosClass, boolean hasAddress, String podIp, String hostIp) {}

    /**
     * The present state of a container. Equal by all but the end: no tag depends on the end, so that the end alone is no change
     * of a pod.
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    record ContainerStatus(String name, String containerId, String imageId, boolean hasEnded) {
        /** Reads the object of the API. */
        @JsonCreator
        static ContainerStatus of(
                @JsonProperty("name") @Nullable String name,
                @JsonProperty("containerID") @Nullable String containerId,
                @JsonProperty("imageID") @Nullable String imageId,
                @JsonProperty("state") @Nullable JsonNode state) {
            return new ContainerStatus(
                    text(name), text(containerId), text(imageId), state != null && state.hasNonNull("terminated"));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ContainerStatus that
                    && name.equals(that.name)
                    && containerId.equals(that.containerId)
                    && imageId.equals(that.imageId);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, containerId, imageId);
        }

        /** The id without the runtime's prefix; empty before the container's creation. */
        String id() {
            return containerId.substring(containerId.lastIndexOf("://") < 0 ? 0 : containerId.lastIndexOf("://") + 3);
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        if (list == null) {
            return List.of();
        }
        for (T item : list) {
            if (item == null) {
                return list.stream().filter(Objects::nonNull).toList();
            }
        }
        return List.copyOf(list);
    }

    private static Map<String, String> map(@Nullable Map<String, String> map) {
        if (map == null) {
            return Map.of();
        }
        boolean hasNull = false;
        for (String value : map.values()) {
            hasNull |= value == null;
        }
        if (hasNull) {
            map.values().removeIf(Objects::isNull);
        }
        return map;
    }
}
