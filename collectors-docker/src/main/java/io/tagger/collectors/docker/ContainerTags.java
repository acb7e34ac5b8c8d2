package io.tagger.collectors.docker;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import java.util.Map;
import java.util.function.Consumer;

/** The rules from a container to its tags; pure functions. */
final class ContainerTags {
    private final String source;
    private final ContainerRules rules;
    private final Map<String, String> separators;

    ContainerTags(String source, ContainerRules rules, Map<String, String> separators) {
        this.source = source;
        this.rules = rules;
        this.separators = separators;
    }

    /** Whether the image name given at the container's creation identifies the image for good. */
    static boolean isPinned(String image) {
        return image.contains("@sha256")
                && !image.startsWith("sha256:")
                && !ImageName.parse(image).tag().isEmpty();
    }

    /**
     * Extracts the tags.
     *
     * @param container the container
     * @param resolvedImage the name of the image, or the image's digest if nameless
     * @param problems receives the problems of invalid values
     */
    TagInfo extract(DockerContainer container, String resolvedImage, Consumer<String> problems) {
        TagListBuilder tags = new TagListBuilder(source, EntityId.container(container.id()), separators);
        String name = container.name();
        tags.high("container_name", name.startsWith("/") ? name.substring(1) : name);
        tags.high("container_id", container.id());
        tags.low("image_id", container.imageId());
        image(container, resolvedImage, tags);
        rules.labels(container.labels(), tags);
        rules.environment(container.environment(), tags);
        AutodiscoveryTags.fromLabels(container.labels(), container.id(), tags, problems);
        return tags.build();
    }

    private static void image(DockerContainer container, String resolved, TagListBuilder tags) {
        if (isName(resolved)) {
            ImageName image = ImageName.parse(resolved);
            tags.low("docker_image", image.nameAndTag()).image(image, image.tag());
        } else {
            tags.low("docker_image", resolved);
            if (isName(container.image())) {
                ImageName image = ImageName.parse(container.image());
                tags.image(image, image.tag());
            }
        }
    }

    private static boolean isName(String reference) {
        return !reference.isEmpty() && !reference.startsWith("sha256:");
    }
}
