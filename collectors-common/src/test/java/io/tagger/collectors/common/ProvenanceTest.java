package io.tagger.collectors.common;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityId;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The origins of tags, and the refusal of secrets. */
class ProvenanceTest {
    private static final EntityId WEB = EntityId.container("web");
    private static final String LABELS = "tagger.container.labels-as-tags";
    private static final String VARIABLES = "tagger.container.env-as-tags";

    private final Provenance.Builder origins = new Provenance.Builder();
    private final TagListBuilder tags =
            new TagLists("docker", Map.of()).explaining(WEB, origins).of(WEB);

    @Test
    void tag_hasItsFieldAndItsRule() {
        ContainerRules rules = new ContainerRules(
                MappingRules.of(LABELS, Map.of("com.acme.*", "%%label%%", "team", "+squad")),
                MappingRules.ofVariables(VARIABLES, Map.of("COLOUR", "colour")));

        tags.from("Name").high("container_name", "web");
        rules.labels(
                Map.of("com.acme.tier", "1", "Team", "core", "other", "x", "com.docker.compose.project", "p"), tags);
        rules.environment(List.of("COLOUR=red", "PATH=/bin", "DD_ENV=prod"), tags);
        Provenance found = origins.build();

        assertThat(found.tags())
                .containsExactlyInAnyOrder(
                        new Provenance.Tag("container_name:web", Cardinality.HIGH, "Name", ""),
                        new Provenance.Tag(
                                "com.acme.tier:1", Cardinality.LOW, "label com.acme.tier", LABELS + " \"com.acme.*\""),
                        new Provenance.Tag("squad:core", Cardinality.HIGH, "label Team", LABELS + " \"team\""),
                        new Provenance.Tag(
                                "compose_project:p", Cardinality.LOW, "label com.docker.compose.project", ""),
                        new Provenance.Tag("colour:red", Cardinality.LOW, "variable COLOUR", VARIABLES + " \"COLOUR\""),
                        new Provenance.Tag("env:prod", Cardinality.LOW, "variable DD_ENV", ""));
        assertThat(found.seen())
                .extracting(seen -> seen.kind() + " " + seen.name())
                .contains("label other", "variable PATH");
        assertThat(found.toString()).as("values that no rule selects").doesNotContain("/bin");
        assertThat(found.rules())
                .extracting(rule -> rule.setting() + " " + rule.pattern() + " " + rule.tags())
                .contains(LABELS + " com.acme.* %%label%%", VARIABLES + " COLOUR colour");
    }

    @Test
    void builder_withoutAQuestion_notesNothing() {
        TagListBuilder plain = new TagLists("docker", Map.of()).of(WEB);
        plain.from("Name").high("container_name", "web");

        assertThat(plain.isExplained()).isFalse();
        assertThat(plain.build())
                .isEqualTo(TagInfo.builder("docker", WEB)
                        .high("container_name", "web")
                        .build());
        assertThat(new TagLists("docker", Map.of())
                        .explaining(EntityId.container("other"), origins)
                        .of(WEB)
                        .isExplained())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DB_PASSWORD", "client_secret", "GITHUB_TOKEN", "API_KEY", "KEYBOARD"})
    void secret_isNotTakenByAGlob_butByItsFullName(String name) {
        MappingRules all = MappingRules.ofVariables(VARIABLES, Map.of("*", "%%env%%"));
        all.apply("variable", name, "s3cret", tags);

        assertThat(all.matches(name)).isFalse();
        assertThat(all.matches("COLOUR")).isTrue();
        assertThat(tags.build().isEmpty()).isTrue();
        assertThat(origins.build().seen()).singleElement().satisfies(seen -> assertThat(seen.refusal())
                .contains(VARIABLES + " \"*\" does not apply", "set " + VARIABLES + " { " + name + " = .. }"));

        MappingRules named = MappingRules.ofVariables(VARIABLES, Map.of("*", "%%env%%", name, "it"));
        TagListBuilder more = new TagListBuilder("docker", WEB, Map.of());
        named.apply("variable", name, "s3cret", more);

        assertThat(named.matches(name)).isTrue();
        assertThat(more.build().low()).containsExactly("it:s3cret");
    }

    @Test
    void labels_haveNoSecretNames() {
        assertThat(MappingRules.of(LABELS, Map.of("*", "%%label%%")).matches("com.acme.key"))
                .isTrue();
    }
}
