package io.tagger.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The shared strings of a store: one string for all equal tags, and one {@link LowTags} for all equal low tags. Both
 * are counted, not weak, so that the garbage collector has no reference queue to process.
 *
 * <p>Used by any number of threads, each with a stripe's lock held; {@link #rebuild} needs all stripes locked.
 */
final class TagPool {
    /*
     * The strings: an array with linear probing, and their counts in a second array. A map's node would cost as much as
     * a short string. A string without holders keeps its slot, and is used again for an equal tag, until the table is
     * rebuilt: at three quarters full or mostly dead. So hold and release are one probe and one atomic addition each.
     */

    private static final int LEAST = 1 << 10;

    /** Longer probes need tags chosen for their equal hash codes; a tag past this many slots is not pooled. */
    private static final int MOST = 256;

    private static final VarHandle TAG = MethodHandles.arrayElementVarHandle(String[].class);
    private static final VarHandle HOLDERS = MethodHandles.arrayElementVarHandle(int[].class);

    /** Replaced with all stripes locked, hence visible after locking any stripe. */
    private Table table = new Table(LEAST);

    private final AtomicInteger taken = new AtomicInteger(); // non-empty slots
    private final LongAdder dead = new LongAdder(); // slots of strings without holders
    private final ConcurrentHashMap<LowTags, LowTags> lows = new ConcurrentHashMap<>();
    private final LowTags none = new LowTags(TagList.NONE, TagList.NONE);

    private static final class Table {
        final @Nullable String[] tags;
        final int[] holders;

        Table(int length) {
            tags = new @Nullable String[length];
            holders = new int[length];
        }

        /** Scales the mixed hash down to the length, not necessarily a power of two. */
        int index(String tag) {
            return (int) ((tag.hashCode() * 0x9e3779b9 & 0xffffffffL) * tags.length >>> 32);
        }

        int next(int at) {
            return at + 1 == tags.length ? 0 : at + 1;
        }
    }

    /**
     * The shared string for a tag, with one more hold. The table grows between writes only, so a single write with more
     * new tags than free slots keeps the remaining tags out of the pool: a probe ends at an empty slot, and there must
     * always be an empty slot.
     */
    String hold(String tag) {
        Table in = table;
        int at = in.index(tag);
        for (int passed = 0; passed < MOST; passed++) {
            String there = (String) TAG.getAcquire(in.tags, at);
            if (there == null) {
                if (taken.get() >= in.tags.length / 8 * 7) {
                    return tag; // not pooled; release() will not find the string
                }
                there = (String) TAG.compareAndExchange(in.tags, at, null, tag);
                if (there == null) {
                    taken.incrementAndGet();
                    dead.increment();
                    there = tag;
                }
            }
            if (there.equals(tag)) {
                if ((int) HOLDERS.getAndAdd(in.holders, at, 1) == 0) {
                    dead.decrement();
                }
                return there;
            }
            at = in.next(at);
        }
        return tag;
    }

    /** Releases one hold of a string, if pooled. */
    void release(String tag) {
        Table in = table;
        int at = in.index(tag);
        for (int passed = 0; in.tags[at] != tag; passed++) {
            if (in.tags[at] == null || passed == MOST) {
                return;
            }
            at = in.next(at);
        }
        if ((int) HOLDERS.getAndAdd(in.holders, at, -1) == 1) {
            dead.increment();
        }
    }

    /** The shared object equal to the given low tags, with one more hold. */
    LowTags hold(LowTags low) {
        if (low.tags.length == 0) {
            // Without low tags there are no standard tags either. Many sources would contend for one place of the map.
            return none;
        }
        LowTags known = lows.computeIfPresent(low, (same, held) -> held.heldAgain());
        if (known != null) {
            return known;
        }
        LowTags pooled = new LowTags(hold(low.tags), hold(low.standard)); // is to be the map's key too
        LowTags one = lows.compute(pooled, (same, held) -> (held == null ? pooled : held).heldAgain());
        if (one != pooled) { // another stripe's writer was faster
            release(pooled.tags);
            release(pooled.standard);
        }
        return one;
    }

    void release(LowTags low) {
        if (low == none) {
            return;
        }
        lows.computeIfPresent(low, (same, held) -> {
            if (--held.holders > 0) {
                return held;
            }
            release(held.tags);
            release(held.standard);
            held.forgetMerge();
            return null;
        });
    }

    /** Whether a {@link #rebuild} is due: the table is full, or mostly dead. */
    boolean isCrowded() {
        long gone = dead.sum();
        return taken.get() > table.tags.length / 4 * 3 || gone > LEAST && gone > taken.get() / 2;
    }

    /** Drops strings without holders, and makes a table of the right size. All stripes are locked. */
    void rebuild() {
        Table before = table;
        Table now = new Table(Math.max(LEAST, size() * 2));
        int live = 0;
        for (int i = 0; i < before.tags.length; i++) {
            String tag = before.tags[i];
            if (tag != null && before.holders[i] > 0) {
                int at = now.index(tag);
                int passed = 0;
                while (now.tags[at] != null && passed < MOST) {
                    at = now.next(at);
                    passed++;
                }
                if (passed < MOST) { // otherwise no longer pooled: release() would not find the tag
                    now.tags[at] = tag;
                    now.holders[at] = before.holders[i];
                    live++;
                }
            }
        }
        taken.set(live);
        dead.reset();
        table = now;
    }

    /** The number of different held tags; exact while no writer is active. */
    int size() {
        return (int) (taken.get() - dead.sum());
    }

    /** An array with the shared string for each tag, with one more hold. */
    String[] hold(String[] tags) {
        String[] held = new String[tags.length];
        for (int i = 0; i < held.length; i++) {
            held[i] = hold(tags[i]);
        }
        return held;
    }

    void release(String[] tags) {
        for (String tag : tags) {
            release(tag);
        }
    }
}
