package io.tagger.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one string for all equal tags of a store, and one {@link LowTags} for all equal ones. Both are counted, not weak, so that the
 * garbage collector has no reference queue to work through.
 *
 * <p>Used with the lock of some stripe held, by any number of threads; {@link #rebuild} wants all stripes locked.
 */
final class TagPool {
    /*
     * The strings: an array with linear probing, and their counts in another one beside it. A map's node would cost as much as the short
     * string that it refers to. A string that nobody holds any more keeps its slot, and comes to life again if somebody asks for an equal
     * one, until the table is rebuilt, which happens when it is three quarters full or mostly dead. So holding and releasing are
     * one probe and one atomic addition each.
     */

    private static final int LEAST = 1 << 10;

    private static final VarHandle TAG = MethodHandles.arrayElementVarHandle(String[].class);
    private static final VarHandle HOLDERS = MethodHandles.arrayElementVarHandle(int[].class);

    /** Replaced with all stripes locked, hence seen by whoever locks one afterwards. */
    private Table table = new Table(LEAST);

    private final AtomicInteger taken = new AtomicInteger(); // slots that are not empty
    private final LongAdder dead = new LongAdder(); // slots with a string that nobody holds
    private final ConcurrentHashMap<LowTags, LowTags> lows = new ConcurrentHashMap<>();
    private final LowTags none = new LowTags(TagList.NONE, TagList.NONE);

    private static final class Table {
        final @Nullable String[] tags;
        final int[] holders;

        Table(int length) {
            tags = new @Nullable String[length];
            holders = new int[length];
        }

        /** Scales the mixed hash down to the length, which need not be a power of two. */
        int index(String tag) {
            return (int) ((tag.hashCode() * 0x9e3779b9 & 0xffffffffL) * tags.length >>> 32);
        }

        int next(int at) {
            return at + 1 == tags.length ? 0 : at + 1;
        }
    }

    /**
     * The string for a tag, held once more. The table is made larger between writes only, so one write that brings more new tags than there
     * is room for keeps the rest of them to itself: a probe ends at an empty slot, and there must always be one.
     */
    String hold(String tag) {
        Table in = table;
        for (int at = in.index(tag); ; at = in.next(at)) {
            String there = (String) TAG.getAcquire(in.tags, at);
            if (there == null) {
                if (taken.get() >= in.tags.length / 8 * 7) {
                    return tag; // not pooled; release() does not find it
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
        }
    }

    /** Gives one hold of a string back, if it is in here. */
    void release(String tag) {
        Table in = table;
        int at = in.index(tag);
        while (in.tags[at] != tag) {
            if (in.tags[at] == null) {
                return;
            }
            at = in.next(at);
        }
        if ((int) HOLDERS.getAndAdd(in.holders, at, -1) == 1) {
            dead.increment();
        }
    }

    /** The one that equals this one, held once more. */
    LowTags hold(LowTags low) {
        if (low.tags.length == 0) {
            return none; // whoever has no low tags has no standard ones, and so many say that, that they would meet at
            // one place of the map
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

    /** Whether it is time to {@link #rebuild}: it is full, or most of it is dead. */
    boolean isCrowded() {
        long gone = dead.sum();
        return taken.get() > table.tags.length / 4 * 3 || gone > LEAST && gone > taken.get() / 2;
    }

    /** Forgets what nobody holds, and makes a table of the right size. All stripes are locked. */
    void rebuild() {
        Table before = table;
        int live = size();
        Table now = new Table(Math.max(LEAST, live * 2));
        for (int i = 0; i < before.tags.length; i++) {
            String tag = before.tags[i];
            if (tag != null && before.holders[i] > 0) {
                int at = now.index(tag);
                while (now.tags[at] != null) {
                    at = now.next(at);
                }
                now.tags[at] = tag;
                now.holders[at] = before.holders[i];
            }
        }
        taken.set(live);
        dead.reset();
        table = now;
    }

    /** How many different tags are held; exact while nobody writes. */
    int size() {
        return (int) (taken.get() - dead.sum());
    }

    /** An array with the one string for each tag, held once more. */
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
