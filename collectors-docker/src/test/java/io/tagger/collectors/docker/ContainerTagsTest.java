package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.collectors.common.ContainerRules;
import io.tagger.collectors.common.MappingRules;
import io.tagger.collectors.docker.ImageNames.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** TAGS.md, sections 2 and 3. */
class ContainerTagsTest {
    private static final String DIGEST = "sha256:5bef08742407efd622d243692b79ba0055383bbce12900324f75e56f589aedb0";

    private final List<String> problems = new ArrayList<>();

    @Test
    void extract_plainContainer_hasNameIdAndImage() {
        TagInfo info = extract(container("org/web:1.2", Map.of(), List.of()), "org/web:1.2");

        assertThat(info)
                .isEqualTo(TagInfo.builder("docker", EntityId.container("c1"))
                        .high("container_name", "some-name")
                        .high("container_id", "c1")
                        .low("image_id", DIGEST)
                        .low("docker_image", "org/web:1.2")
                        .low("image_name", "org/web")
                        .low("short_image", "web")
                        .low("image_tag", "1.2")
                        .build());
    }

    @Test
    void extract_imageWithoutTag_getsNoTagTag() {
        assertThat(extract(container("org/web", Map.of(), List.of()), "org/web").low())
                .containsExactly("docker_image:org/web", "image_id:" + DIGEST, "image_name:org/web", "short_image:web");
    }

    @Test
    void extract_onlyAnIdIsKnown_isTheDockerImage() {
        assertThat(extract(container(DIGEST, Map.of(), List.of()), DIGEST).low())
                .containsExactlyInAnyOrder("docker_image:" + DIGEST, "image_id:" + DIGEST);
        assertThat(extract(container("", Map.of(), List.of()), "").low()).containsExactly("image_id:" + DIGEST);
    }

    @Test
    void extract_imageIdThatIsAName_isNoImageId() {
        DockerContainer ofOldPodman =
                new DockerContainer("c1", "web", "org/web:1.2", "docker.io/org/web:1.2", Map.of(), List.of());

        assertThat(extract(ofOldPodman, "org/web:1.2").low())
                .noneMatch(tag -> tag.startsWith("image_id:"))
                .contains("image_name:org/web");
        DockerContainer ofPodman =
                new DockerContainer("c1", "web", "org/web:1.2", DIGEST.substring(7), Map.of(), List.of());
        assertThat(extract(ofPodman, "org/web:1.2").low()).contains("image_id:" + DIGEST.substring(7));
    }

    @Test
    void extract_unknownImageNameOrNoInspection_isIncomplete() {
        DockerContainer container = container("org/web", Map.of(), List.of());

        assertThat(tags().extract(container, new Image("org/web", true), true, problems::add)
                        .complete())
                .isTrue();
        assertThat(tags().extract(container, new Image("org/web", false), true, problems::add)
                        .complete())
                .isFalse();
        assertThat(tags().extract(container, new Image("org/web", true), false, problems::add)
                        .complete())
                .isFalse();
    }

    @Test
    void extract_labelsAndEnvironment_builtInAndCustom() {
        TagInfo info = extract(
                container(
                        "web",
                        Map.of("com.datadoghq.tags.service", "web", "com.acme.tier", "front"),
                        List.of("DD_ENV=prod", "TEAM=core")),
                "web");

        assertThat(info.low()).contains("service:web", "env:prod", "tier:front");
        assertThat(info.standard()).containsExactly("env:prod", "service:web");
        assertThat(info.high()).contains("squad:core");
    }

    @Test
    void extract_autodiscoveryLabel_isHigh() {
        TagInfo info =
                extract(container("web", Map.of("com.datadoghq.ad.tags", "[\"a:b\",\"nocolon\"]"), List.of()), "web");

        assertThat(info.high()).containsExactly("a:b", "container_id:c1", "container_name:some-name");
        assertThat(problems).isEmpty();
    }

    @Test
    void extract_invalidAutodiscoveryLabel_isReported_andTheRestIsThere() {
        TagInfo info = extract(container("web", Map.of("com.datadoghq.ad.tags", "{not json"), List.of()), "web");

        assertThat(info.low()).contains("image_name:web");
        assertThat(problems).singleElement().asString().contains("c1").contains("com.datadoghq.ad.tags");
    }

    @Test
    void extract_labelsWithNewlinesAndAMegabyte_areKeptAsTheyAre() {
        String huge = "x".repeat(1 << 20);
        TagInfo info = extract(
                container("web", Map.of("com.acme.tier", "a\nb", "com.acme.huge", huge), List.of("NOEQUALS")), "web");

        assertThat(info.low()).contains("tier:a\nb", "huge:" + huge);
    }

    private static DockerContainer container(String image, Map<String, String> labels, List<String> environment) {
        return new DockerContainer("c1", "/some-name", image, DIGEST, labels, environment);
    }

    private TagInfo extract(DockerContainer container, String image) {
        return tags().extract(container, new Image(image, true), true, problems::add);
    }

    private static ContainerTags tags() {
        ContainerRules rules = new ContainerRules(
                MappingRules.of("labels", Map.of("com.acme.tier", "tier", "com.acme.huge", "huge")),
                MappingRules.of("environment", Map.of("team", "+squad")));
        return new ContainerTags("docker", rules, Map.of());
    }
}
