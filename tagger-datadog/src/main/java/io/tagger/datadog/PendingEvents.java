package io.tagger.datadog;

import com.google.protobuf.CodedOutputStream;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import io.tagger.datadog.wire.EventType;
import io.tagger.datadog.wire.StreamTagsEvent;
import io.tagger.datadog.wire.StreamTagsResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unsent events of a stream: at most one for each entity, so that a client without a reader costs no more than the
 * entities. Thread-safe.
 */
final class PendingEvents implements TagListener {
    private static final Logger LOG = LoggerFactory.getLogger(PendingEvents.class);

    /** Bytes of the events of a response: half of a client's limit. */
    static final int MOST = 2 * 1024 * 1024;

    private final Set<String> kinds;
    private final Tagger tagger;
    private final Runnable onChange;
    private Map<EntityId, Pending> pending = new LinkedHashMap<>(); // guarded by this
    private boolean isListed; // guarded by this

    /**
     * An event before it becomes a message.
     *
     * @param type the kind of event
     * @param tags the tags; null for a deletion, and for an entity without tags
     */
    private record Pending(EventType type, @Nullable EntityTags tags) {}

    /**
     * Begins without events.
     *
     * @param kinds the kinds of entities known to the client
     * @param tagger says whether an entity is complete now
     * @param onChange runs after each event, and must not block
     */
    PendingEvents(Set<String> kinds, Tagger tagger, Runnable onChange) {
        this.kinds = kinds;
        this.tagger = tagger;
        this.onChange = onChange;
    }

    @Override
    public void added(EntityTags tags) {
        put(EventType.ADDED, tags);
    }

    @Override
    public void modified(EntityTags tags) {
        put(EventType.MODIFIED, tags);
    }

    private void put(EventType type, EntityTags tags) {
        if (!kinds.contains(tags.entity().prefix())) {
            return;
        }
        synchronized (this) {
            Pending before = pending.get(tags.entity());
            EventType folded = before == null ? type : before.type;
            // A client that has not heard of the end of an entity yet hears of a change instead.
            pending.put(tags.entity(), new Pending(folded == EventType.DELETED ? EventType.MODIFIED : folded, tags));
        }
        onChange.run();
    }

    @Override
    public void deleted(EntityId entity) {
        if (!kinds.contains(entity.prefix())) {
            return;
        }
        synchronized (this) {
            Pending before = pending.get(entity);
            if (before != null && before.type == EventType.ADDED) {
                pending.remove(entity); // the client has never heard of the entity
            } else {
                pending.put(entity, new Pending(EventType.DELETED, null));
            }
        }
        onChange.run();
    }

    @Override
    public void synced() {
        synchronized (this) {
            isListed = true;
        }
        onChange.run();
    }

    /** Whether the entities of the beginning are all there. */
    synchronized boolean isListed() {
        return isListed;
    }

    /**
     * Puts the events of the beginning into the order of the first response, the replacement of the client's whole store: the
     * entity of the machine, known or not, so that the response is never empty; then containers and pods; then the rest.
     */
    synchronized void arrange() {
        if (kinds.contains(EntityId.INTERNAL)) {
            pending.putIfAbsent(EntityId.GLOBAL, new Pending(EventType.ADDED, null));
        }
        Map<EntityId, Pending> arranged = new LinkedHashMap<>();
        List<EntityId> entities = new ArrayList<>(pending.keySet());
        entities.sort(Comparator.comparingInt(PendingEvents::rank));
        entities.forEach(entity -> arranged.put(entity, pending.get(entity)));
        pending = arranged;
    }

    private static int rank(EntityId entity) {
        if (entity.equals(EntityId.GLOBAL)) {
            return 0;
        }
        return switch (entity.prefix()) {
            case EntityId.CONTAINER, EntityId.POD -> 1;
            default -> 2;
        };
    }

    private StreamTagsEvent event(EntityId entity, Pending event) {
        if (event.tags == null) {
            return event.type == EventType.DELETED
                    ? Events.deleted(entity)
                    : Events.empty(EventType.ADDED, entity, true);
        }
        // An event knows the answers so far; whether further collectors can answer is for the tagger to say.
        boolean isComplete = event.tags.complete()
                && tagger.entity(entity).map(EntityTags::complete).orElse(false);
        return Events.of(event.type, event.tags, isComplete);
    }

    /** Takes the events of the next response; empty if there are none. */
    synchronized Optional<StreamTagsResponse> take() {
        StreamTagsResponse.Builder response = StreamTagsResponse.newBuilder();
        int size = 0;
        var next = pending.entrySet().iterator();
        while (next.hasNext()) {
            Map.Entry<EntityId, Pending> entry = next.next();
            StreamTagsEvent event = event(entry.getKey(), entry.getValue());
            int bytes = size(event);
            if (bytes > MOST) {
                LOG.warn(
                        "the tags of {} are left out for Datadog: {} bytes, more than a response may have",
                        entry.getKey(),
                        bytes);
                event = Events.empty(event.getType(), entry.getKey(), false); // old tags must not stay
                bytes = size(event);
            }
            if (size + bytes > MOST) {
                break;
            }
            size += bytes;
            response.addEvents(event);
            next.remove();
        }
        return response.getEventsCount() == 0 ? Optional.empty() : Optional.of(response.build());
    }

    private static int size(StreamTagsEvent event) {
        return CodedOutputStream.computeMessageSize(StreamTagsResponse.EVENTS_FIELD_NUMBER, event);
    }
}
