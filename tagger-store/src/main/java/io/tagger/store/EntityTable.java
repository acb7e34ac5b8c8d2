package io.tagger.store;

import io.tagger.api.EntityId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The hash table from an entity to its present snapshot.
 *
 * <p>Readers may come at any time and never wait. Writers hold the lock of the entity's stripe; {@link #rebuild} wants
 * all stripes locked.
 */
final class EntityTable {
    /*
     * An array of snapshots with linear probing. A ConcurrentHashMap would need a node between the array and the
     * snapshot and, because a caller may come with a text alone, the text as the key: three more objects to fetch from
     * memory for each lookup. These fetches dominate the cost once the entities no longer fit the processor's cache.
     * Decision 12 has the figures.
     *
     * A slot goes from empty to a snapshot, from a snapshot to the entity's next snapshot, and at last to REMOVED,
     * until the table is rebuilt. A reader at an empty slot has therefore seen the whole probe sequence. Only the first
     * step needs a compare-and-set: afterwards the slot belongs to the entity, hence to one stripe.
     *
     * The field `next` of the snapshots alone defines the state of an entity: `next` is null in the present snapshot. A
     * change happens at the moment at which the last snapshot's `next` is set, to the new snapshot or to REMOVED. The
     * slot is updated afterwards. At last `next` becomes REPLACED, which sends readers to the table and releases the
     * new snapshot, because a handle may keep the old snapshot for long. A reader that meets a snapshot in between, in
     * this table or in a replaced table, follows `next`. So lookups and handles agree at every moment.
     *
     * A probe passes few slots, unless somebody chose ids with equal hash codes. After MOST slots an entity goes to a map,
     * whose bins turn into trees; a reader that has passed so many occupied slots looks there. A rebuild moves entities
     * between the array and the map, so that a reader without a find looks again if the array was replaced.
     *
     * These are release writes, in this order, without a wait for visibility on all processors: the unlock of the
     * stripe's lock provides the visibility once, before the update returns.
     */

    /** 4 kB; at most half full, so that a probe seldom passes more than two slots. */
    private static final int LEAST = 1 << 10;

    /** Longer probes than this need equal hash codes. */
    private static final int MOST = 64;

    /** Multiples of this fraction spread evenly over a range. */
    private static final double GOLDEN = 0.6180339887;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Snapshot[].class);

    private volatile @Nullable Snapshot[] slots = new @Nullable Snapshot[LEAST];
    private final ConcurrentHashMap<String, Snapshot> overflow = new ConcurrentHashMap<>();
    private final AtomicInteger taken = new AtomicInteger(); // non-empty slots
    private final AtomicInteger removed = new AtomicInteger(); // slots with REMOVED

    /** The present snapshot of an entity; null for an unknown entity. */
    @Nullable
    Snapshot find(EntityId entity) {
        return living(probe(entity));
    }

    /** The present snapshot of the entity with the given text, which may be malformed; null for an unknown entity. */
    @Nullable
    Snapshot find(String entity) {
        int hash = entity.hashCode();
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(hash, mask);
        Snapshot found = slot(table, at);
        for (int passed = 0;
                found != null && !(found.hash == hash && found.entity.toString().equals(entity));
                found = slot(table, at)) {
            if (++passed == MOST) {
                Snapshot other = overflow.get(entity);
                return other != null || table == slots ? living(other) : find(entity);
            }
            at = at + 1 & mask;
        }
        return living(found);
    }

    private @Nullable Snapshot living(@Nullable Snapshot found) {
        return found == null || found.next == null ? found : present(found);
    }

    /** The content of an entity's slot; null if the entity has no slot. */
    private @Nullable Snapshot probe(EntityId entity) {
        int hash = entity.hashCode();
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(hash, mask);
        Snapshot found = slot(table, at);
        for (int passed = 0;
                found != null && found.entity != entity && !(found.hash == hash && found.entity.equals(entity));
                found = slot(table, at)) {
            if (++passed == MOST) {
                Snapshot other = overflow.get(entity.toString());
                return other != null || table == slots ? other : probe(entity);
            }
            at = at + 1 & mask;
        }
        return found;
    }

    /** The current snapshot of the entity in a slot, or null if the entity was removed. */
    private @Nullable Snapshot present(Snapshot found) {
        for (Snapshot at = found; at != null; at = probe(at.entity)) {
            Snapshot present = at.present();
            if (present != Snapshot.REPLACED) {
                return present == Snapshot.REMOVED ? null : present;
            }
        }
        return null;
    }

    /** Adds a new entity. */
    void add(Snapshot snapshot) {
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(snapshot.hash, mask);
        for (int passed = 0; passed < MOST; passed++) {
            if (table[at] == null && SLOT.compareAndSet(table, at, null, snapshot)) {
                taken.incrementAndGet();
                return;
            }
            at = at + 1 & mask;
        }
        overflow.put(snapshot.entity.toString(), snapshot);
    }

    /** Replaces the snapshot of an entity. */
    void replace(Snapshot before, Snapshot now) {
        int at = place(before);
        before.become(now); // from here on the new snapshot is present
        if (at < 0) {
            overflow.put(now.entity.toString(), now);
        } else {
            SLOT.setRelease(slots, at, now);
        }
        before.become(Snapshot.REPLACED);
    }

    void remove(Snapshot before) {
        int at = place(before);
        before.become(Snapshot.REMOVED); // from here on the entity is removed
        if (at < 0) {
            overflow.remove(before.entity.toString());
        } else {
            SLOT.setRelease(slots, at, Snapshot.REMOVED);
            removed.incrementAndGet();
        }
    }

    /** The number of entities. */
    int size() {
        return taken.get() - removed.get() + overflow.size();
    }

    /** Whether a {@link #rebuild} is due: the table is full, or most entries are removed. */
    boolean isCrowded() {
        int gone = removed.get();
        return taken.get() > slots.length / 2 || gone > LEAST && gone > taken.get() / 2;
    }

    /** Makes a table of the right size. All stripes are locked. */
    void rebuild() {
        int size = size();
        int length = Math.max(LEAST, Integer.highestOneBit(size) << 2); // between a quarter and a half full
        if (size > length * 3 / 8) {
            length <<= 1; // to avoid an immediate second rebuild
        }
        @Nullable Snapshot[] now = new @Nullable Snapshot[length];
        int mask = length - 1;
        List<String> moved = new ArrayList<>(); // from the map to the array
        int[] placed = {0};
        forEach(snapshot -> {
            int at = index(snapshot.hash, mask);
            for (int passed = 0; passed < MOST; passed++) {
                if (now[at] == null) {
                    now[at] = snapshot;
                    placed[0]++;
                    if (!overflow.isEmpty()) {
                        moved.add(snapshot.entity.toString());
                    }
                    return;
                }
                at = at + 1 & mask;
            }
            overflow.put(
                    snapshot.entity.toString(), snapshot); // while readers still find the snapshot in the old array
        });
        taken.set(placed[0]);
        removed.set(0);
        slots = now;
        moved.forEach(overflow::remove);
    }

    /**
     * Visits every entity present throughout the call, and perhaps entities that come or go during the call. The order
     * is not the slots' order: a store that follows this store has a table of the same kind, and a copy in slot order
     * would fill the table from one end, with long probes.
     */
    void forEach(Consumer<Snapshot> to) {
        @Nullable Snapshot[] table;
        List<Snapshot> others;
        do {
            table = slots;
            others = overflow.isEmpty() ? List.of() : List.copyOf(overflow.values());
        } while (table != slots); // a rebuild has moved entities meanwhile
        int mask = table.length - 1;
        int step = (int) (table.length * GOLDEN) | 1; // odd, so that each slot is visited once
        int at = 0;
        for (int i = 0; i < table.length; i++) {
            at = at + step & mask;
            Snapshot found = slot(table, at);
            Snapshot present = found == null ? null : present(found);
            if (present != null) {
                to.accept(present);
            }
        }
        for (Snapshot other : others) {
            Snapshot present = living(other);
            if (present != null && !isIn(table, other.entity)) { // in both places during a rebuild
                to.accept(present);
            }
        }
    }

    private static boolean isIn(@Nullable Snapshot[] table, EntityId entity) {
        int mask = table.length - 1;
        int at = index(entity.hashCode(), mask);
        for (int passed = 0; passed < MOST; passed++) {
            Snapshot found = slot(table, at);
            if (found == null) {
                return false;
            }
            if (found.entity.equals(entity)) {
                return true;
            }
            at = at + 1 & mask;
        }
        return false;
    }

    /** The slot of a present snapshot; -1 if the snapshot is in the map. */
    private int place(Snapshot snapshot) {
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(snapshot.hash, mask);
        for (int passed = 0; passed < MOST; passed++) {
            if (table[at] == snapshot) {
                return at;
            }
            at = at + 1 & mask;
        }
        return -1;
    }

    /** Reads the array directly: a typed read needs no class check, unlike a read through the handle. */
    private static @Nullable Snapshot slot(@Nullable Snapshot[] table, int at) {
        Snapshot found = table[at];
        VarHandle.acquireFence();
        return found;
    }

    /** The upper bits of a multiple of the golden ratio: entities with consecutive numbers are spread apart. */
    private static int index(int hash, int mask) {
        return hash * 0x9e3779b9 >>> Integer.numberOfLeadingZeros(mask);
    }
}
