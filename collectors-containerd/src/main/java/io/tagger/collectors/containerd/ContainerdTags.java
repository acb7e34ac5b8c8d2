package io.tagger.collectors.containerd;

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
import org.jspecify.annotations.Nullable;

/** The rules from a container to tags, TAGS.md section 3; pure functions. */
final class ContainerdTags {
    private static final String DIGEST = "sha256:";

    /** The name given with {@code nerdctl run --name}; containerd itself knows no names. */
    private static final String NAME = "nerdctl/name";

    private final TagLists lists;
    private final ContainerRules rules;

    ContainerdTags(ContainerRules rules, Map<String, String> separators) {
        this(new TagLists(ContainerdCollector.NAME, separators), rules);
    }

    private ContainerdTags(TagLists lists, ContainerRules rules) {
        this.lists = lists;
        this.rules = rules;
    }

    /** The same rules, with a note of the origin of each tag of one entity. */
    ContainerdTags explaining(EntityId entity, Provenance.Builder origins) {
        return new ContainerdTags(lists.explaining(entity, origins), rules);
    }

    /** The rule that leaves a container out; empty for a container that stays. */
    Optional<String> exclusion(ContainerdContainer container) {
        return rules.exclusion()
                .ruleFor(ContainerExclusion.Facts.ofRuntime(
                        container.image(), container.labels().getOrDefault(NAME, ""), container.labels()));
    }

    /**
     * Extracts the tags; none of a container that the rules leave out.
     *
     * @param imageId the digest of the image's configuration; empty if there is none, null if not known yet
     * @param problems receives the problems of invalid values
     */
    TagInfo extract(ContainerdContainer container, @Nullable String imageId, Consumer<String> problems) {
        String id = container.key().id();
        TagListBuilder tags = lists.of(EntityId.container(id));
        if (exclusion(container).isPresent()) {
            return tags.build(); // withdraws what was reported before
        }
        tags.from("label " + NAME)
                .high("container_name", container.labels().getOrDefault(NAME, ""))
                .from("id")
                .high("container_id", id)
                .from("image target")
                .low("image_id", imageId == null ? "" : imageId)
                .from("image");
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
