package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A task, whoever told us of it. What nobody told is empty.
 *
 * @param arn its ARN
 * @param family the name of its definition
 * @param version the revision of its definition
 * @param cluster the cluster's ARN, or its name
 * @param service the name of the service that started it
 * @param availabilityZone where it runs
 * @param instanceArn the container instance it runs on
 * @param knownStatus what has become of it: {@code PENDING}, {@code RUNNING}, {@code STOPPED} ...
 * @param launchType {@code FARGATE}, {@code EC2} ...
 * @param containers its containers
 * @param resourceTags its tags at AWS, those of its container instance, and those of its service
 * @param isComplete whether whoever told us could tell all it was asked for
 */
record Task(
        String arn,
        String family,
        String version,
        String cluster,
        String service,
        String availabilityZone,
        String instanceArn,
        String knownStatus,
        String launchType,
        List<Container> containers,
        List<Map<String, String>> resourceTags,
        boolean isComplete) {

    /**
     * One of its containers.
     *
     * @param id as the runtime knows it
     * @param name its name in the task
     * @param runtimeName its name as the runtime knows it
     * @param image as the definition names it
     * @param labels its labels
     */
    record Container(String id, String name, String runtimeName, String image, Map<String, String> labels) {}

    boolean isRunning() {
        return knownStatus.equals("RUNNING");
    }

    /** Whether an entity is this task, or one of its containers. */
    boolean has(EntityId entity) {
        return entity.prefix().equals(EntityId.CONTAINER)
                ? containers.stream().anyMatch(container -> container.id.equals(entity.id()))
                : arn.equals(entity.id());
    }

    /**
     * The ARN of its service. It follows from the names if the task's ARN is of the long format, which names the cluster; how an account
     * with ARNs of the short one names its services can't be told.
     *
     * @return empty if it has none, or it can't be told
     */
    String serviceArn() {
        String name = clusterName();
        return service.isEmpty() || !arn.contains(":task/" + name + "/")
                ? ""
                : Arn.of(arn)
                        .map(place -> place.ecs("service/" + name + "/" + service))
                        .orElse("");
    }

    /** The ARN of its definition: definitions are in the account and the region of their tasks. */
    String definitionArn() {
        return family.isEmpty() || version.isEmpty()
                ? ""
                : Arn.of(arn)
                        .map(place -> place.ecs("task-definition/" + family + ":" + version))
                        .orElse("");
    }

    String clusterName() {
        return cluster.substring(cluster.lastIndexOf('/') + 1);
    }

    /** The ARN of its cluster, told or derived from its name and the task's ARN. */
    String clusterArn() {
        return cluster.isEmpty() || Arn.of(cluster).isPresent()
                ? cluster
                : Arn.of(arn).map(place -> place.ecs("cluster/" + cluster)).orElse("");
    }

    /** With what somebody else tells of it, where it is silent itself. */
    Task and(Task told) {
        return new Task(
                arn,
                either(family, told.family),
                either(version, told.version),
                either(cluster, told.cluster),
                either(service, told.service),
                either(availabilityZone, told.availabilityZone),
                either(instanceArn, told.instanceArn),
                knownStatus,
                launchType,
                containers,
                joined(resourceTags, told.resourceTags),
                isComplete && told.isComplete);
    }

    Task and(Map<String, String> tags) {
        return with(joined(resourceTags, List.of(tags)), isComplete);
    }

    Task incomplete() {
        return with(resourceTags, false);
    }

    private Task with(List<Map<String, String>> tags, boolean complete) {
        return new Task(
                arn,
                family,
                version,
                cluster,
                service,
                availabilityZone,
                instanceArn,
                knownStatus,
                launchType,
                containers,
                tags,
                complete);
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
