package io.tagger.store;

import io.tagger.api.EntityId;
import io.tagger.api.TagInfo;
import io.tagger.store.TagSubscription.Kind;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The write side of a part of the store's entities: one lock, and all work under the lock. All methods except {@link
 * #lock} and {@link #unlock} need the lock held.
 */
final class Stripe {
    private final ReentrantLock lock = new ReentrantLock();
    private final EntityTable entities;
    private final TagPool pool;
    private final FetchClock clock;
    private final Clock time;
    private final Subscriptions subscriptions;

    private final DeletionMarks deletions = new DeletionMarks();
    private final ExpiryQueue expiries = new ExpiryQueue();
    /** Entities with an entry not yet in the pool. */
    private Set<EntityId> unpooled = new HashSet<>(2);

    /** Makes a stripe over the shared parts of a store. */
    Stripe(EntityTable entities, TagPool pool, FetchClock clock, Clock time, Subscriptions subscriptions) {
        this.entities = entities;
        this.pool = pool;
        this.clock = clock;
        this.time = time;
        this.subscriptions = subscriptions;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    @Nullable
    Snapshot find(EntityId entity) {
        return entities.find(entity);
    }

    /**
     * Whether a fetched report is older than the store's state: a deletion, a withdrawal, or a report of the same
     * source.
     */
    boolean isLate(Ticket ticket, Report report) {
        if (deletions.happenedSince(ticket, report.entity(), report.source())) {
            return true;
        }
        Entry entry = entry(report.entity(), report.source());
        return entry != null && entry.stamp >= ticket.number;
    }

    /**
     * Takes a report.
     *
     * @return whether the tags of the entity have changed
     */
    boolean accept(Report report) {
        EntityId entity = report.entity();
        Source source = report.source();
        TagInfo info = report.info();
        if (info.deleteEntity()) {
            deletions.mark(entity, source, clock.now(), time.millis());
            return false;
        }
        Snapshot before = entities.find(entity);
        Entry last = before == null ? null : before.entry(source);
        if (info.isEmpty()) {
            if (report.pushed() && before != null && last != null) {
                withdraw(before, last);
                return true;
            }
            return false;
        }
        deletions.unmark(entity, source);
        if (last != null && last.matches(info)) {
            note(report, last, last);
            return false;
        }
        Entry entry = new Entry(source, info);
        if (last == null || last.low.shared) {
            entry = entry.in(pool);
        } else {
            unpooled.add(entity);
        }
        if (last == null) {
            source.entryAdded();
        }
        note(report, entry, last);
        if (before == null) {
            add(new Snapshot(entity, new Entry[] {entry}));
        } else {
            replace(before, before.successor(Snapshot.with(before.entries(), entry), true));
        }
        if (last != null) {
            last.release(pool); // after the replacement, when no reader finds the old snapshot any more
        }
        return true;
    }

    /** Records the instance, the stamp and the expiry of a reported entry, new or unchanged. */
    private void note(Report report, Entry entry, @Nullable Entry last) {
        entry.instance = report.instance();
        entry.pushed = report.pushed() || last != null && last.pushed;
        entry.stamp = clock.now();
        expiries.renew(report.entity(), entry, last, report.info().expiry());
    }

    /**
     * Replaces all reports about an entity.
     *
     * @param reports the report of each source
     * @return the snapshot, new if the tags of the entity have changed
     */
    Snapshot put(EntityId entity, List<Reported> reports) {
        Snapshot before = entities.find(entity);
        Entry[] now = new Entry[reports.size()];
        for (int i = 0; i < now.length; i++) {
            Reported report = reports.get(i);
            Entry same = before == null ? null : before.entry(report.source());
            Entry entry = same != null && same.matches(report) ? same : new Entry(report);
            int at = i; // insertion, because sources are few, and sorted by most agents
            while (at > 0 && Source.compare(now[at - 1].source, entry.source) > 0) {
                now[at] = now[at - 1];
                at--;
            }
            now[at] = entry;
        }
        if (before != null && Arrays.equals(now, before.entries())) {
            return before;
        }
        unpooled.add(entity);
        for (Entry entry : now) {
            entry.pushed = true;
            entry.source.entryAdded();
        }
        Snapshot after;
        if (before == null) {
            after = new Snapshot(entity, now);
            add(after);
        } else {
            after = before.successor(now, true);
            replace(before, after);
            for (Entry entry : before.entries()) {
                entry.source.entryRemoved();
                if (!Arrays.asList(now).contains(entry)) {
                    entry.release(pool);
                }
            }
        }
        return after;
    }

    private void add(Snapshot first) {
        entities.add(first);
        subscriptions.publish(Kind.ADDED, first);
    }

    private void replace(Snapshot before, Snapshot now) {
        entities.replace(before, now);
        subscriptions.publish(Kind.MODIFIED, now);
    }

    /** Removes an entity with all sources. */
    void remove(Snapshot snapshot) {
        for (Entry entry : snapshot.entries()) {
            entry.source.entryRemoved();
            entry.release(pool);
        }
        entities.remove(snapshot);
        subscriptions.publishDeletion(snapshot.entity);
    }

    /** Publishes an entity anew if other rules for names give other tags. */
    void serve(EntityId entity, NameRules before, NameRules now) {
        Snapshot snapshot = entities.find(entity);
        if (snapshot != null && !snapshot.isServedAlike(before, now)) {
            replace(snapshot, snapshot.successor(snapshot.entries(), true));
        }
    }

    /** Withdraws the entry of a source if its last report came from an instance before the given instance. */
    void sweep(EntityId entity, Source source, int instance) {
        Snapshot snapshot = entities.find(entity);
        Entry entry = snapshot == null ? null : snapshot.entry(source);
        if (snapshot != null && entry != null && entry.instance < instance) {
            withdraw(snapshot, entry);
        }
    }

    /**
     * Withdraws the tags of one source. Without a remaining pushed entry the whole entity goes: no collector would
     * notice its end.
     *
     * @return whether the entity was removed
     */
    private boolean withdraw(Snapshot before, Entry entry) {
        Entry[] rest = Snapshot.without(before.entries(), entry);
        boolean orphaned = entry.pushed && Arrays.stream(rest).noneMatch(other -> other.pushed);
        if (rest.length == 0 || orphaned) {
            deletions.stampDeletion(before.entity, clock.now());
            remove(before);
            return true;
        }
        deletions.stampWithdrawal(before.entity, entry.source, clock.now());
        entry.source.entryRemoved();
        replace(before, before.successor(rest, false)); // not settled: the withdrawn source may be asked again
        entry.release(pool);
        return false;
    }

    /**
     * Carries out the deletions marked until a moment, and withdraws the expired entries.
     *
     * @param now the time, in milliseconds since the epoch
     * @param until the moment, in milliseconds since the epoch
     * @return the number of entities removed
     */
    int prune(long now, long until) {
        return deletions.carryOut(until, this::removeIfKnown, clock) + expiries.expire(now, this::entry, this::expire);
    }

    private boolean removeIfKnown(EntityId entity) {
        Snapshot snapshot = entities.find(entity);
        if (snapshot != null) {
            remove(snapshot);
        }
        return snapshot != null;
    }

    private @Nullable Entry entry(EntityId entity, Source source) {
        Snapshot snapshot = entities.find(entity);
        return snapshot == null ? null : snapshot.entry(source);
    }

    /**
     * Withdraws the fetched tags of a source whose newer answer does not know the entity.
     *
     * @return whether tags were withdrawn
     */
    boolean withdrawFetched(Ticket ticket, EntityId entity, Source source) {
        Snapshot snapshot = entities.find(entity);
        Entry entry = snapshot == null ? null : snapshot.entry(source);
        if (snapshot == null || entry == null || entry.pushed || entry.stamp >= ticket.number) {
            return false;
        }
        withdraw(snapshot, entry);
        return true;
    }

    private boolean expire(EntityId entity, Source source) {
        Snapshot snapshot = entities.find(entity);
        Entry entry = snapshot == null ? null : snapshot.entry(source);
        return snapshot != null && entry != null && withdraw(snapshot, entry);
    }

    /**
     * Pools the entries changed since the last prune. An entry replaced meanwhile never pays for the pool.
     *
     * @param most the number of entities after which the rest is left
     * @return whether entries are left, because there were more, or the pool needs room first
     */
    boolean poolChanged(int most) {
        var next = unpooled.iterator();
        for (int pooled = 0; next.hasNext(); pooled++) {
            if (pooled == most) {
                return true;
            }
            Snapshot before = entities.find(next.next());
            next.remove();
            if (before != null) {
                entities.replace(before, new Snapshot(before, pool));
            }
            if (pool.isCrowded()) {
                return next.hasNext();
            }
        }
        unpooled = new HashSet<>(2); // the old set would keep its largest capacity
        return false;
    }

    /** The number of turns in the queue of expiries, for tests. */
    int turns() {
        return expiries.size();
    }

    /** The number of entities with a deletion mark or a stamp, for tests. */
    int tombstones() {
        return deletions.size();
    }
}
