package io.tagger.collectors.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TAGS.md, section 2. */
class ImageNameTest {
    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                "alpine, alpine, '', alpine, ''",
                "nginx:latest, nginx, '', nginx, latest",
                "datadog/docker-dd-agent:latest-jmx, datadog/docker-dd-agent, '', docker-dd-agent, latest-jmx",
                "org/redis:latest@sha256:5bef08742407efd622d243692b79ba0055383bbce12900324f75e56f589aedb0, org/redis, '', redis, latest",
                "myregistry.local:5000/testing/test-image:version, myregistry.local:5000/testing/test-image, myregistry.local:5000, test-image, version",
                "myregistry.local:5000/test-image, myregistry.local:5000/test-image, '', test-image, ''",
                "myregistry.local:5000/a/b/c@sha256:00, myregistry.local:5000/a/b/c, myregistry.local:5000, c, ''",
                "alpine:, alpine, '', alpine, ''"
            })
    void parse_takesApart(String reference, String longName, String registry, String shortName, String tag) {
        assertThat(ImageName.parse(reference)).isEqualTo(new ImageName(longName, registry, shortName, tag));
    }

    @Test
    void parse_empty_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageName.parse(""))
                .withMessage("empty image name");
    }

    @Test
    void parse_digest_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageName.parse("sha256:5bef08"))
                .withMessageContaining("sha256:5bef08")
                .withMessageContaining("digest");
    }

    @Test
    void nameAndTag_withoutTag_isTheName() {
        assertThat(ImageName.parse("a/b").nameAndTag()).isEqualTo("a/b");
        assertThat(ImageName.parse("a/b:c").nameAndTag()).isEqualTo("a/b:c");
    }
}
