package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ForeignId;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import io.tagger.collectors.common.TagLists;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The rules from a task to the tags of the task and of its containers; pure functions. */
final class TaskTags {
    private final TagLists lists;
    private final Rules rules;

    /**
     * The configured rules, and the detected place.
     *
     * @param isAlone whether no other collector reports the containers, as on Fargate; on EC2 the docker collector does
     * @param container {@code tagger.container}
     * @param separators tag name to the separator of the tag's values
     * @param hasResourceTags {@code collect-resource-tags}
     * @param replacesColons {@code resource-tags-replace-colon}
     * @param kept {@code keep-for}
     */
    record Rules(
            boolean isAlone,
            ContainerRules container,
            Map<String, String> separators,
            boolean hasResourceTags,
            boolean replacesColons,
            Duration kept) {}

    TaskTags(Rules rules) {
        this(new TagLists(EcsCollector.NAME, rules.separators), rules);
    }

    private TaskTags(TagLists lists, Rules rules) {
        this.lists = lists;
        this.rules = rules;
    }

    /** The same rules, with a note of the origin of each tag of one entity. */
    TaskTags explaining(EntityId entity, Provenance.Builder origins) {
        return new TaskTags(lists.explaining(entity, origins), rules);
    }

    /**
     * Extracts the tags of a task with an ARN, and of each of its containers, except those that the rules leave out. A container before its start has no id
     * yet; the task is then incomplete.
     *
     * @param now the time at which the report's lifetime begins
     * @param problems receives the problems of invalid values
     */
    List<TagInfo> extract(Task task, Instant now, Consumer<String> problems) {
        List<TagInfo> infos = new ArrayList<>();
        boolean isComplete = task.isRunning() && task.isComplete();
        if (ForeignId.isUsable(task.arn())) {
            TagListBuilder tags = builder(EntityId.ecsTask(task.arn()), now);
            if (task.isRunning()) {
                task(task, tags);
            }
            infos.add(tags.build(isComplete));
        }
        for (Task.Container container : task.containers()) {
            if (ForeignId.isUsable(container.id()) && exclusion(container).isEmpty()) {
                TagListBuilder tags = builder(EntityId.container(container.id()), now);
                if (task.isRunning()) {
                    task(task, tags);
                    container(container, tags, problems);
                }
                infos.add(tags.build(isComplete));
            }
        }
        return infos;
    }

    private TagListBuilder builder(EntityId entity, Instant now) {
        return lists.of(entity).expiry(now.plus(rules.kept));
    }

    /** The rule that leaves a container out; empty for a container that stays. */
    Optional<String> exclusion(Task.Container container) {
        return rules.container
                .exclusion()
                .ruleFor(new ContainerExclusion.Facts(
                        container.image(), List.of(container.name(), container.runtimeName()), container.labels(), ""));
    }

    private void task(Task task, TagListBuilder tags) {
        String cluster = task.clusterName();
        tags.from("Family")
                .low("task_name", task.family())
                .low("task_family", task.family())
                .from("Revision")
                .low("task_version", task.version())
                .from("Cluster")
                .low("cluster_name", cluster)
                .low("ecs_cluster_name", cluster)
                .low("cluster_arn", task.clusterArn())
                .from("ServiceName")
                .low("ecs_service", task.service().toLowerCase(Locale.ROOT))
                .low("service_arn", task.serviceArn())
                .from("AvailabilityZone")
                .low("availability_zone", task.availabilityZone())
                .from("TaskARN")
                .orchestrator("task_arn", task.arn())
                .from("task definition")
                .orchestrator("task_definition_arn", task.definitionArn())
                .from("TaskARN");
        Arn.of(task.arn()).ifPresent(place -> tags.low("region", place.region()).low("aws_account", place.account()));
        if (rules.hasResourceTags) {
            task.resourceTags().forEach(some -> resource(some, tags));
        }
    }

    private void resource(Map<String, String> resourceTags, TagListBuilder tags) {
        resourceTags.forEach((key, value) -> {
            if (!key.startsWith("aws:")) {
                tags.from("AWS tag " + key).low(rules.replacesColons ? key.replace(':', '_') : key, value);
            }
        });
    }

    private void container(Task.Container container, TagListBuilder tags, Consumer<String> problems) {
        tags.from("Name").low("ecs_container_name", container.name());
        if (!rules.isAlone) {
            return;
        }
        tags.from("DockerName")
                .high("container_name", container.runtimeName())
                .from("DockerId")
                .high("container_id", container.id())
                .from("Image");
        if (!container.image().isEmpty() && !container.image().startsWith("sha256:")) {
            ImageName image = ImageName.parse(container.image());
            tags.low("docker_image", image.nameAndTag()).image(image, image.tagOrLatest(container.image()));
        }
        rules.container.labels(container.labels(), tags);
        AutodiscoveryTags.fromLabels(container.labels(), container.id(), tags, problems);
    }
}
