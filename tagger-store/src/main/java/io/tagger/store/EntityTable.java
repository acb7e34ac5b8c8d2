package io.tagger.store;

import io.tagger.api.EntityId;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the snapshots are found: from an entity to its present snapshot.
 *
 * <p>Readers may come at any time and never wait. Writers hold the lock of the entity's stripe; {@link #rebuild} wants all stripes locked.
 */
final class EntityTable {
    /*
     * An array of snapshots with linear probing. A ConcurrentHashMap would need a node between the array and the snapshot and, because a
     * caller may come with a text alone, the text as its key: three more objects to fetch from memory for each lookup, which is most of its
     * cost once the entities no longer fit the processor's cache. TagStore has the figures.
     *
     * A slot goes from empty to a snapshot, from one snapshot of an entity to the next one of the same, and at last to REMOVED, where it
     * stays until the table is rebuilt. So a reader that finds an empty slot has seen all there is, and only the first step needs a
     * compare-and-set: from then on the slot belongs to its entity, hence to one stripe.
     *
     * What an entity's state is depends on the snapshots alone, on their field `next`: null in the present one. A change is the moment at
     * which the last snapshot's `next` is set, to the new one or to REMOVED. Only then is the slot brought up to date, and only then does
     * `next` become REPLACED, which says "look in the table" and lets the new snapshot go, for the old one may be kept for long by a handle.
     * A reader that comes upon a snapshot in between, in this table or in one that was replaced meanwhile, follows `next`. So lookups and
     * handles agree at every moment, and no change is seen in one and not yet in the other.
     *
     * These writes are released, in this order, and none of them waits until all processors can see it: letting go of the stripe's lock does
     * that once for all of them, before the update returns.
     */

    /** 4 kB; half of it is used at most, so that a probe seldom goes past two slots. */
    private static final int LEAST = 1 << 10;

    /** Steps by this part of a whole lie apart from each other as well as can be. */
    private static final double GOLDEN = 0.6180339887;

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Snapshot[].class);

    private volatile @Nullable Snapshot[] slots = new @Nullable Snapshot[LEAST];
    private final AtomicInteger taken = new AtomicInteger(); // slots that are not empty
    private final AtomicInteger removed = new AtomicInteger(); // slots that hold REMOVED

    /** The present snapshot of an entity; null if it is unknown. */
    @Nullable
    Snapshot find(EntityId entity) {
        Snapshot found = probe(entity);
        return found == null || found.next == null ? found : present(found);
    }

    /** The same, by the entity's text; it need not be well-formed. */
    @Nullable
    Snapshot find(String entity) {
        int hash = entity.hashCode();
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(hash, mask);
        Snapshot found = slot(table, at);
        while (found != null && !(found.hash == hash && found.entity.toString().equals(entity))) {
            at = at + 1 & mask;
            found = slot(table, at);
        }
        return found == null || found.next == null ? found : present(found);
    }

    /** What stands in the slot of an entity; null if it has none. */
    private @Nullable Snapshot probe(EntityId entity) {
        int hash = entity.hashCode();
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(hash, mask);
        Snapshot found = slot(table, at);
        while (found != null && found.entity != entity && !(found.hash == hash && found.entity.equals(entity))) {
            at = at + 1 & mask;
            found = slot(table, at);
        }
        return found;
    }

    /** What has come of a snapshot that stood in a slot; null if its entity is gone. */
    private @Nullable Snapshot present(Snapshot found) {
        for (Snapshot at = found; at != null; at = probe(at.entity)) {
            Snapshot present = at.present();
            if (present != Snapshot.REPLACED) {
                return present == Snapshot.REMOVED ? null : present;
            }
        }
        return null;
    }

    /** Adds an entity that is not there. */
    void add(Snapshot snapshot) {
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        for (int at = index(snapshot.hash, mask); ; at = at + 1 & mask) {
            if (table[at] == null && SLOT.compareAndSet(table, at, null, snapshot)) {
                taken.incrementAndGet();
                return;
            }
        }
    }

    /** Puts a snapshot in the place of the one before. */
    void replace(Snapshot before, Snapshot now) {
        int at = place(before);
        before.become(now); // from here on it is the present one
        SLOT.setRelease(slots, at, now);
        before.become(Snapshot.REPLACED);
    }

    void remove(Snapshot before) {
        int at = place(before);
        before.become(Snapshot.REMOVED); // from here on it is gone
        SLOT.setRelease(slots, at, Snapshot.REMOVED);
        removed.incrementAndGet();
    }

    /** How many entities there are. */
    int size() {
        return taken.get() - removed.get();
    }

    /** Whether it is time to {@link #rebuild}: it is full, or most of it is gone. */
    boolean isCrowded() {
        int gone = removed.get();
        return taken.get() > slots.length / 2 || gone > LEAST && gone > taken.get() / 2;
    }

    /** Makes a table of the right size. All stripes are locked. */
    void rebuild() {
        int size = size();
        int length = Math.max(LEAST, Integer.highestOneBit(size) << 2); // a quarter to a half of it in use
        if (size > length * 3 / 8) {
            length <<= 1; // else it would be crowded again soon
        }
        @Nullable Snapshot[] now = new @Nullable Snapshot[length];
        int mask = length - 1;
        forEach(snapshot -> {
            int at = index(snapshot.hash, mask);
            while (now[at] != null) {
                at = at + 1 & mask;
            }
            now[at] = snapshot;
        });
        taken.set(size);
        removed.set(0);
        slots = now;
    }

    /**
     * Passes on every entity that is there all the time, and perhaps some that come or go meanwhile. Not slot by slot: what follows this store
     * has tables like this one, and would fill them from one end, where every probe is long, until they are large enough.
     */
    void forEach(Consumer<Snapshot> to) {
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int step = (int) (table.length * GOLDEN) | 1; // odd, so that each slot is passed once
        int at = 0;
        for (int i = 0; i < table.length; i++) {
            at = at + step & mask;
            Snapshot found = slot(table, at);
            Snapshot present = found == null ? null : present(found);
            if (present != null) {
                to.accept(present);
            }
        }
    }

    private int place(Snapshot snapshot) {
        @Nullable Snapshot[] table = slots;
        int mask = table.length - 1;
        int at = index(snapshot.hash, mask);
        while (table[at] != snapshot) {
            at = at + 1 & mask;
        }
        return at;
    }

    /** A read of the array itself is typed, and spares the look at the class that a read through the handle needs. */
    private static @Nullable Snapshot slot(@Nullable Snapshot[] table, int at) {
        Snapshot found = table[at];
        VarHandle.acquireFence();
        return found;
    }

    /** The upper bits of a multiple of the golden ratio: entities that are numbered one after the other lie apart. */
    private static int index(int hash, int mask) {
        return hash * 0x9e3779b9 >>> Integer.numberOfLeadingZeros(mask);
    }
}
