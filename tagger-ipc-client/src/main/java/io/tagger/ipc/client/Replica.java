package io.tagger.ipc.client;

import com.google.protobuf.ByteString;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.ipc.v1.Entity;
import io.tagger.ipc.v1.Event;
import io.tagger.ipc.v1.WatchEntitiesResponse;
import io.tagger.store.Epoch;
import io.tagger.store.Snapshot;
import io.tagger.store.TagStore;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's copy of the agent's entities. Written by one thread, the event loop; read by any thread.
 *
 * <p>After a restart of the agent or a long absence, the agent sends all entities anew. Until the end of the list the
 * known entities stay served; entities missing from the list are removed afterwards.
 */
final class Replica {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    private final TagStore store = new TagStore(Clock.systemUTC(), 1);
    private final Messages messages;
    private Consumer<EntityId> changed = entity -> {};
    private ByteString token = ByteString.EMPTY;
    private @Nullable Map<EntityId, Entity> toldAgain; // null unless the agent begins anew
    private final Epoch epoch = new Epoch();
    private volatile boolean isSynced;

    Replica(Messages messages) {
        this.messages = messages;
    }

    /** Sets the listener to changed and removed entities; before the replica is written to. */
    void onChange(Consumer<EntityId> listener) {
        changed = listener;
    }

    TagStore store() {
        return store;
    }

    /** The epoch of the miss logic; the event loop advances the epoch when the agent may know more than before. */
    Epoch epoch() {
        return epoch;
    }

    /** Whether the agent has sent all entities. */
    boolean isSynced() {
        return isSynced;
    }

    /** Where to resume. On the event loop. */
    ByteString token() {
        return token;
    }

    /** Applies a response of the agent. On the event loop. */
    void apply(WatchEntitiesResponse response) {
        for (Event event : response.getEventsList()) {
            attempt(event.getEntity(), () -> apply(event));
        }
        token = response.getResumeToken();
    }

    /** An agent of another version may send unusable values. A later state may be usable; the other entities are. */
    private static void attempt(Entity entity, Runnable use) {
        try {
            use.run();
        } catch (RuntimeException e) {
            LOG.warn("the agent's report about '{}' can't be used", entity.getId(), e);
        }
    }

    private void apply(Event event) {
        switch (event.getType()) {
            case SET -> put(event.getEntity());
            case DELETED -> {
                EntityId id = EntityId.parse(event.getEntity().getId());
                if (toldAgain != null) {
                    toldAgain.remove(id);
                } else {
                    remove(id);
                }
            }
            case START_OVER -> {
                toldAgain = new HashMap<>();
                isSynced = false;
                epoch.advance();
            }
            case SYNCED -> {
                if (toldAgain != null) {
                    for (EntityTags old : store.list(EntityFilter.all())) {
                        if (!toldAgain.containsKey(old.entity())) {
                            remove(old.entity());
                        }
                    }
                    toldAgain.forEach((id, entity) -> attempt(entity, () -> set(id, entity)));
                    toldAgain = null;
                }
                isSynced = true;
            }
            default -> {} // added to the protocol since
        }
    }

    private void put(Entity entity) {
        EntityId id = EntityId.parse(entity.getId());
        if (toldAgain != null) {
            toldAgain.put(id, entity);
            if (store.find(id) != null) {
                return; // the known entities stay until all sources have been received again
            }
        }
        set(id, entity);
    }

    private void remove(EntityId id) {
        store.remove(id);
        changed.accept(id);
    }

    private void set(EntityId id, Entity entity) {
        store.put(id, messages.reports(id, entity));
        changed.accept(id);
        Snapshot snapshot = store.find(id);
        if (snapshot != null) {
            snapshot.settle(
                    entity.getComplete() ? epoch.number() : 0); // complete: the agent has no collector left to ask
        }
    }
}
