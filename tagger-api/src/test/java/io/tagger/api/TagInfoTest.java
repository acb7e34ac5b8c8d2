package io.tagger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** TAGS.md, section 1. */
class TagInfoTest {
    private static final EntityId ENTITY = EntityId.container("c");

    @Test
    void build_emptyNamesAndValues_areSkipped() {
        TagInfo info = builder()
                .low("", "v")
                .low("n", "")
                .high("", "")
                .auto("+", "v")
                .auto("", "v")
                .standard("env", "")
                .build();

        assertThat(info.isEmpty()).isTrue();
        assertThat(info.standard()).isEmpty();
    }

    @Test
    void build_orderAndRepetition_doNotMatter() {
        TagInfo one = builder()
                .low("b", "2")
                .low("a", "1")
                .low("b", "2")
                .high("h", "1")
                .build();
        TagInfo two = builder().high("h", "1").low("a", "1").low("b", "2").build();

        assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
        assertThat(one.low()).containsExactly("a:1", "b:2");
    }

    @Test
    void auto_plus_isHighWithoutThePlus() {
        TagInfo info = builder()
                .auto("+team", "x")
                .auto("tier", "y")
                .auto("++odd", "z")
                .build();

        assertThat(info.high()).containsExactly("+odd:z", "team:x");
        assertThat(info.low()).containsExactly("tier:y");
    }

    @Test
    void standard_isLowToo() {
        TagInfo info = builder().standard("env", "prod").build();

        assertThat(info.standard()).containsExactly("env:prod");
        assertThat(info.low()).containsExactly("env:prod");
    }

    @Test
    void namesAndValues_areKeptAsTheyAre() {
        TagInfo info = builder().low(" Name ", " Va:lue\n").build();

        assertThat(info.low()).containsExactly(" Name : Va:lue\n");
    }

    @Test
    void build_sameTagOnTwoLevels_isKeptOnTheLowerOne() {
        TagInfo info = builder()
                .high("a", "1")
                .orchestrator("a", "1")
                .orchestrator("b", "1")
                .high("b", "1")
                .low("a", "1")
                .build();

        assertThat(info.low()).containsExactly("a:1");
        assertThat(info.orchestrator()).containsExactly("b:1");
        assertThat(info.high()).isEmpty();
    }

    @Test
    void tags_readyMade_needANameAndAValue() {
        TagInfo info = builder()
                .tags(Cardinality.LOW, List.of("a:1", "none", ":x", "x:", "b:c:d"))
                .tags(Cardinality.ORCHESTRATOR, List.of("o:1"))
                .tags(Cardinality.HIGH, List.of("h:1"))
                .build();

        assertThat(info.low()).containsExactly("a:1", "b:c:d");
        assertThat(info.orchestrator()).containsExactly("o:1");
        assertThat(info.high()).containsExactly("h:1");
    }

    @Test
    void build_again_isIndependentOfWhatFollows() {
        TagInfo.Builder builder = builder().low("a", "1");
        TagInfo first = builder.build();
        TagInfo second =
                builder.low("b", "1").incomplete().expiry(Instant.EPOCH).build();

        assertThat(first.low()).containsExactly("a:1");
        assertThat(first.complete()).isTrue();
        assertThat(first.expiry()).isEmpty();
        assertThat(second.low()).containsExactly("a:1", "b:1");
        assertThat(second.complete()).isFalse();
        assertThat(second.expiry()).contains(Instant.EPOCH);
        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void lists_areUnmodifiable() {
        TagInfo info = builder().low("a", "1").build();

        assertThatThrownBy(() -> info.low().add("x:y")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void deletion_saysSo() {
        TagInfo info = TagInfo.deletion("docker", ENTITY);

        assertThat(info.deleteEntity()).isTrue();
        assertThat(info)
                .hasToString("docker deletes container_id://c")
                .isNotEqualTo(builder().build());
    }

    @Test
    void null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> TagInfo.builder("docker", null));
        assertThatNullPointerException().isThrownBy(() -> TagInfo.builder(null, ENTITY));
        assertThatNullPointerException().isThrownBy(() -> builder().low(null, "a"));
    }

    @Test
    void value_nullOrEmpty_isLeftOut() {
        TagInfo info = builder()
                .low("a", null)
                .orchestrator("b", "")
                .high("c", null)
                .standard("env", null)
                .low("d", "1")
                .build();

        assertThat(info).isEqualTo(builder().low("d", "1").build());
    }

    private static TagInfo.Builder builder() {
        return TagInfo.builder("docker", ENTITY);
    }
}
