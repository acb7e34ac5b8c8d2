package io.tagger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.testkit.ManualTime;
import io.tagger.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the store. Listeners run on the writer's thread here, so that no test waits. */
class TagStoreTest {
    private static final EntityId C1 = EntityId.container("c1");
    private static final EntityId C2 = EntityId.container("c2");

    private final ManualTime time = new ManualTime();
    private final TagStore store = new TagStore(time.clock(), 8);
    private final Source docker = new Source("docker", CollectorPriority.NODE_RUNTIME);
    private final Source ecs = new Source("ecs", CollectorPriority.NODE_RUNTIME);
    private final Source kubernetes = new Source("kubernetes", CollectorPriority.NODE_ORCHESTRATOR);
    private final RecordingListener listener = new RecordingListener();

    // Following another store.

    @Test
    void put_replacesWhatAllSourcesSaid_atOnce() {
        store.put(
                C1,
                List.of(
                        Reported.of(
                                docker,
                                TagInfo.builder("docker", C1)
                                        .low("a", "1")
                                        .low("d", "1")
                                        .build()),
                        Reported.of(
                                kubernetes,
                                TagInfo.builder("kubernetes", C1).low("a", "2").build())));
        subscribe();
        assertThat(all(C1)).containsExactly("a:2", "d:1");
        assertThat(docker.entities()).isEqualTo(1);
        assertThat(store.find(C1).priority("kubernetes")).isEqualTo(CollectorPriority.NODE_ORCHESTRATOR);

        store.put(
                C1,
                List.of(
                        Reported.of(
                                kubernetes,
                                TagInfo.builder("kubernetes", C1).low("a", "2").build()),
                        Reported.of(
                                ecs,
                                TagInfo.builder("ecs", C1)
                                        .low("a", "3")
                                        .high("e", "1")
                                        .build())));
        assertThat(all(C1)).containsExactly("a:2", "e:1");
        assertThat(store.find(C1).sources()).containsOnlyKeys("kubernetes", "ecs");
        assertThat(docker.entities()).isZero();
        assertThat(listener.events())
                .containsExactly("added container_id://c1", "synced", "modified container_id://c1");
    }

    @Test
    void put_sameAgain_isNoChange() {
        TagInfo info = TagInfo.builder("docker", C1).low("a", "1").build();
        store.put(C1, List.of(Reported.of(docker, info)));
        Snapshot before = store.find(C1);
        store.put(C1, List.of(Reported.of(docker, info)));

        assertThat(store.find(C1)).isSameAs(before);
        assertThat(store.statistics().updates()).isEqualTo(1);
    }

    @Test
    void put_thenRemoved_leavesNothing() {
        subscribe();
        store.put(
                C1,
                List.of(Reported.of(
                        docker, TagInfo.builder("docker", C1).low("a", "1").build())));
        store.put(
                C1,
                List.of(Reported.of(
                        docker, TagInfo.builder("docker", C1).low("a", "2").build())));
        store.remove(C1);
        store.remove(C1);

        assertThat(store.find(C1)).isNull();
        assertThat(store.internals().pooledTags()).isZero();
        assertThat(docker.entities()).isZero();
        assertThat(listener.events())
                .containsExactly(
                        "synced", "added container_id://c1", "modified container_id://c1", "deleted container_id://c1");
    }

    @Test
    void put_nothing_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> store.put(C1, List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.put(C1, List.of(Reported.of(docker, TagInfo.deletion("docker", C1)))));
    }

    // Update.

    @Test
    void update_sameSource_replacesAllItsTags() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1").high("h", "1"));
        push(docker, TagInfo.builder("docker", C1).low("b", "1"));

        assertThat(all(C1)).containsExactly("b:1");
    }

    @Test
    void update_sameAgain_isNoChange() {
        subscribe();
        push(docker, TagInfo.builder("docker", C1).low("a", "1").low("b", "2").standard("env", "x"));
        Snapshot before = store.find(C1);
        push(
                docker,
                TagInfo.builder("docker", C1).standard("env", "x").low("b", "2").low("a", "1"));

        assertThat(store.find(C1)).isSameAs(before);
        assertThat(listener.events()).containsExactly("synced", "added container_id://c1");
        assertThat(store.statistics().updates()).isEqualTo(1);
    }

    @Test
    void update_onlyCompletenessDiffers_isAChange() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1").incomplete());
        assertThat(store.find(C1).complete()).isFalse();
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));

        assertThat(store.find(C1).complete()).isTrue();
        assertThat(store.find(C1).isAnsweredBy(docker)).isTrue();
    }

    @Test
    void update_equalTags_areStoredOnce() {
        push(docker, TagInfo.builder("docker", C1).low("image_name", new String("nginx")));
        push(docker, TagInfo.builder("docker", C2).low("image_name", new String("nginx")));

        assertThat(all(C1).get(0)).isSameAs(all(C2).get(0));
        assertThat(store.internals().pooledTags()).isEqualTo(1);
    }

    @Test
    void prune_whatWasReplaced_isStoredOnceFromThenOn() {
        TagHandle handle = store.handle(C1);
        subscribe();
        push(docker, TagInfo.builder("docker", C1).low("image_tag", "1").high("h", "1"));
        push(docker, TagInfo.builder("docker", C2).low("image_tag", "1").high("h", "2"));
        for (EntityId entity : List.of(C1, C2)) {
            for (int version = 2; version < 5; version++) {
                push(
                        docker,
                        TagInfo.builder("docker", entity)
                                .low("image_tag", "" + version)
                                .high("h", "1"));
            }
        }
        assertThat(all(C1).get(0)).isEqualTo("image_tag:4").isNotSameAs(all(C2).get(0));
        int told = listener.events().size();
        store.prune();

        assertThat(all(C1)).isEqualTo(List.of("image_tag:4", "h:1")).isEqualTo(all(C2));
        assertThat(handle.tags(Cardinality.HIGH)).isEqualTo(all(C1));
        assertThat(all(C1).get(0)).isSameAs(all(C2).get(0));
        assertThat(all(C1).get(1)).isSameAs(all(C2).get(1));
        assertThat(store.internals().pooledTags()).isEqualTo(2);
        assertThat(listener.events()).as("nothing has changed").hasSize(told);
    }

    @Test
    void prune_muchThatWasReplaced_isAllStoredOnce_howeverSmallThePoolWas() {
        TagStore one = new TagStore(time.clock(), 1);
        for (int version = 0; version < 2; version++) {
            List<TagInfo> infos = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                infos.add(TagInfo.builder("docker", EntityId.container("c" + i))
                        .high("h", version == 0 ? "first" + i : "again" + i % 5_000)
                        .build());
            }
            one.update(docker, 1, infos);
        }
        one.prune();

        assertThat(one.internals().pooledTags()).isEqualTo(5_000);
        for (int i = 0; i < 5_000; i++) {
            assertThat(one.lookup(EntityId.container("c" + i), Cardinality.HIGH).get(0))
                    .isSameAs(one.lookup(EntityId.container("c" + (i + 5_000)), Cardinality.HIGH)
                            .get(0));
        }
    }

    @Test
    void pool_tagThatNobodyHolds_isForgotten() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1").standard("env", "x"));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("a", "1").high("h", "1"));
        push(docker, TagInfo.builder("docker", C1).low("b", "1"));
        assertThat(store.internals().pooledTags())
                .as("a:1, h:1; b:1 not before the prune")
                .isEqualTo(2);
        store.prune();
        assertThat(store.internals().pooledTags()).isEqualTo(3);
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.prune();

        assertThat(store.internals().pooledTags()).isZero();
        assertThat(docker.entities()).isZero();
        assertThat(kubernetes.entities()).isZero();
    }

    // Lookup.

    @Test
    void lookup_unknown_isEmpty() {
        assertThat(store.lookup(C1, Cardinality.HIGH)).isEmpty();
        assertThat(store.find("no entity at all")).isNull();
    }

    @Test
    void lookup_theThreeLevels_areViewsOfOneArray() {
        push(
                docker,
                TagInfo.builder("docker", C1)
                        .low("z", "1")
                        .low("a", "1")
                        .orchestrator("m", "1")
                        .high("b", "1"));

        assertThat(store.lookup(C1, Cardinality.LOW)).containsExactly("a:1", "z:1");
        assertThat(store.lookup(C1, Cardinality.ORCHESTRATOR)).containsExactly("a:1", "z:1", "m:1");
        assertThat(store.lookup(C1, Cardinality.HIGH)).containsExactly("a:1", "z:1", "m:1", "b:1");
        assertThat(store.lookup(C1, Cardinality.LOW)).isSameAs(store.lookup(C1, Cardinality.LOW));
    }

    @Test
    void lookup_levelWithoutTagsOfItsOwn_isTheLevelBelow() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));

        assertThat(store.lookup(C1, Cardinality.HIGH)).isSameAs(store.lookup(C1, Cardinality.LOW));
    }

    // Merge.

    @Test
    void merge_nameOfAHigherPriority_isDroppedFromTheLowerOnEveryLevel() {
        push(
                docker,
                TagInfo.builder("docker", C1)
                        .low("image", "docker")
                        .high("name", "docker")
                        .orchestrator("pod", "docker")
                        .low("own", "1"));
        push(
                kubernetes,
                TagInfo.builder("kubernetes", C1)
                        .high("image", "k8s")
                        .low("name", "k8s")
                        .low("pod", "k8s"));

        assertThat(all(C1)).containsExactly("name:k8s", "own:1", "pod:k8s", "image:k8s");
    }

    @Test
    void merge_equalPriority_keepsBothAndFoldsDuplicates() {
        push(docker, TagInfo.builder("docker", C1).low("service", "web").low("same", "1"));
        push(ecs, TagInfo.builder("ecs", C1).low("service", "front").low("same", "1"));

        assertThat(all(C1)).containsExactly("same:1", "service:front", "service:web");
    }

    @Test
    void merge_tagOnTwoLevelsOfEqualPriority_isKeptOnTheLowerOne() {
        push(docker, TagInfo.builder("docker", C1).high("a", "1"));
        push(ecs, TagInfo.builder("ecs", C1).low("a", "1"));

        assertThat(store.lookup(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void merge_standardTags_followTheSameRule() {
        push(docker, TagInfo.builder("docker", C1).standard("env", "docker").standard("service", "web"));
        push(kubernetes, TagInfo.builder("kubernetes", C1).standard("env", "k8s"));

        assertThat(store.find(C1).standard()).containsExactly("env:k8s", "service:web");
    }

    @Test
    void merge_orderOfArrival_doesNotMatter() {
        TagInfo a = TagInfo.builder("docker", C1).low("x", "1").high("y", "1").build();
        TagInfo b = TagInfo.builder("ecs", C1).low("x", "2").high("z", "1").build();
        TagInfo c = TagInfo.builder("kubernetes", C1).low("y", "3").build();
        store.update(docker, 1, List.of(a));
        store.update(ecs, 1, List.of(b));
        store.update(kubernetes, 1, List.of(c));
        TagStore other = new TagStore(time.clock(), 1);
        other.update(kubernetes, 1, List.of(c));
        other.update(ecs, 1, List.of(b));
        other.update(docker, 1, List.of(a));

        assertThat(other.lookup(C1, Cardinality.HIGH)).isEqualTo(all(C1)).containsExactly("x:1", "x:2", "y:3", "z:1");
        assertThat(other.find(C1).hash()).isEqualTo(store.find(C1).hash());
    }

    @Test
    void sources_showWhatEachSaidBeforeTheMerge_highestPriorityFirst() {
        TagInfo low = TagInfo.builder("docker", C1)
                .low("a", "1")
                .standard("env", "x")
                .incomplete()
                .build();
        TagInfo high = TagInfo.builder("kubernetes", C1)
                .low("a", "2")
                .orchestrator("o", "1")
                .high("h", "1")
                .expiry(time.clock().instant().plusSeconds(5))
                .build();
        store.update(docker, 1, List.of(low));
        store.update(kubernetes, 1, List.of(high));

        assertThat(store.find(C1).sources()).containsExactly(Map.entry("kubernetes", high), Map.entry("docker", low));
    }

    @Test
    void hash_isThatOfTheSortedTags() {
        push(docker, TagInfo.builder("docker", C1).high("a", "1").low("b", "2"));
        push(docker, TagInfo.builder("docker", C2).low("a", "1").high("b", "2"));

        // Worked out in Python: h=0xcbf29ce484222325; for b in b'a:1\0b:2\0': h=((h^b)*0x100000001b3)%2**64
        assertThat(store.find(C1).hash())
                .isEqualTo(HASH)
                .isEqualTo(store.find(C2).hash());
    }

    private static final long HASH = 0xd463f8b2d7e2bd9L;

    // Delete and prune.

    @Test
    void delete_isCarriedOutByPrune_withAllSources() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));

        assertThat(all(C1)).containsExactly("a:1", "b:1");
        assertThat(store.prune()).isEqualTo(1);
        assertThat(all(C1)).isEmpty();
        assertThat(store.size()).isZero();
        assertThat(store.prune()).isZero();
    }

    @Test
    void delete_winsOverAnAddOfAnotherSource() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));
        store.prune();

        assertThat(store.find(C1)).isNull();
    }

    @Test
    void delete_ofAnUnknownEntity_winsOverAnAddOfAnotherSource() {
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));
        store.prune();

        assertThat(store.find(C1)).isNull();
    }

    @Test
    void prune_withAGrace_carriesOutTheMarksOfThatAge() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        time.advance(Duration.ofSeconds(200));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C2)));
        time.advance(Duration.ofMillis(99_999));
        assertThat(store.prune(Duration.ofMinutes(5))).isZero();
        assertThat(all(C1)).containsExactly("a:1");

        time.advance(Duration.ofMillis(1));
        assertThat(store.prune(Duration.ofMinutes(5))).isEqualTo(1);
        assertThat(all(C1)).isEmpty();
        assertThat(all(C2)).containsExactly("a:1");
        assertThat(store.prune()).as("an explicit prune carries out every mark").isEqualTo(1);
        assertThat(store.internals().tombstones()).isZero();
    }

    @Test
    void prune_withAGrace_countsFromTheFirstOfRepeatedMarks() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1))); // die
        time.advance(Duration.ofSeconds(299));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1))); // destroy
        time.advance(Duration.ofSeconds(1));

        assertThat(store.prune(Duration.ofMinutes(5))).isEqualTo(1);
    }

    @Test
    void prune_withAGrace_anAddOfTheSameSourceTakesTheMarkBack_anAddOfAnotherDoesNot() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1), TagInfo.deletion("docker", C2)));
        time.advance(Duration.ofSeconds(4)); // a list that was short for 4 s
        store.prune(Duration.ofMinutes(5));
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(kubernetes, TagInfo.builder("kubernetes", C2).low("b", "1"));
        time.advance(Duration.ofMinutes(6));

        assertThat(store.prune(Duration.ofMinutes(5))).isEqualTo(1);
        assertThat(all(C1)).containsExactly("a:1");
        assertThat(store.find(C2)).isNull();
    }

    @Test
    void withdraw_ofAFetchedReport_thatALaterFetchDidNotFind() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            store.apply(
                    ticket,
                    ecs,
                    1,
                    List.of(TagInfo.builder("ecs", C1).low("b", "1").build()));
            store.withdraw(ticket, ecs, C1);
            assertThat(all(C1)).as("the report is newer than the fetch").containsExactly("a:1", "b:1");
        }
        try (Ticket ticket = store.begin()) {
            store.withdraw(ticket, docker, C1);
            assertThat(all(C1)).as("docker pushes its reports").containsExactly("a:1", "b:1");
            store.withdraw(ticket, ecs, C1);
        }
        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void delete_thenAddOfTheSameSource_takesTheMarkBack() {
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));

        assertThat(store.prune()).isZero();
        assertThat(all(C1)).containsExactly("a:1", "b:1");
    }

    @Test
    void delete_byTwoSources_isNotTakenBackByOne() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.update(kubernetes, 1, List.of(TagInfo.deletion("kubernetes", C1)));
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.prune();

        assertThat(store.find(C1)).isNull();
    }

    @Test
    void delete_afterPrune_addBringsTheEntityBack() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.prune();
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));

        assertThat(store.prune()).isZero();
        assertThat(all(C1)).containsExactly("b:1");
    }

    // Late answers.

    @Test
    void fetch_thatBeganBeforeADelete_isRefused_beforeAndAfterThePrune() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket beforePrune = store.begin();
                Ticket afterPrune = store.begin()) {
            store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
            assertThat(fetched(beforePrune, ecs, TagInfo.builder("ecs", C1).low("late", "1")))
                    .containsExactly(C1);
            store.prune();
            store.prune();
            assertThat(fetched(afterPrune, ecs, TagInfo.builder("ecs", C1).low("late", "1")))
                    .containsExactly(C1);
        }
        assertThat(store.find(C1)).isNull();
        assertThat(store.statistics().late()).isEqualTo(2);
    }

    @Test
    void fetch_thatBeganAfterADelete_isTaken() {
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.prune();
        try (Ticket ticket = store.begin()) {
            assertThat(fetched(ticket, ecs, TagInfo.builder("ecs", C1).low("a", "1")))
                    .isEmpty();
        }
        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void fetch_lateForANeighbour_losesOnlyTheNeighbour() {
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            store.update(docker, 1, List.of(TagInfo.deletion("docker", C2)));
            assertThat(store.apply(
                            ticket,
                            ecs,
                            1,
                            List.of(
                                    TagInfo.builder("ecs", C1).low("a", "1").build(),
                                    TagInfo.builder("ecs", C2).low("a", "1").build())))
                    .containsExactly(C2);
        }
        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void fetch_overtakenByAPushOfItsOwnSource_isRefused() {
        try (Ticket ticket = store.begin()) {
            push(docker, TagInfo.builder("docker", C1).low("a", "new"));
            assertThat(fetched(ticket, docker, TagInfo.builder("docker", C1).low("a", "old")))
                    .containsExactly(C1);
        }
        assertThat(all(C1)).containsExactly("a:new");
    }

    @Test
    void fetch_empty_replacesNothing() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            assertThat(fetched(ticket, docker, TagInfo.builder("docker", C1))).isEmpty();
        }
        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void tombstones_areForgottenWhenNoFetchIsOlder() {
        try (Ticket ticket = store.begin()) {
            store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
            store.prune();
            assertThat(store.internals().tombstones()).isEqualTo(1);
            assertThat(ticket).isNotNull();
        }
        store.prune();
        assertThat(store.internals().tombstones()).isZero();
    }

    // Withdrawal and sweep.

    @Test
    void push_withoutTags_withdrawsWhatTheSourceSaid() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("b", "1"));
        push(kubernetes, TagInfo.builder("kubernetes", C1));
        assertThat(all(C1)).containsExactly("a:1");
        push(docker, TagInfo.builder("docker", C1));

        assertThat(store.find(C1)).isNull();
        assertThat(store.internals().pooledTags()).isZero();
    }

    @Test
    void sweep_dropsWhatOnlyEarlierInstancesSaid() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));
        push(kubernetes, TagInfo.builder("kubernetes", C2).low("b", "1"));
        store.update(
                docker, 2, List.of(TagInfo.builder("docker", C2).low("a", "1").build()));
        store.sweep(docker, 2);

        assertThat(store.find(C1)).isNull();
        assertThat(all(C2)).containsExactly("a:1", "b:1");
        assertThat(docker.entities()).isEqualTo(1);
    }

    @Test
    void sweep_takesFetchedTagsWithTheLastThatWerePushed() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            fetched(ticket, ecs, TagInfo.builder("ecs", C1).low("e", "1"));
            fetched(ticket, ecs, TagInfo.builder("ecs", C2).low("e", "1"));
        }
        store.sweep(docker, 2);

        assertThat(store.find(C1)).as("nobody would ever notice its end").isNull();
        assertThat(all(C2)).as("was never anything but fetched").containsExactly("e:1");
    }

    @Test
    void sweep_whatAnEarlierInstanceSaysAfterwards_isIgnored() {
        store.sweep(docker, 2);
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            assertThat(fetched(ticket, docker, TagInfo.builder("docker", C1).low("a", "1")))
                    .containsExactly(C1);
        }
        assertThat(store.find(C1)).isNull();
    }

    @Test
    void sweep_fetchUnderWayOfAnotherSource_isRefusedForWhatWasDropped() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        try (Ticket ticket = store.begin()) {
            store.sweep(docker, 2);
            assertThat(fetched(ticket, ecs, TagInfo.builder("ecs", C1).low("e", "1")))
                    .containsExactly(C1);
        }
        assertThat(store.find(C1)).isNull();
    }

    // Expiry.

    @Test
    void expiry_atTheNextPrune_dropsTheEntry() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(
                ecs,
                TagInfo.builder("ecs", C1)
                        .low("e", "1")
                        .expiry(time.clock().instant().plusSeconds(10)));
        time.advance(Duration.ofSeconds(9));
        assertThat(store.prune()).isZero();
        assertThat(all(C1)).containsExactly("a:1", "e:1");
        time.advance(Duration.ofSeconds(1));
        store.prune();

        assertThat(all(C1)).containsExactly("a:1");
    }

    @Test
    void expiry_ofTheLastEntry_removesTheEntity() {
        subscribe();
        push(
                ecs,
                TagInfo.builder("ecs", C1)
                        .low("e", "1")
                        .expiry(time.clock().instant().plusSeconds(10)));
        time.advance(Duration.ofSeconds(10));

        assertThat(store.prune()).isEqualTo(1);
        assertThat(listener.events()).containsExactly("synced", "added container_id://c1", "deleted container_id://c1");
    }

    @Test
    void expiry_prolonged_holdsLonger_andSilently() {
        subscribe();
        for (int i = 0; i < 5; i++) {
            push(
                    ecs,
                    TagInfo.builder("ecs", C1)
                            .low("e", "1")
                            .expiry(time.clock().instant().plusSeconds(10)));
            time.advance(Duration.ofSeconds(9));
            store.prune();
        }
        assertThat(all(C1)).containsExactly("e:1");
        assertThat(listener.events()).containsExactly("synced", "added container_id://c1");
        time.advance(Duration.ofSeconds(1));
        store.prune();

        assertThat(store.find(C1)).isNull();
    }

    @Test
    void expiry_replacedByAnInfoWithoutOne_holdsForEver() {
        push(
                ecs,
                TagInfo.builder("ecs", C1)
                        .low("e", "1")
                        .expiry(time.clock().instant().plusSeconds(10)));
        push(ecs, TagInfo.builder("ecs", C1).low("e", "2"));
        time.advance(Duration.ofDays(1));
        store.prune();

        assertThat(all(C1)).containsExactly("e:2");
    }

    @Test
    void expiry_shortened_holdsShorter() {
        push(
                ecs,
                TagInfo.builder("ecs", C1)
                        .low("e", "1")
                        .expiry(time.clock().instant().plusSeconds(3_600)));
        push(
                ecs,
                TagInfo.builder("ecs", C1)
                        .low("e", "1")
                        .expiry(time.clock().instant().plusSeconds(10)));
        time.advance(Duration.ofSeconds(10));
        store.prune();

        assertThat(store.find(C1)).isNull();
    }

    @Test
    void expiry_ofTagsThatChangeOften_costsOneTurn() {
        for (int i = 0; i < 1_000; i++) {
            push(
                    ecs,
                    TagInfo.builder("ecs", C1)
                            .low("e", "" + i)
                            .expiry(time.clock().instant().plusSeconds(3_600)));
        }
        assertThat(store.internals().turns()).isEqualTo(1);
        time.advance(Duration.ofHours(1));
        store.prune();

        assertThat(store.find(C1)).isNull();
        assertThat(store.internals().turns()).isZero();
    }

    @Test
    void fetch_thatBeganBeforeItsSourceTookItsWordBack_isRefused() {
        push(docker, TagInfo.builder("docker", C1).low("d", "old"));
        push(kubernetes, TagInfo.builder("kubernetes", C1).low("k", "1"));
        try (Ticket ticket = store.begin()) {
            push(docker, TagInfo.builder("docker", C1));
            assertThat(fetched(ticket, docker, TagInfo.builder("docker", C1).low("d", "old")))
                    .containsExactly(C1);
            assertThat(fetched(ticket, ecs, TagInfo.builder("ecs", C1).low("e", "1")))
                    .as("another source")
                    .isEmpty();
        }
        assertThat(all(C1)).containsExactly("e:1", "k:1");
        store.prune();
        assertThat(store.internals().tombstones()).isZero();
    }

    @Test
    void ticket_thatWasClosed_appliesNothing() {
        Ticket ticket = store.begin();
        ticket.close();

        assertThat(fetched(ticket, ecs, TagInfo.builder("ecs", C1).low("e", "1")))
                .containsExactly(C1);
        assertThat(store.find(C1)).isNull();
    }

    // Handles.

    @Test
    void handle_followsChangeDeletionAndReturn() {
        TagHandle handle = store.handle(C1);
        assertThat(handle.tags(Cardinality.LOW)).isEmpty();
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        assertThat(handle.tags(Cardinality.LOW)).containsExactly("a:1");
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.prune();
        assertThat(handle.tags(Cardinality.LOW)).isEmpty();
        push(docker, TagInfo.builder("docker", C1).low("a", "2"));
        assertThat(handle.tags(Cardinality.LOW)).containsExactly("a:2");
    }

    // Subscriptions in a single thread.

    @Test
    void subscribe_filter_hidesTheRest() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(docker, TagInfo.builder("docker", EntityId.host("h")).low("a", "1"));
        store.subscribe(EntityFilter.prefixes("host"), listener, Runnable::run);
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));

        assertThat(listener.events()).containsExactly("added host://h", "synced");
    }

    @Test
    void subscribe_closed_isToldNothingAnyMore() {
        var subscription = store.subscribe(EntityFilter.all(), listener, Runnable::run);
        subscription.close();
        subscription.close();
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));

        assertThat(listener.events()).containsExactly("synced");
        assertThat(store.statistics().subscriptions()).isZero();
    }

    @Test
    void subscribe_changesOfOneEntity_foldWhileNobodyReads() {
        push(docker, TagInfo.builder("docker", EntityId.container("stays")).low("v", "1"));
        push(docker, TagInfo.builder("docker", EntityId.container("goes")).low("v", "1"));
        push(docker, TagInfo.builder("docker", EntityId.container("returns")).low("v", "1"));
        var subscription = (TagSubscription) store.subscribe(EntityFilter.all(), listener, Runnable::run);
        subscription.pause();
        for (int i = 0; i < 100; i++) {
            push(docker, TagInfo.builder("docker", EntityId.container("stays")).low("v", "" + i));
            push(docker, TagInfo.builder("docker", EntityId.container("new")).low("v", "" + i));
        }
        push(docker, TagInfo.builder("docker", EntityId.container("brief")).low("v", "1"));
        store.update(
                docker,
                1,
                List.of(
                        TagInfo.deletion("docker", EntityId.container("brief")),
                        TagInfo.deletion("docker", EntityId.container("goes")),
                        TagInfo.deletion("docker", EntityId.container("returns"))));
        store.prune();
        push(docker, TagInfo.builder("docker", EntityId.container("returns")).low("v", "2"));
        assertThat(subscription.pending()).isEqualTo(4);
        subscription.resume();

        assertThat(listener.events().subList(4, 8))
                .containsExactlyInAnyOrder(
                        "modified container_id://stays",
                        "added container_id://new",
                        "deleted container_id://goes",
                        "modified container_id://returns");
        assertThat(listener.broken()).isEmpty();
        assertThat(listener.replica()).isEqualTo(Contents.of(store));
    }

    @Test
    void subscribe_listenerThatThrows_isToldTheNextEventAllTheSame() {
        store.subscribe(EntityFilter.all(), new ThrowingListener(listener), Runnable::run);
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        push(docker, TagInfo.builder("docker", C2).low("a", "1"));

        assertThat(listener.events()).containsExactly("synced", "added container_id://c1", "added container_id://c2");
    }

    // Bounds.

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_537, Integer.MAX_VALUE})
    void stripes_outOfBounds_areRefused(int stripes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TagStore(time.clock(), stripes))
                .withMessageContaining(String.valueOf(stripes));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64, 65_536})
    void stripes_anyNumber_giveTheSameAnswers(int stripes) {
        TagStore other = new TagStore(time.clock(), stripes);
        for (int i = 0; i < 100; i++) {
            other.update(
                    docker,
                    1,
                    List.of(TagInfo.builder("docker", EntityId.container("c" + i))
                            .low("i", "" + i)
                            .build()));
        }
        assertThat(other.size()).isEqualTo(100);
        assertThat(other.lookup(EntityId.container("c7"), Cardinality.LOW)).containsExactly("i:7");
        assertThat(other.list(EntityFilter.all())).hasSize(100);
    }

    private void subscribe() {
        store.subscribe(EntityFilter.all(), listener, Runnable::run);
    }

    private void push(Source source, TagInfo.Builder info) {
        store.update(source, 1, List.of(info.build()));
    }

    private Set<EntityId> fetched(Ticket ticket, Source source, TagInfo.Builder info) {
        return store.apply(ticket, source, 1, List.of(info.build()));
    }

    private List<String> all(EntityId entity) {
        return store.lookup(entity, Cardinality.HIGH);
    }

    @Test
    void subscribe_moreThanHaveABitOfTheirOwn_allAreToldEverything() {
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        List<RecordingListener> listeners = new ArrayList<>();
        List<Subscription> all = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            listeners.add(new RecordingListener());
            all.add(store.subscribe(EntityFilter.all(), listeners.get(i), Runnable::run));
        }
        push(docker, TagInfo.builder("docker", C1).low("a", "2"));
        push(docker, TagInfo.builder("docker", C1).low("a", "3"));

        assertThat(listeners).allSatisfy(each -> assertThat(each.events())
                .containsExactly(
                        "added container_id://c1",
                        "synced",
                        "modified container_id://c1",
                        "modified container_id://c1"));
        all.forEach(Subscription::close);
    }

    @Test
    void subscribe_inThePlaceOfAClosedOneThatWasStuck_isToldEverything() {
        List<Runnable> stuck = new ArrayList<>();
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        store.subscribe(EntityFilter.all(), new RecordingListener(), stuck::add).close();
        assertThat(stuck).hasSize(1);
        subscribe();
        push(docker, TagInfo.builder("docker", C1).low("a", "2"));

        assertThat(listener.events())
                .containsExactly("added container_id://c1", "synced", "modified container_id://c1");
    }

    @Test
    void subscribe_changesWhileItIsStuck_areToldAsTheLastOne() {
        List<Runnable> tasks = new ArrayList<>();
        store.subscribe(EntityFilter.all(), listener, tasks::add);
        tasks.remove(0).run();
        for (int i = 1; i < 5; i++) {
            push(docker, TagInfo.builder("docker", C1).low("a", "" + i));
        }
        store.prune(); // replaces the snapshot
        assertThat(tasks).hasSize(1);
        tasks.remove(0).run();
        assertThat(listener.events()).containsExactly("synced", "added container_id://c1");
        assertThat(listener.replica().get(C1.toString())).containsExactly("a:4");
        push(docker, TagInfo.builder("docker", C1).low("a", "5"));
        tasks.remove(0).run();
        assertThat(listener.replica().get(C1.toString())).containsExactly("a:5");
    }

    @Test
    void subscribe_executorThatFails_isTriedAgainAtTheNextChange() {
        List<Throwable> failures =
                new ArrayList<>(List.of(new OutOfMemoryError("no thread"), new IllegalStateException()));
        store.subscribe(EntityFilter.all(), listener, task -> {
            if (!failures.isEmpty()) {
                sneak(failures.remove(0));
            }
            task.run();
        });
        push(docker, TagInfo.builder("docker", C1).low("a", "1"));
        assertThat(listener.events()).isEmpty();
        push(docker, TagInfo.builder("docker", C1).low("a", "2"));
        assertThat(listener.events()).containsExactly("synced", "added container_id://c1");
    }

    private static void sneak(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    /** Passes on, then throws. */
    private record ThrowingListener(RecordingListener to) implements TagListener {
        @Override
        public void added(EntityTags tags) {
            to.added(tags);
            throw new StackOverflowError("a listener's own fault");
        }

        @Override
        public void modified(EntityTags tags) {
            to.modified(tags);
        }

        @Override
        public void deleted(EntityId entity) {
            to.deleted(entity);
        }

        @Override
        public void synced() {
            to.synced();
        }
    }

    @Test
    void update_withMoreNewTagsThanThePoolHasRoomFor_isTakenWhole() {
        for (int round = 0; round < 3; round++) {
            TagInfo.Builder info = TagInfo.builder("docker", C1);
            for (int i = 0; i < 2_000; i++) {
                info.low("low", round + "-" + i).high("high", round + "-" + i);
            }
            store.update(docker, 1, List.of(info.build()));
            assertThat(store.lookup(C1, Cardinality.HIGH)).hasSize(4_000).contains("low:" + round + "-1999");
        }
        store.update(docker, 1, List.of(TagInfo.deletion("docker", C1)));
        store.prune();
        assertThat(store.internals().pooledTags()).isZero();
    }

    @Test
    void update_withAnExpiryBeyondMilliseconds_holdsForEverOrNotAtAll() {
        store.update(
                docker,
                1,
                List.of(
                        TagInfo.builder("docker", C1)
                                .low("a", "1")
                                .expiry(Instant.MAX)
                                .build(),
                        TagInfo.builder("docker", C2)
                                .low("a", "1")
                                .expiry(Instant.MIN)
                                .build()));
        store.prune();
        assertThat(store.lookup(C1, Cardinality.LOW)).containsExactly("a:1");
        assertThat(store.lookup(C2, Cardinality.LOW)).isEmpty();
    }
}
