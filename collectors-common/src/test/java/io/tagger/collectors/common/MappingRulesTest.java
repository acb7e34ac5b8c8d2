package io.tagger.collectors.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TAGS.md, section 7. */
class MappingRulesTest {
    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "foo, foo, foo:bar",
        "foo, prefix_%%label%%, prefix_foo:bar",
        "foo, prefix_%%annotation%%, prefix_foo:bar",
        "foo, prefix_%%env%%, prefix_foo:bar",
        "foo, a%%other%%b, ab:bar",
        "foo, %%%%x, x:bar",
        "fo*, baz, baz:bar",
        "*, %%label%%, foo:bar",
        "FOO, x, x:bar",
        "F*O, x, x:bar",
        "?oo*, x, x:bar",
        "[a-g]oo*, x, x:bar",
        "[!a-e]oo*, x, x:bar",
        "'{foo,bar}*', x, x:bar",
        "f\\oo*, x, x:bar"
    })
    void rule_thatMatches_givesItsTag(String key, String template, String expected) {
        assertThat(apply(Map.of(key, template)).low()).containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fo", "fooo", "f?o", "bar*", "[!f]oo*", "{a,b}*", "*x"})
    void rule_thatDoesNotMatch_givesNothing(String key) {
        assertThat(apply(Map.of(key, "x")).isEmpty()).isTrue();
    }

    @Test
    void list_ofTemplates_isTrimmedAndAllApply() {
        assertThat(apply(Map.of("foo", "foo, app_foo ,, +high")).low()).containsExactly("app_foo:bar", "foo:bar");
        assertThat(apply(Map.of("foo", "foo, +high")).high()).containsExactly("high:bar");
    }

    @Test
    void everyRuleThatMatches_applies() {
        assertThat(apply(Map.of("foo", "exact", "f*", "glob", "*", "any")).low())
                .containsExactly("any:bar", "exact:bar", "glob:bar");
    }

    @Test
    void name_asItWasWritten_fillsTheTemplate() {
        TagListBuilder tags = tags();
        MappingRules.of("rules", Map.of("foo", "%%label%%")).apply("label", "FoO", "bar", tags);

        assertThat(tags.build().low()).containsExactly("FoO:bar");
    }

    @Test
    void star_alsoMatchesSlashesAndDots() {
        TagListBuilder tags = tags();
        MappingRules.of("rules", Map.of("app.*", "%%label%%")).apply("label", "app.kubernetes.io/name", "web", tags);

        assertThat(tags.build().low()).containsExactly("app.kubernetes.io/name:web");
    }

    @Test
    void name_withDollarsAndBackslashes_isTakenLiterally() {
        TagListBuilder tags = tags();
        MappingRules.of("rules", Map.of("*", "%%label%%")).apply("label", "$1\\x", "v", tags);

        assertThat(tags.build().low()).containsExactly("$1\\x:v");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "service", "version"})
    void standardName_isStandard_unlessItIsHigh(String name) {
        assertThat(apply(Map.of("foo", name)).standard()).containsExactly(name + ":bar");
        assertThat(apply(Map.of("foo", name)).low()).containsExactly(name + ":bar");
        assertThat(apply(Map.of("foo", "+" + name)).standard()).isEmpty();
        assertThat(apply(Map.of("foo", "+" + name)).high()).containsExactly(name + ":bar");
        assertThat(apply(Map.of("foo", "x" + name)).standard()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[a*", "{a*", "a*}", "*\\", "[z-a]*"})
    void pattern_thatDoesNotCompile_isAnErrorThatNamesItAndTheSetting(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MappingRules.of("tagger.container.labels-as-tags", Map.of(pattern, "x")))
                .withMessageContaining("tagger.container.labels-as-tags")
                .withMessageContaining("'" + pattern + "'");
    }

    @Test
    void key_writtenWithoutQuotes_isPutTogetherAgain() {
        TagListBuilder tags = tags();
        MappingRules.of("rules", Map.of("com", Map.of("acme", Map.of("team", "team", "tier", "+tier"))))
                .apply("label", "com.acme.team", "core", tags);

        assertThat(tags.build().low()).containsExactly("team:core");
    }

    @Test
    void value_thatIsNoText_isAnErrorThatNamesTheKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MappingRules.of("rules", Map.of("a", Map.of("b", List.of("x")))))
                .withMessageContaining("rules")
                .withMessageContaining("'a.b'");
    }

    private static TagInfo apply(Map<String, String> rules) {
        TagListBuilder tags = tags();
        MappingRules.of("rules", rules).apply("label", "foo", "bar", tags);
        return tags.build();
    }

    private static TagListBuilder tags() {
        return new TagListBuilder("test", EntityId.container("c"), Map.of());
    }
}
