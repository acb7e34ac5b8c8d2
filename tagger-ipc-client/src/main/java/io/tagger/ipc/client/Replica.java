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
 * What the agent knows, as far as it has told. Written by one thread, the event loop; read by any.
 *
 * <p>When the agent has to begin anew, because it was started again or we were away for too long, what was known goes on being served until all
 * has been told, and then goes if it was not told again.
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

    /** The epoch of the miss logic; advanced on the event loop when the agent may know more than it did. */
    Epoch epoch() {
        return epoch;
    }

    /** Whether all that the agent knew has been told. */
    boolean isSynced() {
        return isSynced;
    }

    /** Where to resume. On the event loop. */
    ByteString token() {
        return token;
    }

    /** Takes in what the agent tells. On the event loop. */
    void apply(WatchEntitiesResponse response) {
        for (Event event : response.getEventsList()) {
            attempt(event.getEntity(), () -> apply(event));
        }
        token = response.getResumeToken();
    }

    /** An agent of another version, perhaps, tells what can't be used. Its next state may be better; that of others is. */
    private static void attempt(Entity entity, Runnable use) {
        try {
            use.run();
        } catch (RuntimeException e) {
            LOG.warn("what the agent tells of '{}' can't be used", entity.getId(), e);
        }
    }

    private void apply(Event event) {
        switch (event.getType()) {
            case SET -> told(event.getEntity());
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

    private void told(Entity entity) {
        EntityId id = EntityId.parse(entity.getId());
        if (toldAgain != null) {
            toldAgain.put(id, entity);
            if (store.find(id) != null) {
                return; // what was known holds until all sources have been heard again
            }
        }
        set(id, entity);
    }

    private void remove(EntityId id) {
        store.remove(id);
        changed.accept(id);
    }

    private void set(EntityId id, Entity entity) {
        store.put(id, messages.said(id, entity));
        changed.accept(id);
        Snapshot snapshot = store.find(id);
        if (snapshot != null) {
            snapshot.settle(
                    entity.getComplete() ? epoch.number() : 0); // complete: there is nobody left for the agent to ask
        }
    }
}
