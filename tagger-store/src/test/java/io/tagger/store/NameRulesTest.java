package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Names of tags that are dropped or replaced after the merge. */
class NameRulesTest {
    private static final EntityId WEB = EntityId.container("web");
    private static final EntityId DB = EntityId.container("db");

    private final TagStore store = new TagStore(Clock.systemUTC(), 4);
    private final Source docker = store.source("docker", CollectorPriority.NODE_RUNTIME);
    private final Source kubernetes = store.source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR);

    private static NameRules rules(Set<String> dropped, Map<String, String> renamed) {
        return new NameRules(dropped::contains, renamed);
    }

    private TagInfo.Builder from(Source source, EntityId entity) {
        return TagInfo.builder(source.name(), entity);
    }

    private void put(Source source, TagInfo.Builder info) {
        store.update(source, 1, List.of(info.build()));
    }

    private List<String> all(EntityId entity) {
        return store.lookup(entity, Cardinality.HIGH);
    }

    @Test
    void droppedName_isServedNowhere_andComesBackWithoutTheRule() {
        put(docker, from(docker, WEB).low("team", "core").low("image_id", "1").high("container_name", "web"));
        assertThat(all(WEB)).containsExactly("image_id:1", "team:core", "container_name:web");

        store.serve(rules(Set.of("image_id", "container_name"), Map.of()));

        assertThat(all(WEB)).containsExactly("team:core");
        assertThat(store.find(WEB).sources().get("docker").low()).containsExactly("team:core");
        assertThat(store.find(WEB).bySource().get(0).high()).isEmpty();
        assertThat(store.find(WEB).reported().get(0).high()).containsExactly("container_name:web");

        store.serve(NameRules.NONE);

        assertThat(all(WEB)).containsExactly("image_id:1", "team:core", "container_name:web");
    }

    @Test
    void rule_holdsForLaterReports() {
        store.serve(rules(Set.of("image_id"), Map.of("kube_namespace", "namespace")));

        put(kubernetes, from(kubernetes, WEB).low("kube_namespace", "shop").low("image_id", "1"));

        assertThat(all(WEB)).containsExactly("namespace:shop");
    }

    @Test
    void renaming_comesAfterTheMerge_soThatThePriorityCountsForTheReportedNames() {
        put(kubernetes, from(kubernetes, WEB).low("owner", "ops").low("team", "kube"));
        put(docker, from(docker, WEB).low("squad", "core").low("team", "docker"));

        store.serve(rules(Set.of(), Map.of("squad", "team")));

        assertThat(all(WEB)).containsExactly("owner:ops", "team:core", "team:kube");
        assertThat(Snapshot.of(WEB, reports()).tags(Cardinality.HIGH))
                .as("the merge of the served sources, as a client merges them")
                .containsExactlyElementsOf(all(WEB));
    }

    private List<Reported> reports() {
        return store.find(WEB).sources().values().stream()
                .map(info ->
                        Reported.of(new Source(info.source(), store.find(WEB).priority(info.source())), info))
                .toList();
    }

    @Test
    void renamedTag_staysAtItsLevel_andALowerLevelWins() {
        put(docker, from(docker, WEB).high("a", "1").orchestrator("b", "1").high("c", "2"));

        store.serve(rules(Set.of(), Map.of("a", "b", "c", "b")));

        assertThat(store.lookup(WEB, Cardinality.ORCHESTRATOR)).containsExactly("b:1");
        assertThat(all(WEB)).containsExactly("b:1", "b:2");
    }

    @Test
    void renamedStandardTag_isNoStandardTag() {
        put(docker, from(docker, WEB).standard("env", "prod").standard("service", "shop"));

        store.serve(rules(Set.of(), Map.of("env", "environment")));

        assertThat(store.find(WEB).standard()).containsExactly("service:shop");
        assertThat(all(WEB)).containsExactly("environment:prod", "service:shop");
    }

    @Test
    void entity_withoutAServedTag_isKnown_andHasNoSource() {
        put(docker, from(docker, WEB).low("team", "core"));

        store.serve(rules(Set.of("team"), Map.of()));

        assertThat(all(WEB)).isEmpty();
        assertThat(store.find(WEB).standard()).isEmpty();
        assertThat(store.find(WEB).bySource()).isEmpty();
    }

    @Test
    void subscribers_hearOfTheEntitiesWithOtherTagsAlone() {
        put(docker, from(docker, WEB).low("team", "core").low("image_id", "1"));
        put(docker, from(docker, DB).low("team", "data"));
        List<String> events = new ArrayList<>();
        store.subscribe(
                EntityFilter.all(),
                new TagListener() {
                    @Override
                    public void added(EntityTags tags) {}

                    @Override
                    public void modified(EntityTags tags) {
                        events.add(tags.entity() + " " + tags.tags(Cardinality.HIGH));
                    }

                    @Override
                    public void deleted(EntityId entity) {}

                    @Override
                    public void synced() {}
                },
                Runnable::run);

        store.serve(rules(Set.of("image_id"), Map.of()));
        store.serve(rules(Set.of("image_id", "nothing"), Map.of()));

        assertThat(events).containsExactly("container_id://web [team:core]");
    }
}
