package io.tagger.datadog;

import static org.assertj.core.api.Assertions.assertThat;

import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.datadog.wire.EventType;
import io.tagger.datadog.wire.StreamTagsEvent;
import io.tagger.datadog.wire.StreamTagsResponse;
import io.tagger.testkit.FakeTagger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The folding of events that a client has not taken. */
class PendingEventsTest {
    private static final EntityId WEB = EntityId.container("web");

    private final FakeTagger tagger = new FakeTagger();
    private final PendingEvents pending = new PendingEvents(Set.of("container_id", "internal"), tagger, () -> {});

    private EntityTags tags(EntityId entity, String value) {
        tagger.set(Feed.info(entity).low("a", value).build());
        return tagger.entity(entity).orElseThrow();
    }

    private List<String> taken() {
        List<String> events = new ArrayList<>();
        pending.take().ifPresent(response -> response.getEventsList()
                .forEach(event ->
                        events.add(event.getType() + " " + event.getEntity().getLowCardinalityTagsList())));
        return events;
    }

    @Test
    void additionAndChange_areAnAddition() {
        pending.added(tags(WEB, "1"));
        pending.modified(tags(WEB, "2"));

        assertThat(taken()).containsExactly("ADDED [a:2]");
    }

    @Test
    void additionAndDeletion_areNoEvent() {
        pending.added(tags(WEB, "1"));
        pending.deleted(WEB);

        assertThat(taken()).isEmpty();
    }

    @Test
    void deletionOfAKnownEntity_isKept_whateverFollows() {
        pending.deleted(WEB);
        pending.added(tags(WEB, "2"));
        pending.deleted(WEB);
        assertThat(taken()).containsExactly("DELETED []");

        pending.deleted(WEB);
        pending.added(tags(WEB, "3"));
        assertThat(taken()).containsExactly("MODIFIED [a:3]");
    }

    @Test
    void clientThatTakesEventsAtAnyTime_endsWithWhatIsThere() {
        Random random = new Random(7);
        Map<String, List<String>> client = new HashMap<>();
        Map<String, List<String>> truth = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            EntityId entity = EntityId.container("c" + random.nextInt(4));
            boolean isKnown = truth.containsKey(entity.id());
            switch (random.nextInt(3)) {
                case 0 -> {
                    EntityTags tags = tags(entity, String.valueOf(i));
                    truth.put(entity.id(), List.of("a:" + i));
                    if (isKnown) {
                        pending.modified(tags);
                    } else {
                        pending.added(tags);
                    }
                }
                case 1 -> {
                    if (truth.remove(entity.id()) != null) {
                        pending.deleted(entity);
                    }
                }
                default -> apply(client);
            }
        }
        apply(client);

        assertThat(client).isEqualTo(truth);
    }

    private void apply(Map<String, List<String>> client) {
        for (StreamTagsEvent event :
                pending.take().orElse(StreamTagsResponse.getDefaultInstance()).getEventsList()) {
            if (event.getType() == EventType.DELETED) {
                client.remove(event.getEntity().getId().getUid());
            } else {
                client.put(
                        event.getEntity().getId().getUid(),
                        List.copyOf(event.getEntity().getLowCardinalityTagsList()));
            }
        }
    }

    @Test
    void entityOver2MiB_losesItsTags_andTheRestIsSent() {
        pending.modified(tags(EntityId.container("huge"), "x".repeat(PendingEvents.MOST)));
        pending.modified(tags(WEB, "1"));

        StreamTagsResponse response = pending.take().orElseThrow();

        assertThat(response.getEventsList()).hasSize(2);
        assertThat(response.getEvents(0).getEntity().getLowCardinalityTagsList())
                .isEmpty();
        assertThat(response.getEvents(0).getEntity().getIsComplete()).isFalse();
        assertThat(response.getEvents(1).getEntity().getLowCardinalityTagsList())
                .containsExactly("a:1");
    }

    @Test
    void entityOfTheMachine_isPartOfTheBeginning_onlyForAClientThatKnowsTheKind() {
        pending.arrange();
        assertThat(taken()).containsExactly("ADDED []");

        PendingEvents other = new PendingEvents(Set.of("container_id"), tagger, () -> {});
        other.arrange();
        assertThat(other.take()).isEmpty();
    }
}
