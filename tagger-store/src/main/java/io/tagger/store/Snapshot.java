package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.TagInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of an entity at one moment, immutable: what a lookup finds. {@link Merge} says how the sources come together.
 */
public final class Snapshot implements EntityTags {
    /** Stands behind {@link #next}: there is a newer one, to be found in the table. */
    static final Snapshot REPLACED = new Snapshot("replaced");

    /** Stands behind {@link #next} and in the table: the entity is gone. */
    static final Snapshot REMOVED = new Snapshot("removed");

    private static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(Snapshot.class, "next", Snapshot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Then one snapshot in 16 is not taken for granted. */
    private static final int LONGEST_STREAK = 5;

    /*
     * What a hit looks at comes first, so that it lies in one line of the processor's cache as often as can be.
     *
     * The three lists are there from the start if somebody had asked for those of the snapshot before. Otherwise the first who asks writes
     * them, without a lock, like the hash of a String: two threads that do it at once come to the same result, and a list is seen whole
     * because its fields are final.
     */
    final int hash;

    /**
     * The epoch in which the miss logic last found that there is nobody left to ask. Plain: it is a hint, and a reader that misses a write
     * only takes the long way once more.
     */
    private int settled;

    final EntityId entity;

    /** Null in the present snapshot of an entity; see {@link EntityTable}. */
    volatile @Nullable Snapshot next;

    private @Nullable TagList high;
    private @Nullable TagList orchestrator;
    private @Nullable TagList low;
    private final Entry[] entries; // by Source.compare

    /** Whether somebody has asked for the tags, or is taken to have. Plain, a hint. */
    private boolean asked;
    /** How many snapshots in a row somebody has asked, as far as it was looked at. */
    private byte streak;
    /** Of how many of the next ones it is taken for granted, so that the reader need not say so. */
    private byte granted;

    /**
     * The subscriptions that have this entity pending anyway, so that they need not be offered this snapshot: they are told of the present
     * one in the end. Guarded by the stripe's lock.
     */
    long offered;

    /** The same as another one, with the tags of all its entries in the pool. */
    Snapshot(Snapshot before, TagPool pool) {
        this(
                before.entity,
                Arrays.stream(before.entries)
                        .map(entry -> entry.pooled ? entry : entry.in(pool))
                        .toArray(Entry[]::new));
        settled = before.settled;
        offered = before.offered;
        asked = before.asked;
        streak = before.streak;
        granted = before.granted;
        if (before.high != null) {
            merge();
        }
    }

    /** What the sources said: sorted by {@link Source#compare}, at least one, taken over. */
    Snapshot(EntityId entity, Entry[] entries) {
        this.entity = entity;
        this.hash = entity.hashCode();
        this.entries = entries;
    }

    /**
     * What several sources say of an entity, merged, by itself: it stands in no store.
     *
     * @param entity the entity
     * @param said what each source says, at least one
     * @return the snapshot
     */
    public static Snapshot of(EntityId entity, Map<Source, TagInfo> said) {
        return new Snapshot(
                entity,
                said.entrySet().stream()
                        .map(one -> new Entry(one.getKey(), one.getValue()))
                        .sorted((a, b) -> Source.compare(a.source, b.source))
                        .toArray(Entry[]::new));
    }

    private Snapshot(String marker) {
        entity = EntityId.internal(marker);
        hash = ~entity.hashCode(); // so that it equals nothing that anybody may look for
        entries = new Entry[0];
    }

    @Override
    public EntityId entity() {
        return entity;
    }

    @Override
    public List<String> tags(Cardinality cardinality) {
        TagList tags = list(cardinality);
        return tags == null || !asked ? firstTags(cardinality) : tags;
    }

    /** Not a switch: that would read an array, where a comparison with a constant is nothing once it is compiled. */
    private @Nullable TagList list(Cardinality cardinality) {
        return cardinality == Cardinality.HIGH ? high : cardinality == Cardinality.LOW ? low : orchestrator;
    }

    private List<String> firstTags(Cardinality cardinality) {
        asked = true;
        TagList tags = list(cardinality);
        return tags == null ? merge()[cardinality.ordinal()] : tags;
    }

    /**
     * Works out the tags before anybody asks, if somebody has asked for those of the last two snapshots: then it is likely to happen again.
     * The longer that has held, the more of the next snapshots are taken as asked for, because it costs a reader much to say so in a line of
     * memory that a writer has just written.
     */
    private void mergeAhead(Snapshot before) {
        if (before.granted > 0) {
            streak = before.streak;
            granted = (byte) (before.granted - 1);
        } else if (before.asked) {
            streak = (byte) Math.min(before.streak + 1, LONGEST_STREAK);
            granted = (byte) ((1 << streak - 1) - 1);
        }
        asked = granted > 0;
        if (streak > 1) {
            merge();
        }
    }

    @Override
    public List<String> standard() {
        return new Merge(entries).standard();
    }

    @Override
    public Map<String, TagInfo> sources() {
        Map<String, TagInfo> sources = new LinkedHashMap<>();
        for (Entry entry : entries) {
            sources.put(entry.source.name(), entry.info(entity));
        }
        return Collections.unmodifiableMap(sources);
    }

    @Override
    public CollectorPriority priority(String source) {
        for (Entry entry : entries) {
            if (entry.source.name().equals(source)) {
                return entry.source.priority();
            }
        }
        return EntityTags.super.priority(source);
    }

    @Override
    public boolean complete() {
        for (Entry entry : entries) {
            if (!entry.complete) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether a source has said all it knows.
     *
     * @param source the source
     * @return whether it has an entry here, and a complete one
     */
    public boolean isAnsweredBy(Source source) {
        Entry entry = entry(source);
        return entry != null && entry.complete;
    }

    /**
     * Whether there was nobody left to ask in an epoch.
     *
     * @param epoch the current epoch of the miss logic, not 0
     * @return whether {@link #settle} was called with it
     */
    public boolean isSettledIn(int epoch) {
        return settled == epoch;
    }

    /**
     * Whether there was nobody left to ask in any epoch.
     *
     * @return whether {@link #settle} was called
     */
    public boolean wasSettled() {
        return settled != 0;
    }

    /**
     * Notes that there is nobody left to ask.
     *
     * @param epoch the epoch this holds for
     */
    public void settle(int epoch) {
        settled = epoch;
    }

    /**
     * Makes the next snapshot of this entity.
     *
     * @param changed the new entries, sorted by {@link Source#compare}, taken over
     * @param staysSettled whether the sources that had answered still have, so that the new snapshot is as settled as this one
     */
    Snapshot successor(Entry[] changed, boolean staysSettled) {
        Snapshot next = new Snapshot(entity, changed);
        next.settled = staysSettled && next.complete() ? settled : 0;
        next.mergeAhead(this);
        next.offered = offered;
        return next;
    }

    @Override
    public String toString() {
        return entity + " " + tags(Cardinality.HIGH);
    }

    /** Says what has come of this one. With the stripe locked. */
    void become(Snapshot newer) {
        NEXT.setRelease(this, newer);
    }

    /** What came of this snapshot: itself if it is the present one, else a newer one, {@link #REPLACED} or {@link #REMOVED}. */
    Snapshot present() {
        Snapshot present = this;
        for (Snapshot newer = next; newer != null; newer = newer.next) {
            present = newer;
        }
        return present;
    }

    @Nullable
    Entry entry(Source source) {
        for (Entry entry : entries) {
            if (entry.source == source) {
                return entry;
            }
        }
        return null;
    }

    Entry[] entries() {
        return entries;
    }

    /** The entries with one added, or put in the place of its source's last one. */
    static Entry[] with(Entry[] entries, Entry added) {
        int at = 0;
        while (at < entries.length && Source.compare(entries[at].source, added.source) < 0) {
            at++;
        }
        boolean replaces = at < entries.length && entries[at].source == added.source;
        Entry[] result = new Entry[replaces ? entries.length : entries.length + 1];
        System.arraycopy(entries, 0, result, 0, at);
        result[at] = added;
        System.arraycopy(entries, replaces ? at + 1 : at, result, at + 1, result.length - at - 1);
        return result;
    }

    static Entry[] without(Entry[] entries, Entry removed) {
        return Arrays.stream(entries).filter(entry -> entry != removed).toArray(Entry[]::new);
    }

    /** Works out the three answers and keeps them. */
    TagList[] merge() {
        TagList[] merged = new Merge(entries).levels();
        low = merged[0];
        orchestrator = merged[1];
        high = merged[2];
        return merged;
    }
}
