package io.tagger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The promises of every {@link Tagger}, as tests. A subclass makes and closes the tagger, and publishes entities. */
public abstract class TaggerContractTest {
    private static final EntityId CONTAINER = EntityId.container("c1");
    private static final EntityId POD = EntityId.pod("p1");

    /** For subclasses. */
    protected TaggerContractTest() {}

    /**
     * The tagger under test, the same during a whole test, empty at the start.
     *
     * @return the tagger
     */
    protected abstract Tagger tagger();

    /**
     * The source of {@link #publish}.
     *
     * @return the name
     */
    protected abstract String source();

    /**
     * Publishes a report, and returns when the tagger serves the report. A deletion must have been carried out, not
     * only marked.
     *
     * @param info a collector's report
     */
    protected abstract void publish(TagInfo info);

    @Test
    void tag_unknownEntity_isEmpty() {
        assertThat(tagger().tag(CONTAINER, Cardinality.HIGH)).isEmpty();
        assertThat(tagger().cached(CONTAINER, Cardinality.HIGH)).isEmpty();
        assertThat(tagger().standard(CONTAINER)).isEmpty();
        assertThat(tagger().entity(CONTAINER)).isEmpty();
    }

    @Test
    void tag_levels_areCumulativeAndSortedWithinALevel() {
        publish(full(CONTAINER).build());

        assertThat(tagger().tag(CONTAINER, Cardinality.LOW)).containsExactly("a:1", "env:prod", "z:1");
        assertThat(tagger().tag(CONTAINER, Cardinality.ORCHESTRATOR))
                .containsExactly("a:1", "env:prod", "z:1", "pod:1");
        assertThat(tagger().tag(CONTAINER, Cardinality.HIGH))
                .containsExactly("a:1", "env:prod", "z:1", "pod:1", "id:1", "id:2");
        assertThat(tagger().cached(CONTAINER, Cardinality.HIGH)).isEqualTo(tagger().tag(CONTAINER, Cardinality.HIGH));
        assertThat(tagger().standard(CONTAINER)).containsExactly("env:prod");
    }

    @Test
    void tag_text_isTheSameAsTheId() {
        publish(full(CONTAINER).build());

        assertThat(tagger().tag("container_id://c1", Cardinality.LOW))
                .isEqualTo(tagger().tag(CONTAINER, Cardinality.LOW));
    }

    @Test
    void tag_malformedText_isRefusedWithTheText() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tagger().tag("no-entity", Cardinality.LOW))
                .withMessageContaining("no-entity");
    }

    @Test
    void null_isRefusedByEveryMethod_forAKnownAndAnUnknownEntity() {
        EntityId unknown = EntityId.container("unknown");
        publish(full(CONTAINER).build());
        TagListener listener = new RecordingListener();
        List<ThrowingCallable> calls = new ArrayList<>(List.of(
                () -> tagger().tag((EntityId) null, Cardinality.LOW),
                () -> tagger().tag((String) null, Cardinality.LOW),
                () -> tagger().cached(null, Cardinality.LOW),
                () -> tagger().standard(null),
                () -> tagger().handle(null),
                () -> tagger().lookup(null),
                () -> tagger().entity(null),
                () -> tagger().awaitReady(null),
                () -> tagger().awaitComplete(null, Duration.ZERO),
                () -> tagger().awaitComplete(unknown, null),
                () -> tagger().entities(null),
                () -> tagger().subscribe(null, listener),
                () -> tagger().subscribe(EntityFilter.all(), null)));
        for (EntityId entity : List.of(CONTAINER, unknown)) {
            calls.add(() -> tagger().tag(entity, null));
            calls.add(() -> tagger().tag(entity.toString(), null));
            calls.add(() -> tagger().cached(entity, null));
            calls.add(() -> tagger().handle(entity).tags(null));
        }
        calls.add(() -> tagger().entity(CONTAINER).orElseThrow().tags(null));
        calls.add(() -> tagger().entity(CONTAINER).orElseThrow().priority(null));
        for (int i = 0; i < calls.size(); i++) {
            assertThatNullPointerException().as("call %d", i).isThrownBy(calls.get(i));
        }
    }

    @Test
    void lookup_hasTheTagsTheSourcesAndTheCompleteness() {
        assertThat(tagger().lookup(CONTAINER)).isEmpty();
        publish(full(CONTAINER).build());

        assertThat(tagger().lookup(CONTAINER)).hasValueSatisfying(tags -> {
            assertThat(tags.tags(Cardinality.HIGH)).isEqualTo(tagger().tag(CONTAINER, Cardinality.HIGH));
            assertThat(tags.sources()).containsOnlyKeys(source());
            assertThat(tags.complete()).isTrue();
        });
        assertThatNullPointerException().isThrownBy(() -> tagger().lookup(null));
    }

    @Test
    void tag_list_isUnmodifiable() {
        publish(full(CONTAINER).build());
        List<String> tags = tagger().tag(CONTAINER, Cardinality.HIGH);

        assertThatThrownBy(() -> tags.add("x:1")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> tags.set(0, "x:1")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void tag_newTagsOfTheSameSource_replaceTheOld() {
        publish(full(CONTAINER).build());
        publish(TagInfo.builder(source(), CONTAINER).low("only", "this").build());

        assertThat(tagger().tag(CONTAINER, Cardinality.HIGH)).containsExactly("only:this");
    }

    @Test
    void entity_known_showsSourcesAndHash() {
        TagInfo info = full(CONTAINER).build();
        publish(info);

        EntityTags tags = tagger().entity(CONTAINER).orElseThrow();
        assertThat(tags.entity()).isEqualTo(CONTAINER);
        assertThat(tags.sources()).containsOnlyKeys(source()).containsValue(info);
        assertThat(tags.complete()).isTrue();
        // FNV-1a, 64 bits, over "a:1\0env:prod\0id:1\0id:2\0pod:1\0z:1\0", worked out outside of this program.
        assertThat(tags.hash()).isEqualTo(HASH);
    }

    /** See above; {@code h = 0xcbf29ce484222325; for b in data: h = ((h ^ b) * 0x100000001b3) % 2**64} in Python. */
    private static final long HASH = 0xefec634f8db54e33L;

    @Test
    void entities_filter_keepsTheKindsThatWereNamed() {
        publish(full(CONTAINER).build());
        publish(full(POD).build());

        assertThat(tagger().entities(EntityFilter.all()))
                .extracting(EntityTags::entity)
                .contains(CONTAINER, POD);
        assertThat(tagger().entities(EntityFilter.prefixes(EntityId.POD)))
                .extracting(EntityTags::entity)
                .containsExactly(POD);
        assertThat(tagger().entities(EntityFilter.prefixes("nobody_has_this"))).isEmpty();
    }

    @Test
    void handle_changeDeletionAndReturn_isFollowed() {
        TagHandle handle = tagger().handle(CONTAINER);
        assertThat(handle.tags(Cardinality.LOW)).isEmpty();

        publish(TagInfo.builder(source(), CONTAINER).low("a", "1").build());
        await().untilAsserted(() -> assertThat(handle.tags(Cardinality.LOW)).containsExactly("a:1"));

        publish(TagInfo.builder(source(), CONTAINER).low("a", "2").build());
        await().untilAsserted(() -> assertThat(handle.tags(Cardinality.LOW)).containsExactly("a:2"));

        publish(TagInfo.deletion(source(), CONTAINER));
        await().untilAsserted(() -> assertThat(handle.tags(Cardinality.LOW)).isEmpty());

        publish(TagInfo.builder(source(), CONTAINER).low("a", "3").build());
        await().untilAsserted(() -> assertThat(handle.tags(Cardinality.LOW)).containsExactly("a:3"));
    }

    @Test
    void subscribe_existingThenSyncedThenChanges() {
        publish(full(CONTAINER).build());
        RecordingListener listener = new RecordingListener();

        try (Subscription subscription = tagger().subscribe(EntityFilter.prefixes(EntityId.CONTAINER), listener)) {
            assertThat(subscription).isNotNull();
            await().until(() -> listener.events().equals(List.of("added container_id://c1", "synced")));
            publish(full(POD).build());
            publish(TagInfo.builder(source(), CONTAINER).low("a", "2").build());
            await().until(() -> listener.events().size() == 3);
            publish(TagInfo.deletion(source(), CONTAINER));
            await().until(() -> listener.events().size() == 4);
        }
        publish(full(CONTAINER).build());

        assertThat(listener.events())
                .containsExactly(
                        "added container_id://c1", "synced", "modified container_id://c1", "deleted container_id://c1");
        assertThat(listener.broken()).isEmpty();
    }

    @Test
    void subscribe_paused_holdsTheLastStateBack() {
        RecordingListener listener = new RecordingListener();
        try (Subscription subscription = tagger().subscribe(EntityFilter.prefixes(EntityId.CONTAINER), listener)) {
            await().until(() -> listener.events().contains("synced"));
            subscription.pause();
            publish(full(CONTAINER).build());
            publish(TagInfo.builder(source(), CONTAINER).low("a", "2").build());
            assertThat(listener.replica()).isEmpty();
            subscription.resume();
            await().untilAsserted(
                            () -> assertThat(listener.replica()).containsEntry("container_id://c1", List.of("a:2")));
        }
        assertThat(listener.broken()).isEmpty();
    }

    @Test
    void awaitReady_agreesWithTheStatus() {
        await().untilAsserted(() -> assertThat(tagger().awaitReady(Duration.ofMillis(50)))
                .isEqualTo(tagger().status().ready()));
    }

    @Test
    void awaitComplete_hasTagsThatComeDuringTheWait() throws Exception {
        EntityId late = EntityId.container("late");
        assertThat(tagger().awaitComplete(late, Duration.ZERO).map(tags -> tags.tags(Cardinality.HIGH)))
                .isIn(Optional.empty(), Optional.of(List.of()));
        Thread publisher = new Thread(() ->
                publish(TagInfo.builder(source(), late).low("came", "late").build()));
        publisher.start();

        assertThat(tagger().awaitComplete(late, Duration.ofSeconds(20))).hasValueSatisfying(tags -> {
            assertThat(tags.tags(Cardinality.LOW)).containsExactly("came:late");
            assertThat(tags.complete()).isTrue();
        });
        publisher.join();
    }

    @Test
    void awaitComplete_ofAnUnknownEntity_endsWithTheTime() throws Exception {
        assertThat(tagger().awaitComplete(EntityId.container("never"), Duration.ofMillis(30))
                        .map(tags -> tags.tags(Cardinality.HIGH)))
                .isIn(Optional.empty(), Optional.of(List.of()));
    }

    @Test
    void close_again_doesNothing() {
        publish(full(CONTAINER).build());
        tagger().close();
        tagger().close();

        assertThat(tagger().cached(CONTAINER, Cardinality.LOW)).contains("a:1");
    }

    private TagInfo.Builder full(EntityId entity) {
        return TagInfo.builder(source(), entity)
                .low("z", "1")
                .low("a", "1")
                .standard("env", "prod")
                .orchestrator("pod", "1")
                .high("id", "2")
                .high("id", "1");
    }
}
