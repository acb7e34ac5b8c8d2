package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.SourceTags;
import io.tagger.api.TagInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tags of an entity at one moment, the result of a lookup. The content never changes; the fields for the merge, the
 * miss logic and the successor are written later. {@link Merge} has the rules of the merge.
 */
public final class Snapshot implements EntityTags {
    /** The value of {@link #next} after a replacement: the newer snapshot is in the table. */
    static final Snapshot REPLACED = new Snapshot("replaced");

    /** The value of {@link #next}, and of the table's slot, after a removal of the entity. */
    static final Snapshot REMOVED = new Snapshot("removed");

    private static final VarHandle NEXT;

    static {
        try {
            NEXT = MethodHandles.lookup().findVarHandle(Snapshot.class, "next", Snapshot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The longest streak: at 2 to the power of 4, a snapshot in 16 is still watched for readers. */
    private static final int LONGEST_STREAK = 5;

    /*
     * The fields that a hit reads come first, so that they usually share a cache line.
     *
     * The three lists exist from the start if a reader had asked for the lists of the snapshot before. Otherwise the
     * first reader writes the lists without a lock, like the hash of a String: two threads compute the same result, and
     * a list is published whole because the fields are final.
     */
    final int hash;

    /**
     * The epoch in which the miss logic last found no collector left to ask. A plain field, a hint: a reader that
     * misses the write takes the slow path once more.
     */
    private int settled;

    final EntityId entity;

    /**
     * The successor of this snapshot: null while this snapshot is present, then the newer snapshot, and at last {@link
     * #REPLACED} or {@link #REMOVED}. The field decides which snapshot of an entity is present; see {@link
     * EntityTable}.
     */
    volatile @Nullable Snapshot next;

    private @Nullable TagList high;
    private @Nullable TagList orchestrator;
    private @Nullable TagList low;
    private final Entry[] entries; // by Source.compare

    /** Whether a reader has asked for the tags, or is assumed to have. A plain field, a hint. */
    private boolean asked;
    /** The number of watched snapshots in a row with a reader. */
    private byte streak;
    /** The number of following snapshots for which a reader is assumed, so that readers need not write. */
    private byte granted;

    /**
     * The subscriptions with a pending event of this entity. They deliver the present snapshot in the end, and need no
     * further offer. Guarded by the stripe's lock.
     */
    long offered;

    /** A copy of a snapshot with the tags of all entries in the pool. */
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

    /** A snapshot of entries, sorted by {@link Source#compare}; takes over the array, at least one entry. */
    Snapshot(EntityId entity, Entry[] entries) {
        this.entity = entity;
        this.hash = entity.hashCode();
        this.entries = entries;
    }

    /**
     * The merge of several sources' reports about an entity, outside of a store.
     *
     * @param entity the entity
     * @param reports the report of each source, at least one
     * @return the snapshot
     */
    public static Snapshot of(EntityId entity, List<Reported> reports) {
        Entry[] entries = reports.stream().map(Entry::new).toArray(Entry[]::new);
        Arrays.sort(entries, (a, b) -> Source.compare(a.source, b.source));
        return new Snapshot(entity, entries);
    }

    private Snapshot(String marker) {
        entity = EntityId.internal(marker);
        hash = ~entity.hashCode(); // equal to no entity of a caller
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

    /** Not a switch: a switch would read an array, while a comparison with a constant compiles to nothing. */
    private @Nullable TagList list(Cardinality cardinality) {
        if (cardinality == Cardinality.HIGH) {
            return high;
        } else if (cardinality == Cardinality.LOW) {
            return low;
        }
        Objects.requireNonNull(cardinality, "cardinality");
        return orchestrator;
    }

    private List<String> firstTags(Cardinality cardinality) {
        asked = true;
        TagList tags = list(cardinality);
        return tags == null ? merge()[cardinality.ordinal()] : tags;
    }

    /**
     * Merges before the first reader, if readers asked for the last two snapshots: another question is then likely. The
     * longer the streak, the more of the following snapshots count as asked for, because a reader's write to a freshly
     * written cache line is expensive.
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
        return new Merge(served()).standard();
    }

    @Override
    public Map<String, TagInfo> sources() {
        Map<String, TagInfo> sources = new LinkedHashMap<>();
        for (Entry entry : served()) {
            sources.put(entry.source.name(), entry.info(entity));
        }
        return Collections.unmodifiableMap(sources);
    }

    @Override
    public List<SourceTags> bySource() {
        return List.of(served());
    }

    /**
     * The reports of the sources, without regard to {@link NameRules}, for an explanation.
     *
     * @return the last report of each source, highest priority first; unmodifiable
     */
    public List<SourceTags> reported() {
        return List.of(entries);
    }

    /** Whether the tags are the same under two sets of rules. */
    boolean isServedAlike(NameRules before, NameRules now) {
        Merge one = new Merge(ServedEntries.of(before, entries));
        Merge other = new Merge(ServedEntries.of(now, entries));
        return Arrays.equals(one.levels(), other.levels()) && one.standard().equals(other.standard());
    }

    /** The entries under the store's rules for names; the entries themselves where there is no rule. */
    private Entry[] served() {
        return entries.length == 0 ? entries : ServedEntries.of(entries[0].source.names(), entries);
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
     * Whether a source has given a complete answer.
     *
     * @param source the source
     * @return whether the source has a complete entry here
     */
    public boolean isAnsweredBy(Source source) {
        Entry entry = entry(source);
        return entry != null && entry.complete && source.countsAnswersOf(entry.instance);
    }

    /**
     * Whether the tags of a source are of an instance before {@link Source#answersFrom}.
     *
     * @param source the source
     * @return whether the source has tags here that count as no answer
     */
    public boolean hasVoidAnswerOf(Source source) {
        Entry entry = entry(source);
        return entry != null && !source.countsAnswersOf(entry.instance);
    }

    /**
     * Whether a source has reported the entity.
     *
     * @param source the source
     * @return whether the source has an entry here
     */
    public boolean isReportedBy(Source source) {
        return entry(source) != null;
    }

    /**
     * Whether the entity was settled in an epoch.
     *
     * @param epoch the current epoch of the miss logic, not 0
     * @return whether {@link #settle} was called with the epoch
     */
    public boolean isSettledIn(int epoch) {
        return settled == epoch;
    }

    /**
     * Whether the entity was settled in any epoch.
     *
     * @return whether {@link #settle} was called
     */
    public boolean wasSettled() {
        return settled != 0;
    }

    /**
     * Marks the entity as settled in an epoch: no collector is left to ask.
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
     * @param staysSettled whether all sources with an answer still have an answer, so that the new snapshot is as
     *     settled as this snapshot
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

    /** Publishes the successor of this snapshot. The stripe is locked. */
    void become(Snapshot newer) {
        NEXT.setRelease(this, newer);
    }

    /**
     * The end of the chain of successors: this snapshot itself, a newer snapshot, {@link #REPLACED} or {@link
     * #REMOVED}.
     */
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

    /** The entries with a new entry, in place of the same source's last entry. */
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

    /** Merges the tags of the three levels, and keeps the lists. */
    TagList[] merge() {
        TagList[] merged = new Merge(served()).levels();
        low = merged[0];
        orchestrator = merged[1];
        high = merged[2];
        return merged;
    }
}
