package io.tagger.collectors.containerd;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The rules from a container to tags, TAGS.md section 3; pure functions. */
final class ContainerdTags {
    private static final String DIGEST = "sha256:";

    /** The name given with {@code nerdctl run --name}; containerd itself knows no names. */
    private static final String NAME = "nerdctl/name";

    private final ContainerRules rules;
    private final Map<String, String> separators;

    ContainerdTags(ContainerRules rules, Map<String, String> separators) {
        this.rules = rules;
        this.separators = separators;
    }

    /**
     * Extracts the tags.
     *
     * @param imageId the digest of the image's configuration; empty if there is none, null if not known yet
     * @param problems receives the problems of invalid values
     */
    TagInfo extract(ContainerdContainer container, @Nullable String imageId, Consumer<String> problems) {
        String id = container.key().id();
        TagListBuilder tags = new TagListBuilder(ContainerdCollector.NAME, EntityId.container(id), separators);
        tags.high("container_name", container.labels().getOrDefault(NAME, ""))
                .high("container_id", id)
                .low("image_id", imageId == null ? "" : imageId);
        String name = container.image();
        if (!name.isEmpty() && !name.startsWith(DIGEST)) {
            ImageName image = ImageName.parse(name);
            tags.low("docker_image", image.nameAndTag()).image(image, image.tag());
        }
        rules.labels(container.labels(), tags);
        rules.environment(container.environment(), tags);
        AutodiscoveryTags.fromLabels(container.labels(), id, tags, problems);
        return tags.build(imageId != null);
    }
}
