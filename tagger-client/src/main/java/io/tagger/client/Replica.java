package io.tagger.client;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.client.store.Epoch;
import io.tagger.client.store.Reported;
import io.tagger.client.store.Snapshot;
import io.tagger.client.store.TagStore;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's copy of the agent's entities. Written by one thread, the client's own; read by any thread.
 *
 * <p>After a restart of the agent or a long absence, the agent sends all entities anew. Until the end of the list the
 * known entities stay served; entities missing from the list are removed afterwards.
 */
final class Replica implements WatchEvents {
    private final TagStore store = new TagStore(Clock.systemUTC(), 1);
    private final SourceReports reports;
    private Consumer<EntityId> changed = entity -> {};
    private String token = "";
    private @Nullable Map<EntityId, EntityReport> toldAgain; // null unless the agent begins anew
    private final Epoch epoch = new Epoch();
    private volatile boolean isSynced;

    Replica(SourceReports reports) {
        this.reports = reports;
    }

    /** Sets the listener to changed and removed entities; before the replica is written to. */
    void onChange(Consumer<EntityId> listener) {
        changed = listener;
    }

    TagStore store() {
        return store;
    }

    /** The epoch of the miss logic; the client's thread advances the epoch when the agent may know more than before. */
    Epoch epoch() {
        return epoch;
    }

    /** Whether the agent has sent all entities. */
    boolean isSynced() {
        return isSynced;
    }

    /** Where to resume; empty to begin with all entities. On the client's thread. */
    String token() {
        return token;
    }

    @Override
    public void token(String now) {
        token = now;
    }

    /** A connection was lost before the first token: the agent will not tell which of the known entities have gone since. */
    void connecting() {
        if (token.isEmpty() && store.size() > 0) {
            startOver();
        }
    }

    // An agent of another version may send unusable values. A later state may be usable; the other entities are.

    @Override
    public void set(EntityReport report, boolean isNew) {
        try {
            put(report);
        } catch (RuntimeException e) {
            unusable(report.entity(), e);
        }
    }

    @Override
    public void deleted(String entity) {
        try {
            EntityId id = EntityId.parse(entity);
            if (toldAgain != null) {
                toldAgain.remove(id);
            } else {
                remove(id);
            }
        } catch (RuntimeException e) {
            unusable(entity, e);
        }
    }

    private static void unusable(String entity, RuntimeException error) {
        Log.log(Level.WARNING, "the agent's report about '" + entity + "' can't be used", error);
    }

    @Override
    public void startOver() {
        toldAgain = new HashMap<>();
        isSynced = false;
        epoch.advance();
    }

    @Override
    public void synced() {
        Map<EntityId, EntityReport> all = toldAgain;
        if (all != null) {
            for (EntityTags old : store.list(EntityFilter.all())) {
                if (!all.containsKey(old.entity())) {
                    remove(old.entity());
                }
            }
            toldAgain = null;
            all.values().forEach(report -> set(report, false));
        }
        isSynced = true;
    }

    private void put(EntityReport report) {
        EntityId id = EntityId.parse(report.entity());
        if (toldAgain != null) {
            toldAgain.put(id, report);
            if (store.find(id) != null) {
                return; // the known entities stay until all sources have been received again
            }
        }
        set(id, report);
    }

    private void remove(EntityId id) {
        store.remove(id);
        changed.accept(id);
    }

    private void set(EntityId id, EntityReport report) {
        List<Reported> all = reports.of(report);
        if (all.isEmpty()) {
            remove(id); // the agent serves none of the entity's tags
            return;
        }
        Snapshot snapshot = store.put(id, all);
        changed.accept(id);
        snapshot.settle(report.complete() ? epoch.number() : 0); // complete: no collector is left to ask
    }
}
