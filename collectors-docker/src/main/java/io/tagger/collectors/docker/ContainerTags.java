package io.tagger.collectors.docker;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import java.util.Map;
import java.util.function.Consumer;

/** The rules from a container to tags; pure functions. */
final class ContainerTags {
    private final String source;
    private final ContainerRules rules;
    private final Map<String, String> separators;

    ContainerTags(String source, ContainerRules rules, Map<String, String> separators) {
        this.source = source;
        this.rules = rules;
        this.separators = separators;
    }

    /**
     * Extracts the tags.
     *
     * @param container the container
     * @param image the name of the container's image
     * @param isWhole false if the container was not inspected, so that fields may be missing
     * @param problems receives the problems of invalid values
     */
    TagInfo extract(DockerContainer container, ImageNames.Image image, boolean isWhole, Consumer<String> problems) {
        TagListBuilder tags = new TagListBuilder(source, EntityId.container(container.id()), separators);
        String name = container.name();
        tags.high("container_name", name.startsWith("/") ? name.substring(1) : name);
        tags.high("container_id", container.id());
        if (ImageReference.isId(container.imageId())) {
            tags.low("image_id", container.imageId());
        }
        image(image.name(), tags);
        rules.labels(container.labels(), tags);
        rules.environment(container.environment(), tags);
        AutodiscoveryTags.fromLabels(container.labels(), container.id(), tags, problems);
        return tags.build(isWhole && image.isKnown());
    }

    private static void image(String name, TagListBuilder tags) {
        if (name.isEmpty() || ImageReference.isId(name)) {
            tags.low("docker_image", name);
        } else {
            ImageName image = ImageName.parse(name);
            tags.low("docker_image", image.nameAndTag()).image(image, image.tag());
        }
    }
}
