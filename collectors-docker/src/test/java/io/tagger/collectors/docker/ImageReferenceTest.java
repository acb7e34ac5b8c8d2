package io.tagger.collectors.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TAGS.md, section 2: the name to use for Docker. */
class ImageReferenceTest {
    private static final String HEX = "5bef08742407efd622d243692b79ba0055383bbce12900324f75e56f589aedb0";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "acme/cache                    | false | acme/cache",
                "acme/cache:1.2                | false | acme/cache:1.2",
                "local:5000/acme/cache:1.2     | false | local:5000/acme/cache:1.2",
                "acme/cache:1.2@sha256:" + HEX + " | false | acme/cache:1.2",
                "acme/cache@sha256:" + HEX + " | true  | acme/cache",
                "sha256:" + HEX + "            | true  | ''",
                HEX + "                        | true  | ''",
                "5bef08742407                  | true  | ''",
                "5bef0874240                   | false | 5bef0874240",
                "cafe                          | false | cafe",
                "''                            | true  | ''"
            })
    void reference_isANameOrNeedsAnInspection(String text, boolean needsInspection, String name) {
        assertThat(new ImageReference(text).needsInspection()).isEqualTo(needsInspection);
        assertThat(new ImageReference(text).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // A repository in the reference goes before the alphabet, and before a later 'docker tag'.
                "acme/web@sha256:22 | aaa/web:1,acme/web:2,acme/web:3 | acme/web@sha256:22 | acme/web:2",
                "acme/web@sha256:22 | ci/cache:main                   | acme/web@sha256:22 | acme/web",
                "acme/web@sha256:22 |                                 |                    | acme/web",
                // An id: the first in alphabetical order.
                "sha256:11          | zoo/web:1,acme/web:2            | acme/web@sha256:22 | acme/web:2",
                "sha256:11          | acme/web@sha256:22,zoo/web:1    |                    | zoo/web:1",
                "sha256:11          | <none>:<none>                   | acme/dig@sha256:22 | acme/dig",
                "sha256:11          |                                 | <none>@sha256:22   | ''",
                "''                 | acme/web:2                      |                    | acme/web:2",
                "5bef08742407       |                                 |                    | ''"
            })
    void name_ofAnInspectedImage(String text, String tags, String digests, String name) {
        assertThat(new ImageReference(text).choose(list(tags), list(digests)).orElse(""))
                .isEqualTo(name);
    }

    private static List<String> list(String text) {
        return text == null ? List.of() : Arrays.asList(text.split(","));
    }
}
