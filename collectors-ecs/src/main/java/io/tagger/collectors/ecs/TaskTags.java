package io.tagger.collectors.ecs;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** From a task to the tags of the task and of its containers; pure. */
final class TaskTags {
    private static final int REGION = 3;
    private static final int ACCOUNT = 4;

    private final Rules rules;

    /**
     * What is configured, and where we are.
     *
     * @param isAlone whether nobody else can tell of the containers, as on Fargate; on EC2 the docker collector does
     * @param container {@code tagger.container}
     * @param separators tag name to the text at which its values are split
     * @param hasResourceTags {@code collect-resource-tags}
     * @param replacesColons {@code resource-tags-replace-colon}
     */
    record Rules(
            boolean isAlone,
            ContainerRules container,
            Map<String, String> separators,
            boolean hasResourceTags,
            boolean replacesColons) {}

    TaskTags(Rules rules) {
        this.rules = rules;
    }

    /**
     * Extracts the tags of a task, if it has an ARN, and of each of its containers. One that does not run has none yet; that is not complete.
     *
     * @param problems is told of what could not be read
     */
    List<TagInfo> extract(Task task, Consumer<String> problems) {
        List<TagInfo> infos = new ArrayList<>();
        boolean isComplete = task.isRunning() && task.isComplete();
        if (!task.arn().isEmpty()) {
            TagListBuilder tags = builder(EntityId.ecsTask(task.arn()));
            if (task.isRunning()) {
                task(task, tags);
            }
            infos.add(tags.build(isComplete));
        }
        for (Task.Container container : task.containers()) {
            if (!container.id().isEmpty()) {
                TagListBuilder tags = builder(EntityId.container(container.id()));
                if (task.isRunning()) {
                    task(task, tags);
                    container(container, tags, problems);
                }
                infos.add(tags.build(isComplete));
            }
        }
        return infos;
    }

    private TagListBuilder builder(EntityId entity) {
        return new TagListBuilder(EcsCollector.NAME, entity, rules.separators);
    }

    private void task(Task task, TagListBuilder tags) {
        String cluster = lastSegment(task.cluster());
        tags.low("task_name", task.family())
                .low("task_family", task.family())
                .low("task_version", task.version())
                .low("cluster_name", cluster)
                .low("ecs_cluster_name", cluster)
                .low("ecs_service", task.service().toLowerCase(Locale.ROOT))
                .low("availability_zone", task.availabilityZone())
                .orchestrator("task_arn", task.arn());
        if (isArn(task.cluster())) {
            tags.low("cluster_arn", task.cluster());
        }
        if (isArn(task.arn())) {
            String[] fields = task.arn().split(":");
            tags.low("region", field(fields, REGION)).low("aws_account", field(fields, ACCOUNT));
        }
        if (rules.hasResourceTags) {
            resource(task.tags(), tags);
            resource(task.instanceTags(), tags);
        }
    }

    private void resource(Map<String, String> resourceTags, TagListBuilder tags) {
        resourceTags.forEach((key, value) -> {
            if (!key.startsWith("aws:")) {
                tags.low(rules.replacesColons ? key.replace(':', '_') : key, value);
            }
        });
    }

    private void container(Task.Container container, TagListBuilder tags, Consumer<String> problems) {
        tags.low("ecs_container_name", container.name());
        if (!rules.isAlone) {
            return;
        }
        tags.high("container_name", container.runtimeName()).high("container_id", container.id());
        if (!container.image().isEmpty() && !container.image().startsWith("sha256:")) {
            ImageName image = ImageName.parse(container.image());
            tags.low("docker_image", image.nameAndTag())
                    .image(image, image.tag().isEmpty() ? "latest" : image.tag());
        }
        rules.container.labels(container.labels(), tags);
        AutodiscoveryTags.fromLabels(container.labels(), container.id(), tags, problems);
    }

    /** In any partition: {@code arn:aws}, {@code arn:aws-cn}, {@code arn:aws-us-gov}. */
    private static boolean isArn(String text) {
        return text.startsWith("arn:aws");
    }

    private static String field(String[] fields, int index) {
        return index < fields.length ? fields[index] : "";
    }

    private static String lastSegment(String cluster) {
        return cluster.substring(cluster.lastIndexOf('/') + 1);
    }
}
