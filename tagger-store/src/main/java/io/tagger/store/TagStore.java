package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.CollectorPriority;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The in-memory store of tags: the report of every source on every entity, and the merge of the reports.
 *
 * <p>Thread-safe. Lookups take no lock and allocate nothing; a lookup sees each update as a whole or not at all.
 * Updates of different entities run in parallel as far as the entities belong to different stripes. The comment in
 * package-info.java explains how the parts of the store work together.
 */
public final class TagStore {
    /**
     * Default number of stripes. Two writers on a large machine seldom meet; a stripe is small.
     */
    public static final int DEFAULT_STRIPES = 64;

    private final EntityTable entities = new EntityTable();
    private final TagPool pool = new TagPool();
    private final FetchClock fetches = new FetchClock();
    private final Subscriptions subscriptions = new Subscriptions();
    private final Clock clock;
    private final Stripes stripes;
    private final NameRules.Holder names = new NameRules.Holder();
    private final LongAdder updates = new LongAdder();
    private final LongAdder prunes = new LongAdder();
    private final LongAdder pruned = new LongAdder();
    private final LongAdder late = new LongAdder();

    /** The operations of the store for its subscriptions. */
    private final TagSubscription.Store claims;

    /**
     * Makes an empty store.
     *
     * @param clock the clock for expiries
     * @param stripes the number of locks for writers: 1 to 65,536, rounded up to a power of two
     * @throws IllegalArgumentException if the number is out of bounds
     */
    public TagStore(Clock clock, int stripes) {
        this.clock = clock;
        this.stripes = new Stripes(stripes, entities, pool, fetches, clock, subscriptions);
        claims = new Claims(this.stripes, subscriptions);
    }

    /**
     * Makes a source of this store, under the store's {@link NameRules}. A store must see one object for each name.
     *
     * @param name the collector's name
     * @param priority the rank of the source in a merge
     * @return the source
     */
    public Source source(String name, CollectorPriority priority) {
        return new Source(name, priority, names);
    }

    /**
     * The rules for the names of served tags.
     *
     * @return the present rules
     */
    public NameRules names() {
        return names.rules;
    }

    /**
     * Sets the rules for the names of served tags, for the known entities too. Subscribers learn of each entity whose
     * tags are others now.
     *
     * @param rules the rules in place of the rules before
     */
    public void serve(NameRules rules) {
        NameRules before = names.rules;
        names.rules = rules;
        entities.forEach(seen -> stripes.locked(seen.entity, stripe -> stripe.serve(seen.entity, before, rules)));
        subscriptions.signal();
    }

    /**
     * Finds the present snapshot of an entity.
     *
     * @param entity the entity
     * @return the snapshot; null if the entity is unknown
     */
    public @Nullable Snapshot find(EntityId entity) {
        return entities.find(entity);
    }

    /**
     * Finds the present snapshot of an entity.
     *
     * @param entity the entity's text; malformed text is never found
     * @return the snapshot; null if the entity is unknown
     */
    public @Nullable Snapshot find(String entity) {
        return entities.find(entity);
    }

    /**
     * Makes a handle to an entity, known or not.
     *
     * @param entity the entity
     * @return the handle; the handle asks no collector
     */
    public TagHandle handle(EntityId entity) {
        return new StoreHandle(this, entity);
    }

    /**
     * Finds the tags of an entity.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return the tags at the level and below, unmodifiable; empty if the entity is unknown
     */
    public List<String> lookup(EntityId entity, Cardinality cardinality) {
        Snapshot snapshot = entities.find(entity);
        return snapshot == null ? TagList.EMPTY : snapshot.tags(cardinality);
    }

    /**
     * Lists the known entities.
     *
     * @param filter the entities wanted
     * @return the entities' snapshots, in no particular order; each snapshot is exact, the list is of no single moment
     */
    public List<EntityTags> list(EntityFilter filter) {
        List<EntityTags> list = new ArrayList<>();
        entities.forEach(snapshot -> {
            if (filter.matches(snapshot.entity)) {
                list.add(snapshot);
            }
        });
        return list;
    }

    /**
     * Counts the known entities.
     *
     * @return the number, exact while no writer is active
     */
    public long size() {
        return entities.size();
    }

    /**
     * Takes pushed infos.
     *
     * @param source the source of the infos
     * @param instance the number of the collector's instance; infos of an instance before a synced instance are ignored
     * @param infos the infos, all of this source
     */
    public void update(Source source, int instance, List<TagInfo> infos) {
        int changed = 0;
        for (TagInfo info : infos) {
            Report report = Report.pushed(source, instance, info);
            Stripe stripe = stripes.lock(info.entity());
            try {
                changed += !report.isObsolete() && stripe.accept(report) ? 1 : 0;
            } finally {
                stripe.unlock();
            }
            stripes.makeRoom();
        }
        countAndSignal(changed);
    }

    /**
     * Notes the beginning of a fetch.
     *
     * @return the ticket to {@link #apply} the answer with, and to close
     */
    public Ticket begin() {
        return fetches.begin();
    }

    /**
     * Takes fetched infos. An info is refused as late if, after the start of the fetch, the entity was deleted or the
     * source reported the entity anew. An info without tags replaces no tags.
     *
     * @param ticket the ticket made when the fetch began
     * @param source the source of the infos
     * @param instance the number of the collector's instance
     * @param infos the infos, all of this source
     * @return the entities of the refused infos
     */
    public Set<EntityId> apply(Ticket ticket, Source source, int instance, List<TagInfo> infos) {
        Set<EntityId> refused = new HashSet<>();
        int changed = 0;
        for (TagInfo info : infos) {
            Report report = Report.fetched(source, instance, info);
            Stripe stripe = stripes.lock(info.entity());
            try {
                if (ticket.isVoid() || report.isObsolete() || stripe.isLate(ticket, report)) {
                    refused.add(info.entity());
                } else {
                    changed += stripe.accept(report) ? 1 : 0;
                }
            } finally {
                stripe.unlock();
            }
            stripes.makeRoom();
        }
        late.add(refused.size());
        countAndSignal(changed);
        return refused;
    }

    /**
     * Withdraws the fetched tags of a source after a fetch that did not find the entity. No effect if the source reported
     * the entity after the start of the fetch, or pushes its reports.
     *
     * @param ticket the ticket made when the fetch began
     * @param source the source
     * @param entity the entity that the fetch did not find
     */
    public void withdraw(Ticket ticket, Source source, EntityId entity) {
        Stripe stripe = stripes.lock(entity);
        boolean changed;
        try {
            changed = !ticket.isVoid() && stripe.withdrawFetched(ticket, entity, source);
        } finally {
            stripe.unlock();
        }
        countAndSignal(changed ? 1 : 0);
    }

    /**
     * Replaces all reports about an entity, all sources at once: a reader sees the whole replacement or none of it. For
     * a store that follows another store and has no further writer.
     *
     * @param entity the entity
     * @param reports the whole report of each source, at least one, each with tags
     * @return the present snapshot
     * @throws IllegalArgumentException if there is no report, or a report has no tags
     */
    public Snapshot put(EntityId entity, List<Reported> reports) {
        boolean isEmpty = reports.isEmpty();
        for (Reported report : reports) {
            isEmpty |= report.isEmpty();
        }
        if (isEmpty) {
            throw new IllegalArgumentException("a report on " + entity + " needs tags: " + reports);
        }
        Snapshot before;
        Snapshot now;
        Stripe stripe = stripes.lock(entity);
        try {
            before = stripe.find(entity);
            now = stripe.put(entity, reports);
        } finally {
            stripe.unlock();
        }
        stripes.makeRoom();
        countAndSignal(now == before ? 0 : 1);
        return now;
    }

    /**
     * Removes an entity at once. For a store that follows another store, like {@link #put}.
     *
     * @param entity the entity; the call has no effect if the entity is unknown
     */
    public void remove(EntityId entity) {
        Stripe stripe = stripes.lock(entity);
        try {
            Snapshot snapshot = stripe.find(entity);
            if (snapshot == null) {
                return;
            }
            stripe.remove(snapshot);
        } finally {
            stripe.unlock();
        }
        countAndSignal(1);
    }

    /**
     * Withdraws the tags reported by earlier instances of a collector and not by the given instance, after that
     * instance has synced.
     *
     * @param source the source
     * @param instance the number of the synced instance
     */
    public void sweep(Source source, int instance) {
        source.synced(instance);
        stripes.awaitWriters(); // an entry written by such a writer for an earlier instance is found below
        entities.forEach(seen -> stripes.locked(seen.entity, stripe -> stripe.sweep(seen.entity, source, instance)));
        subscriptions.signal();
    }

    /**
     * Carries out all marked deletions, withdraws expired entries, and pools changed entries. The cost grows
     * with the number of deletions, expiries and changes since the last prune, not with the number of entities.
     *
     * @return the number of entities removed
     */
    public int prune() {
        return prune(clock.millis(), Long.MAX_VALUE);
    }

    /**
     * Like {@link #prune()}, but carries out only deletions marked for a while. Until then a deleted entity stays known,
     * and the source that deleted the entity may take the mark back.
     *
     * @param grace the age of a mark, not negative, from which the deletion is carried out
     * @return the number of entities removed
     */
    public int prune(Duration grace) {
        long now = clock.millis();
        return prune(now, now - grace.toMillis());
    }

    private int prune(long now, long until) {
        int removed = stripes.prune(now, until);
        prunes.increment();
        pruned.add(removed);
        subscriptions.signal();
        return removed;
    }

    /**
     * Pools changed entries, as {@link #prune()} does, but a part at a time: for a store that follows another store, and
     * has nothing to prune.
     *
     * @param most the number of entities of a part
     * @return whether more entries are left
     */
    public boolean pool(int most) {
        return stripes.poolChanged(most);
    }

    /**
     * Tells a listener the known entities and then the changes; {@link TagListener} has the promises.
     *
     * @param filter the entities wanted
     * @param listener the listener
     * @param executor runs the listener, one task at a time for a subscription
     * @return the subscription
     */
    public Subscription subscribe(EntityFilter filter, TagListener listener, Executor executor) {
        TagSubscription subscription = subscriptions.open(claims, filter, listener, executor);
        // From here on every change is offered. An entity is either found below, or offered by the adding writer.
        entities.forEach(seen -> stripes.locked(seen.entity, stripe -> {
            Snapshot snapshot = stripe.find(seen.entity);
            if (snapshot != null) {
                Subscriptions.offer(subscription, TagSubscription.Kind.ADDED, snapshot);
            }
        }));
        subscription.begin();
        return subscription;
    }

    /** Ends all subscriptions: no listener is called any more. */
    public void closeSubscriptions() {
        subscriptions.closeAll();
    }

    /**
     * Counts the events of the store.
     *
     * @return the counters at this moment
     */
    public StoreStatistics statistics() {
        return new StoreStatistics(updates.sum(), prunes.sum(), pruned.sum(), late.sum(), subscriptions.count());
    }

    /** The sizes of the internal collections, for tests. */
    StoreInternals internals() {
        return new StoreInternals(pool.size(), stripes.sum(Stripe::turns), stripes.sum(Stripe::tombstones));
    }

    /**
     * Counts changes for a whole batch at once, because each addition waits for the writes before, and signals the
     * subscriptions.
     */
    private void countAndSignal(int changed) {
        if (changed > 0) {
            updates.add(changed);
            subscriptions.signal();
        }
    }
}
