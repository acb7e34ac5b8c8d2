package io.tagger.runtime.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.Explanation;
import io.tagger.api.Explanation.Origin;
import io.tagger.api.Provenance;
import io.tagger.api.TagInfo;
import io.tagger.store.NameRules;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The sentences about a tag, for the set-ups in which tags are missing. */
class ExplainerTest {
    private static final EntityId WEB = EntityId.container("web");
    private static final String LABELS = "tagger.container.labels-as-tags";

    private final TagStore store = new TagStore(Clock.systemUTC(), 1);
    private final List<Explanation.Source> sources = new ArrayList<>();

    private Provenance.Builder docker(TagInfo.Builder info) {
        store.update(store.source("docker", CollectorPriority.NODE_RUNTIME), 1, List.of(info.build()));
        return new Provenance.Builder();
    }

    private void answered(String name, Provenance provenance) {
        sources.add(
                new Explanation.Source(name, CollectorPriority.NODE_RUNTIME, "has reported tags", true, provenance));
    }

    private Explanation explain(String name) {
        return new Explainer(WEB, store.find(WEB), sources, store.names()).explain(name);
    }

    private static Provenance.Seen label(String name) {
        return new Provenance.Seen("label", name, LABELS, "");
    }

    private static Provenance.Rule rule(String pattern, String tags) {
        return new Provenance.Rule(LABELS, "label", pattern, tags);
    }

    @Test
    void tag_hasItsFieldAndRule() {
        answered(
                "docker",
                docker(TagInfo.builder("docker", WEB).low("team", "core"))
                        .tag(new Provenance.Tag(
                                "team:core", Cardinality.LOW, "label com.acme.team", LABELS + " \"com.acme.*\""))
                        .build());

        Explanation explanation = explain("team");

        assertThat(explanation.tags()).singleElement().satisfies(tag -> {
            assertThat(tag.tag()).isEqualTo("team:core");
            assertThat(tag.level()).isEqualTo(Cardinality.LOW);
            assertThat(tag.origins())
                    .containsExactly(new Origin("docker", "label com.acme.team", LABELS + " \"com.acme.*\""));
        });
        assertThat(explanation.findings())
                .containsExactly("team:core comes from docker, label com.acme.team by " + LABELS + " \"com.acme.*\"");
    }

    @Test
    void value_thatLost_namesTheWinnerAndThePriorities() {
        answered(
                "docker",
                docker(TagInfo.builder("docker", WEB).low("team", "old")).build());
        store.update(
                store.source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR),
                1,
                List.of(TagInfo.builder("kubernetes", WEB).low("team", "core").build()));

        Explanation explanation = explain("");

        assertThat(explanation.tags()).extracting(Explanation.Tag::tag).containsExactly("team:core");
        assertThat(explanation.lost()).singleElement().satisfies(lost -> {
            assertThat(lost.tag()).isEqualTo("team:old");
            assertThat(lost.origin().source()).isEqualTo("docker");
            assertThat(lost.why())
                    .isEqualTo("kubernetes sets team, and its priority NODE_ORCHESTRATOR is above NODE_RUNTIME");
        });
    }

    @Test
    void droppedAndRenamedTags_nameTheSetting() {
        answered(
                "docker",
                docker(TagInfo.builder("docker", WEB).low("image_id", "1").low("squad", "core"))
                        .build());
        store.serve(new NameRules(Set.of("image_id")::contains, Map.of("squad", "team")));

        assertThat(explain("image_id").findings())
                .containsExactly("image_id:1 of docker is not served: dropped by tagger.tag-names.drop");
        assertThat(explain("squad").findings()).containsExactly("squad is served as team, by tagger.tag-names.rename");
        assertThat(explain("team").findings())
                .containsExactly("team:core comes from docker by tagger.tag-names.rename { squad = team }");
    }

    /** What the collector docker tells about a container with a name of an image alone. */
    private Provenance.Builder web() {
        return docker(TagInfo.builder("docker", WEB).low("image_name", "web"));
    }

    @Test
    void rule_thatMissesItsLabel_namesTheNearest() {
        answered("docker", web().seen(label("Team")).rule(rule("team ", "team")).build());

        assertThat(explain("team").findings())
                .containsExactly("docker: " + LABELS
                        + " \"team \" makes team from a label that is not there: the nearest is \"Team\", and the rule has a"
                        + " space: write \"Team\"");
    }

    @Test
    void rule_withATypingError_namesTheNearest() {
        answered(
                "docker",
                web().seen(label("com.acme.team"))
                        .rule(rule("com.acme.taem", "team"))
                        .build());

        assertThat(explain("team").findings()).singleElement().asString().endsWith("the nearest is \"com.acme.team\"");
    }

    @Test
    void label_withoutARule_namesTheSettingToWrite() {
        answered(
                "docker",
                web().seen(label("com.acme.team")).seen(label("maintainer")).build());

        assertThat(explain("team").findings())
                .containsExactly("docker: label \"com.acme.team\" is there, and no rule reads it: set " + LABELS
                        + " { \"com.acme.team\" = team }");
    }

    @Test
    void emptyLabel_makesNoTag() {
        answered("docker", web().seen(label("team")).rule(rule("team", "team")).build());

        assertThat(explain("team").findings()).singleElement().asString().contains("label team has no value");
    }

    @Test
    void secret_namesTheRuleThatDoesNotApply() {
        answered(
                "docker",
                web().seen(new Provenance.Seen("variable", "API_TOKEN", "env-as-tags", "it is a secret"))
                        .build());

        assertThat(explain("api_token").findings()).containsExactly("docker: variable API_TOKEN: it is a secret");
    }

    @Test
    void tagOfAnotherSpelling_isNamed() {
        answered(
                "docker",
                docker(TagInfo.builder("docker", WEB).low("Team", "core")).build());

        assertThat(explain("team").findings()).containsExactly("there is a tag Team: names of tags are case-sensitive");
    }

    @Test
    void unknownEntity_hasTheAnswerOfEachCollector_andItsNotes() {
        sources.add(new Explanation.Source(
                "docker",
                CollectorPriority.NODE_RUNTIME,
                "does not know the entity",
                true,
                new Provenance.Builder()
                        .note("the container is left out by the rule")
                        .build()));
        sources.add(new Explanation.Source(
                "kubernetes",
                CollectorPriority.NODE_ORCHESTRATOR,
                "was not asked, because it is waiting: refused",
                false,
                Provenance.NONE));

        Explanation explanation = explain("team");

        assertThat(explanation.complete()).isFalse();
        assertThat(explanation.findings())
                .containsExactly(
                        "whether a label, annotation or variable makes a tag team is not known before kubernetes answers",
                        "no collector has tags of container_id://web",
                        "docker: the container is left out by the rule",
                        "incomplete: kubernetes was not asked, because it is waiting: refused; tagger doctor has the next"
                                + " step");
    }
}
