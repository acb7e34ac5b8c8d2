package io.tagger.collectors.docker;

import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.AutodiscoveryTags;
import io.tagger.collectors.common.ContainerExclusion;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.ImageName;
import io.tagger.collectors.common.TagListBuilder;
import io.tagger.collectors.common.TagLists;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The rules from a container to tags; pure functions. */
final class ContainerTags {
    private final TagLists lists;
    private final ContainerRules rules;

    ContainerTags(String source, ContainerRules rules, Map<String, String> separators) {
        this(new TagLists(source, separators), rules);
    }

    private ContainerTags(TagLists lists, ContainerRules rules) {
        this.lists = lists;
        this.rules = rules;
    }

    /** The same rules, with a note of the origin of each tag of one entity. */
    ContainerTags explaining(EntityId entity, Provenance.Builder origins) {
        return new ContainerTags(lists.explaining(entity, origins), rules);
    }

    /** The rule that leaves a container out; empty for a container that stays. */
    Optional<String> exclusion(DockerContainer container, ImageNames.Image image) {
        return rules.exclusion()
                .ruleFor(ContainerExclusion.Facts.ofRuntime(image.name(), name(container), container.labels()));
    }

    private static String name(DockerContainer container) {
        String name = container.name();
        return name.startsWith("/") ? name.substring(1) : name;
    }

    /**
     * Extracts the tags; none of a container that the rules leave out.
     *
     * @param container the container
     * @param image the name of the container's image
     * @param isWhole false if the container was not inspected, so that fields may be missing
     * @param problems receives the problems of invalid values
     */
    TagInfo extract(DockerContainer container, ImageNames.Image image, boolean isWhole, Consumer<String> problems) {
        TagListBuilder tags = lists.of(EntityId.container(container.id()));
        if (exclusion(container, image).isPresent()) {
            return tags.build(); // withdraws what was reported before
        }
        tags.from("Name").high("container_name", name(container));
        tags.from("Id").high("container_id", container.id());
        if (ImageReference.isId(container.imageId())) {
            tags.from("Image").low("image_id", container.imageId());
        }
        image(image.name(), tags.from("Config.Image"));
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
