package io.tagger.collectors.kubernetes;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ForeignId;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.common.StandardTags;
import io.tagger.collectors.common.TagListBuilder;
import io.tagger.collectors.common.TagLists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules from a pod to the tags of the pod and of its containers; pure functions. */
final class PodTags {
    private static final String STANDARD_LABELS = "tags.datadoghq.com/";
    private static final String TAGS = "tags";
    private static final String LABEL = "label";
    private static final String ANNOTATION = "annotation";
    private static final String NAMESPACE_LABEL = "namespace label";
    private static final String NAMESPACE_ANNOTATION = "namespace annotation";
    private static final String DISABLE = "tags.datadoghq.com/disable";
    private static final String OPENSHIFT_CONFIG = "openshift.io/deployment-config.name";
    private static final String OPENSHIFT_DEPLOYMENT = "openshift.io/deployment.name";
    private static final String SERVICE = "kube_service";
    private static final String AUTOSCALER = "autoscaling.datadoghq.com/autoscaler-id";

    /** The begin of an image id from Docker's shim of the kubelet. */
    private static final String PULLABLE = "docker-pullable://";

    private static final String ROLLOUT = "rollouts-pod-template-hash";
    private static final String STATEFUL_SET = "StatefulSet";

    private static final Map<String, String> APP_LABELS = Map.of(
            "app.kubernetes.io/name", "kube_app_name",
            "app.kubernetes.io/instance", "kube_app_instance",
            "app.kubernetes.io/version", "kube_app_version",
            "app.kubernetes.io/component", "kube_app_component",
            "app.kubernetes.io/part-of", "kube_app_part_of",
            "app.kubernetes.io/managed-by", "kube_app_managed_by");

    /** The labels with the hash that ends the name of a replica set: of a deployment, and of an Argo rollout. */
    private static final List<String> TEMPLATE_HASHES = List.of("pod-template-hash", ROLLOUT);

    /** The end of the name of a cron job's job: minutes since 1970, or, before Kubernetes 1.21, seconds. */
    private static final Pattern SCHEDULED_JOB = Pattern.compile("(.+)-(?:[0-9]{8}|[0-9]{10})");

    /** The begin of an annotation with an attribute. */
    static final String OTEL_RESOURCE = "resource.opentelemetry.io/";

    private static final Map<String, String> OTEL_STANDARD = Map.of(
            "service.name", "service",
            "service.version", "version",
            "deployment.environment.name", "env");

    private final TagLists lists;
    private final Rules rules;

    /**
     * The configured rules.
     *
     * @param labels {@code pod-labels-as-tags}
     * @param annotations {@code pod-annotations-as-tags}
     * @param namespaceLabels {@code namespace-labels-as-tags}
     * @param namespaceAnnotations {@code namespace-annotations-as-tags}
     * @param container the rules of containers of any runtime, with {@code tagger.container.env-as-tags}
     * @param separators tag name to the separator of the tag's values
     */
    record Rules(
            MappingRules labels,
            MappingRules annotations,
            MappingRules namespaceLabels,
            MappingRules namespaceAnnotations,
            ContainerRules container,
            Map<String, String> separators) {}

    /**
     * The facts about a pod from further objects of the cluster.
     *
     * @param namespaceLabels the labels of the namespace
     * @param namespaceAnnotations the annotations of the namespace
     * @param services the services that select the pod
     * @param isWhole whether all questions were answered
     */
    record Surroundings(
            Map<String, String> namespaceLabels,
            Map<String, String> namespaceAnnotations,
            Set<String> services,
            boolean isWhole) {
        /** For a cluster without any further facts. */
        static final Surroundings NONE = new Surroundings(Map.of(), Map.of(), Set.of(), true);
    }

    PodTags(String source, Rules rules) {
        this(new TagLists(source, rules.separators()), rules);
    }

    private PodTags(TagLists lists, Rules rules) {
        this.lists = lists;
        this.rules = rules;
    }

    /** The same rules, with a note of the origin of each tag of one entity. */
    PodTags explaining(EntityId entity, Provenance.Builder origins) {
        return new PodTags(lists.explaining(entity, origins), rules);
    }

    /** The rule that leaves a container out; empty for a container that stays. */
    Optional<String> exclusion(Pod pod, Pod.ContainerStatus status) {
        String image = pod.spec()
                .all()
                .filter(container -> container.name().equals(status.name()))
                .map(Pod.Container::image)
                .findFirst()
                .orElse("");
        return rules.container()
                .exclusion()
                .ruleFor(new ContainerExclusion.Facts(
                        image,
                        List.of(status.name()),
                        pod.metadata().labels(),
                        pod.metadata().namespace()));
    }

    /**
     * Extracts the tags of a pod with a UID, and of each of its containers with an id, except those that the rules leave
     * out.
     *
     * @param problems receives the problems of invalid values
     */
    List<TagInfo> extract(Pod pod, Surroundings surroundings, Consumer<String> problems) {
        List<TagInfo> infos = new ArrayList<>();
        WrittenTags written = WrittenTags.of(pod, TAGS, problems);
        for (String uid : pod.uids()) {
            TagListBuilder tags = lists.of(EntityId.pod(uid));
            pod(pod, surroundings, tags);
            written.addTo(tags);
            infos.add(tags.build(surroundings.isWhole()));
        }
        pod.status().all().filter(status -> ForeignId.isUsable(status.id())).forEach(status -> {
            if (exclusion(pod, status).isEmpty()) {
                TagListBuilder tags = lists.of(EntityId.container(status.id()));
                pod(pod, surroundings, tags);
                written.addTo(tags);
                container(pod, status, tags);
                WrittenTags.of(pod, status.name() + "." + TAGS, problems).addTo(tags);
                infos.add(tags.build(surroundings.isWhole()));
            }
        });
        return infos;
    }

    /** The attributes of the entities of a pod that are no tags, as in {@link PodAttributes}. */
    List<TagInfo> attributes(Pod pod, Surroundings surroundings, List<TagInfo> tags) {
        return PodAttributes.extract(pod, surroundings, rules, tags);
    }

    /** The pod without annotations and variables on which no tag depends: these are large, and often change. */
    Pod revision(Pod pod) {
        Pod.Metadata metadata = pod.metadata();
        Map<String, String> annotations = new HashMap<>(metadata.annotations());
        annotations.keySet().removeIf(name -> !isRead(name));
        Pod.Spec spec = pod.spec();
        return new Pod(
                new Pod.Metadata(
                        metadata.name(),
                        metadata.namespace(),
                        metadata.uid(),
                        Map.copyOf(metadata.labels()),
                        Map.copyOf(annotations),
                        metadata.ownerReferences()),
                new Pod.Spec(
                        spec.scheduling().classes(),
                        revisions(pod, spec.containers()),
                        revisions(pod, spec.initContainers()),
                        revisions(pod, spec.ephemeralContainers()),
                        spec.volumes().stream()
                                .filter(volume -> volume.persistentVolumeClaim() != null)
                                .toList()),
                pod.status().withoutAddresses());
    }

    private boolean isRead(String annotation) {
        return annotation.startsWith(WrittenTags.PREFIX)
                || annotation.startsWith(OTEL_RESOURCE)
                || annotation.equals(DISABLE)
                || annotation.equals(AUTOSCALER)
                || annotation.equals(Pod.NODE_UID)
                || annotation.equals(OPENSHIFT_CONFIG)
                || annotation.equals(OPENSHIFT_DEPLOYMENT)
                || rules.annotations().matches(annotation);
    }

    private List<Pod.Container> revisions(Pod pod, List<Pod.Container> containers) {
        return containers.stream()
                .map(container -> new Pod.Container(
                        container.name(),
                        container.image(),
                        PodEnvironment.of(pod, container, rules.container()::readsVariable),
                        container.requests(),
                        container.resizing()))
                .toList();
    }

    private void pod(Pod pod, Surroundings surroundings, TagListBuilder tags) {
        Pod.Metadata metadata = pod.metadata();
        tags.from("metadata.name")
                .orchestrator("pod_name", metadata.name())
                .from("metadata.namespace")
                .low("kube_namespace", metadata.namespace())
                .from("status.phase")
                .low("pod_phase", pod.status().condition().phase().toLowerCase(Locale.ROOT))
                .from("status.qosClass")
                .low("kube_qos", pod.status().condition().qosClass())
                .from("spec.priorityClassName")
                .low("kube_priority_class", pod.spec().scheduling().priorityClassName())
                .from("spec.runtimeClassName")
                .low("kube_runtime_class", pod.spec().scheduling().runtimeClassName());
        if (!metadata.annotations().getOrDefault(AUTOSCALER, "").isEmpty()) {
            tags.from("annotation " + AUTOSCALER).low("kube_autoscaler_kind", "datadogpodautoscaler");
        }
        tags.from("spec.containers[].resources.requests");
        pod.spec().all().flatMap(container -> container.requests().stream()).forEach(resource -> {
            tags.low("gpu_vendor", gpuVendor(resource));
        });
        tags.from("metadata.ownerReferences");
        for (Pod.Owner owner : metadata.ownerReferences()) {
            tags.low("kube_ownerref_kind", owner.kind().toLowerCase(Locale.ROOT))
                    .orchestrator("kube_ownerref_name", owner.name());
            owner(pod, owner, tags);
        }
        if (!isDisabled(metadata.annotations().getOrDefault(DISABLE, ""), SERVICE)) {
            tags.from("services of the namespace, by their selectors");
            surroundings.services().forEach(service -> tags.low(SERVICE, service));
        }
        StandardTags.fromLabels(metadata.labels(), STANDARD_LABELS, tags);
        rules.labels().note(LABEL, tags);
        metadata.labels().forEach((name, value) -> {
            String app = APP_LABELS.get(name);
            if (app != null) {
                tags.from("label " + name).low(app, value);
            }
            rules.labels().apply(LABEL, name, value, tags);
        });
        tags.from("annotation " + OPENSHIFT_CONFIG)
                .low("oshift_deployment_config", metadata.annotations().getOrDefault(OPENSHIFT_CONFIG, ""))
                .from("annotation " + OPENSHIFT_DEPLOYMENT)
                .orchestrator("oshift_deployment", metadata.annotations().getOrDefault(OPENSHIFT_DEPLOYMENT, ""));
        rules.annotations().note(ANNOTATION, tags);
        metadata.annotations().forEach((name, value) -> {
            if (name.startsWith(OTEL_RESOURCE)) {
                openTelemetry(name.substring(OTEL_RESOURCE.length()), value, tags.from("annotation " + name));
            }
            rules.annotations().apply(ANNOTATION, name, value, tags);
        });
        rules.namespaceLabels().note(NAMESPACE_LABEL, tags);
        surroundings.namespaceLabels().forEach((name, value) -> rules.namespaceLabels()
                .apply(NAMESPACE_LABEL, name, value, tags));
        rules.namespaceAnnotations().note(NAMESPACE_ANNOTATION, tags);
        surroundings.namespaceAnnotations().forEach((name, value) -> rules.namespaceAnnotations()
                .apply(NAMESPACE_ANNOTATION, name, value, tags));
    }

    /** The vendor of a requested device; empty for any further resource. */
    static String gpuVendor(String resource) {
        if (resource.equals("nvidia.com/gpu") || resource.startsWith("nvidia.com/mig")) {
            return "nvidia";
        }
        return switch (resource) {
            case "amd.com/gpu" -> "amd";
            case "gpu.intel.com/xe", "gpu.intel.com/i915" -> "intel";
            default -> "";
        };
    }

    private static void openTelemetry(String attribute, String value, TagListBuilder tags) {
        String standard = OTEL_STANDARD.get(attribute);
        if (standard == null) {
            tags.low(attribute, value);
        } else {
            tags.standard(standard, value);
        }
    }

    private static void owner(Pod pod, Pod.Owner owner, TagListBuilder tags) {
        String name = owner.name();
        switch (owner.kind()) {
            case "Deployment" -> tags.low("kube_deployment", name);
            case "ReplicaSet" -> {
                String deployment = deploymentOf(name, pod.metadata().labels());
                tags.low("kube_replica_set", name).low("kube_deployment", deployment);
                if (pod.metadata().labels().containsKey(ROLLOUT)) {
                    tags.low("kube_argo_rollout", deployment);
                }
            }
            case "DaemonSet" -> tags.low("kube_daemon_set", name);
            case STATEFUL_SET -> {
                tags.low("kube_stateful_set", name);
                for (Pod.Volume volume : pod.spec().volumes()) {
                    if (volume.persistentVolumeClaim() != null) {
                        tags.low(
                                "persistentvolumeclaim",
                                volume.persistentVolumeClaim().claimName());
                    }
                }
            }
            case "ReplicationController" -> tags.low("kube_replication_controller", name);
            case "Job" -> {
                String cronJob = cronJobOf(name);
                if (cronJob.isEmpty()) {
                    tags.low("kube_job", name);
                } else {
                    tags.orchestrator("kube_job", name).low("kube_cronjob", cronJob);
                }
            }
            default -> {
                // A kind without a rule: the tag has the kind and the name.
            }
        }
    }

    /** The deployment of a replica set, by the hash in the pod's labels; empty if no deployment made the set. */
    static String deploymentOf(String replicaSet, Map<String, String> labels) {
        for (String label : TEMPLATE_HASHES) {
            String hash = labels.getOrDefault(label, "");
            if (!hash.isEmpty() && replicaSet.endsWith("-" + hash)) {
                return replicaSet.substring(0, replicaSet.length() - hash.length() - 1);
            }
        }
        return "";
    }

    /** The cron job of a job; empty if none. */
    static String cronJobOf(String job) {
        Matcher scheduled = SCHEDULED_JOB.matcher(job);
        return scheduled.matches() ? scheduled.group(1) : "";
    }

    private static boolean isDisabled(String list, String tag) {
        return Arrays.stream(list.split(",")).map(String::strip).anyMatch(tag::equals);
    }

    private void container(Pod pod, Pod.ContainerStatus status, TagListBuilder tags) {
        String name = status.name();
        tags.from("status.containerStatuses[].name")
                .low("kube_container_name", name)
                .from("status.containerStatuses[].containerID")
                .high("container_id", status.id())
                .from("status.containerStatuses[].imageID")
                .low("image_id", imageId(status));
        if (!name.isEmpty()) {
            tags.from("status.containerStatuses[].name and metadata.name")
                    .high("display_container_name", name + "_" + pod.metadata().name());
            StandardTags.fromLabels(pod.metadata().labels(), STANDARD_LABELS + name + ".", tags);
        }
        pod.spec()
                .all()
                .filter(container -> container.name().equals(name))
                .findFirst()
                .ifPresent(container -> {
                    image(container.image(), tags.from("spec.containers[].image"));
                    tags.from("spec.containers[].resizePolicy")
                            .low("cpu_restart_policy", container.resizing().getOrDefault("cpu", ""))
                            .low("memory_restart_policy", container.resizing().getOrDefault("memory", ""));
                    rules.container().noteEnvironment(tags);
                    if (tags.isExplained()) {
                        container.env().forEach(variable -> rules.container().see(variable.name(), tags));
                    }
                    PodEnvironment.of(pod, container, rules.container()::readsVariable)
                            .forEach(variable -> rules.container().variable(variable.name(), variable.value(), tags));
                });
    }

    private static String imageId(Pod.ContainerStatus status) {
        String id = status.imageId();
        return id.startsWith(PULLABLE) ? id.substring(PULLABLE.length()) : id;
    }

    private static void image(String reference, TagListBuilder tags) {
        if (reference.isEmpty() || reference.startsWith("sha256:")) {
            return; // no valid name
        }
        ImageName image = ImageName.parse(reference);
        tags.image(image, image.tagOrLatest(reference));
    }
}
