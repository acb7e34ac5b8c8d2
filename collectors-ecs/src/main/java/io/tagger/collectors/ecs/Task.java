package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
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
 * @param knownStatus what has become of it: {@code PENDING}, {@code RUNNING}, {@code STOPPED} ...
 * @param containers its containers
 * @param tags its resource tags
 * @param instanceTags those of the container instance it runs on
 * @param isComplete whether whoever told us could tell all it was asked for
 */
record Task(
        String arn,
        String family,
        String version,
        String cluster,
        String service,
        String availabilityZone,
        String knownStatus,
        List<Container> containers,
        Map<String, String> tags,
        Map<String, String> instanceTags,
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
}
