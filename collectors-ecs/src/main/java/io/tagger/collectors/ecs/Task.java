package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An ECS task, combined from several sources. A field unknown to all sources is empty.
 *
 * @param identity the names of the task
 * @param placement where and how the task runs
 * @param knownStatus the state of the task: {@code PENDING}, {@code RUNNING}, {@code STOPPED} ...
 * @param containers the containers of the task
 * @param resourceTags the AWS tags of the task, its container instance and its service
 * @param isComplete whether the sources answered all questions
 */
record Task(
        Identity identity,
        Placement placement,
        String knownStatus,
        List<Container> containers,
        List<Map<String, String>> resourceTags,
        boolean isComplete) {

    /**
     * The names of a task.
     *
     * @param arn the ARN
     * @param family the name of the task definition
     * @param version the revision of the task definition
     * @param cluster the ARN of the cluster, or the cluster's name
     * @param service the name of the service that started the task
     */
    record Identity(String arn, String family, String version, String cluster, String service) {
        private Identity or(Identity other) {
            return new Identity(
                    arn,
                    either(family, other.family),
                    either(version, other.version),
                    either(cluster, other.cluster),
                    either(service, other.service));
        }
    }

    /**
     * The place and the launch type of a task.
     *
     * @param availabilityZone the availability zone
     * @param instanceArn the ARN of the container instance
     * @param launchType {@code FARGATE}, {@code EC2} ...
     */
    record Placement(String availabilityZone, String instanceArn, String launchType) {
        private Placement or(Placement other) {
            return new Placement(
                    either(availabilityZone, other.availabilityZone),
                    either(instanceArn, other.instanceArn),
                    launchType);
        }
    }

    /**
     * A container of the task.
     *
     * @param id the runtime's id
     * @param name the name in the task definition
     * @param runtimeName the runtime's name
     * @param image the image in the task definition
     * @param labels the labels
     */
    record Container(String id, String name, String runtimeName, String image, Map<String, String> labels) {}

    String arn() {
        return identity.arn;
    }

    String family() {
        return identity.family;
    }

    String version() {
        return identity.version;
    }

    String cluster() {
        return identity.cluster;
    }

    String service() {
        return identity.service;
    }

    String availabilityZone() {
        return placement.availabilityZone;
    }

    String instanceArn() {
        return placement.instanceArn;
    }

    String launchType() {
        return placement.launchType;
    }

    boolean isRunning() {
        return knownStatus.equals("RUNNING");
    }

    /** Whether an entity is this task, or a container of this task. */
    boolean has(EntityId entity) {
        return entity.prefix().equals(EntityId.CONTAINER)
                ? containers.stream().anyMatch(container -> container.id.equals(entity.id()))
                : arn().equals(entity.id());
    }

    /**
     * The ARN of the service. The ARN follows from the names if the task's ARN has the long format with the cluster;
     * for an account with short ARNs the format of the service's ARN is unknown.
     *
     * @return empty if there is no service, or the ARN is unknown
     */
    String serviceArn() {
        String name = clusterName();
        return service().isEmpty() || !arn().contains(":task/" + name + "/")
                ? ""
                : Arn.of(arn())
                        .map(place -> place.ecs("service/" + name + "/" + service()))
                        .orElse("");
    }

    /** The ARN of the definition: definitions are in the account and the region of their tasks. */
    String definitionArn() {
        return family().isEmpty() || version().isEmpty()
                ? ""
                : Arn.of(arn())
                        .map(place -> place.ecs("task-definition/" + family() + ":" + version()))
                        .orElse("");
    }

    String clusterName() {
        return cluster().substring(cluster().lastIndexOf('/') + 1);
    }

    /** The ARN of the cluster, reported or derived from its name and the task's ARN. */
    String clusterArn() {
        return cluster().isEmpty() || Arn.of(cluster()).isPresent()
                ? cluster()
                : Arn.of(arn()).map(place -> place.ecs("cluster/" + cluster())).orElse("");
    }

    /** This task, with empty fields filled from the report of another source. */
    Task and(Task other) {
        return new Task(
                identity.or(other.identity),
                placement.or(other.placement),
                knownStatus,
                containers,
                joined(resourceTags, other.resourceTags),
                isComplete && other.isComplete);
    }

    /** This task with further resource tags. */
    Task and(Map<String, String> tags) {
        return new Task(identity, placement, knownStatus, containers, joined(resourceTags, List.of(tags)), isComplete);
    }

    Task incomplete() {
        return new Task(identity, placement, knownStatus, containers, resourceTags, false);
    }

    private static String either(String first, String second) {
        return first.isEmpty() ? second : first;
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
