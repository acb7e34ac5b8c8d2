package io.tagger.store;

import io.tagger.api.Cardinality;
import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagHandle;
import io.tagger.api.TagInfo;
import io.tagger.api.TagListener;
import io.tagger.store.TagSubscription.Kind;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what every source said of every entity, and the merge of it.
 *
 * <p>Thread-safe. Lookups take no lock and allocate nothing; they see each update whole or not at all. Updates of different entities run
 * beside each other as far as they fall into different stripes.
 */
public final class TagStore {
    /*
     * How it works.
     *
     * Readers find the present Snapshot of an entity in the EntityTable: key, slot, snapshot, list. A caller that has just read an id from a
     * socket comes with a text alone and is served by the same table, without parsing it.
     *
     * Writers: an entity belongs to one stripe, chosen by its hash. The stripe's lock guards, for its entities: the change of a snapshot
     * (read, write), the mutable book-keeping of the entries, the marks of deletions, the queue of expiries, what is to be pooled, to whom
     * a snapshot was offered, and the order of that. A snapshot refers to the entries that it consists of, so there is no second map of them. No stripe's
     * lock is ever taken inside another's, but by makeRoom(), which takes all of them in their order, with none held.
     *
     * Merging: a snapshot of which nobody has asked for the tags is not merged. The first who asks merges it. Once two in a row were asked
     * for, the writer merges the next ones ahead, until one is not asked for; not each is watched, so that may take up to 16. So an entity that is read finds its tags merged, and one that
     * only changes costs next to nothing.
     *
     * Memory: equal strings are one object (TagPool), equal low tags of a source are one LowTags, and the merge of two of those is kept with
     * the first of them: the replicas of a deployment share all but what is their own. What a source says of an entity for the first time is
     * pooled at once, and so is what replaces low tags that others share. Everything else is pooled at the next prune, if it is still there:
     * finding the equal strings costs a writer more than all the rest, and what changes all the time and is like nothing else is never worth
     * it.
     *
     * Subscribers are offered a change while the stripe is locked, but only if they have not got the entity pending anyway: a bit in the
     * snapshot says so. They are told of the present snapshot in the end, so one that is stuck costs a writer a look at that bit.
     *
     * Deletions are marks until prune() carries them out. A mark remembers who set it, because only they can take it back, and when
     * (as the number of fetches that had begun). That moment is kept after the prune as long as one of those is under way: it looked at a
     * world in which the entity was still alive, so its answer is refused. Every entry has the same stamp, so that a slow fetch does not
     * overwrite what its own source pushed meanwhile.
     *
     * Who keeps an entity alive: an entry that was pushed belongs to a collector that will notice when the entity is gone. An entry that was
     * fetched does not. So when the last pushed entry is withdrawn (swept after a resync, or replaced by nothing), the fetched ones go
     * with it; otherwise an ECS answer would outlive its container for ever. An entity that was only ever fetched stays until its expiry.
     *
     * Expiries: a priority queue per stripe has one turn for each expiring pair of entity and source, which the entries of the pair hand
     * on. One that was prolonged gets its next turn when the old one comes, so renewing costs nothing; one that was shortened gets an
     * earlier turn, and the old one is skipped. A turn of what is gone stays until its time.
     *
     * Why this shape. What a lookup costs is the number of objects between the key and the list, once the entities do not fit the
     * processor's cache: the instructions are hidden behind the memory. So each of them was taken out that could be:
     *
     * - The first form was a ConcurrentHashMap from text to a place that held the snapshot: key, text, slot, node, place, snapshot. It took
     *   1.36 times as long as a bare map with 1,000 entities, and 1.52 times with 100,000. The hash in the EntityId spares the text, and a
     *   table of snapshots spares the node and the place, which also were two more objects for each entity.
     * - Handles then lost the place that they had kept. They keep the snapshot now, which says itself when there is a newer one.
     * - What a hit reads of a snapshot stands together; the level is compared and not switched upon, which would read an array; the slots are
     *   read as an array and not through a VarHandle, which would look at the class of each snapshot. None of these is longer than what it
     *   replaced; one by one they are within the noise of the machine.
     * - Merging at every update took 300 to 550 ms for the bar's round of 10,000 random infos, of which an entity has ten sources' worth.
     *   Merging on demand alone would let readers merge beside a writer; hence both. Merging ahead after a single question merged twice for
     *   each of them in that round.
     * - Pooling at every update, with a sort of each merge, took 57 ms of that round, comparing strings for most of it.
     * - Every atomic addition and volatile write of an update waits until its new objects have reached memory. There were seven where an
     *   entry is replaced; two are left, the lock's, and those of the pool where low tags are shared. The store's counter is read by writers and written by fetches, of which there are few; the table's three writes are
     *   ordered and not waited for; the updates are counted once for a whole batch.
     * - A merge of ten sources waits for their strings to come from memory, one comparison after the other. Going through all of them before
     *   made that round a third shorter. What is left of the round is about half fetching, half comparing.
     * - One object for each tag in the pool (a map's node, a counter) cost more than the tags that nobody shares; arrays of strings and
     *   counters are two slots for it. Without the shared merge a container took 1,024 bytes, with it 940.
     * - Weak references, a pool that is a cache of recent strings, and no counting were thought through and not built: the first is work for
     *   the garbage collector, the second does not keep equal strings once when there are many, the third keeps dead ones for ever.
     *
     * The figures are those of bin/benchmarks on two cores, JDK 17; docs/decisions/0012 names the commands.
     */

    /** Enough that two writers on a large machine seldom meet; a stripe is a lock and two small collections. */
    public static final int DEFAULT_STRIPES = 64;

    private static final int MAX_STRIPES = 1 << 16;

    private final EntityTable entities = new EntityTable();
    private final TagPool pool = new TagPool();
    private final Clock clock;
    private final Stripe[] stripes;
    /** How many fetches have begun: the clock by which it is told whether an answer comes late. */
    private final AtomicLong fetches = new AtomicLong();

    private final Set<Ticket> tickets = ConcurrentHashMap.newKeySet();
    private final List<TagSubscription> subscriptions = new CopyOnWriteArrayList<>();
    private final LongAdder updates = new LongAdder();
    private final LongAdder prunes = new LongAdder();
    private final LongAdder pruned = new LongAdder();
    private final LongAdder late = new LongAdder();

    /**
     * Makes an empty store.
     *
     * @param clock tells when an entry has expired
     * @param stripes how many locks there are for writers: 1 to 65,536, rounded up to a power of two
     * @throws IllegalArgumentException if the number is out of bounds
     */
    public TagStore(Clock clock, int stripes) {
        if (stripes < 1 || stripes > MAX_STRIPES) {
            throw new IllegalArgumentException("stripes must be 1 to " + MAX_STRIPES + ", not " + stripes);
        }
        this.clock = clock;
        int size = stripes == 1 ? 1 : Integer.highestOneBit(stripes - 1) << 1;
        this.stripes = new Stripe[size];
        Arrays.setAll(this.stripes, i -> new Stripe());
    }

    /**
     * Finds all that is known of an entity.
     *
     * @param entity the entity
     * @return the snapshot; null if the entity is unknown
     */
    public @Nullable Snapshot find(EntityId entity) {
        return entities.find(entity);
    }

    /**
     * Finds all that is known of an entity.
     *
     * @param entity the entity's text; need not be well-formed
     * @return the snapshot; null if the entity is unknown
     */
    public @Nullable Snapshot find(String entity) {
        return entities.find(entity);
    }

    /**
     * Makes a handle to an entity, known or not.
     *
     * @param entity the entity
     * @return the handle, which asks nobody
     */
    public TagHandle handle(EntityId entity) {
        return new StoreHandle(this, entity);
    }

    /**
     * Finds the tags of an entity.
     *
     * @param entity the entity
     * @param cardinality the level
     * @return the tags at that level and below, unmodifiable; empty if the entity is unknown
     */
    public List<String> lookup(EntityId entity, Cardinality cardinality) {
        Snapshot snapshot = entities.find(entity);
        return snapshot == null ? TagList.EMPTY : snapshot.tags(cardinality);
    }

    /**
     * Lists what is known.
     *
     * @param filter which entities
     * @return their snapshots, in no particular order; each is exact, the list is of no single moment
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
     * How many entities are known.
     *
     * @return the count, exact when nothing is being written
     */
    public long size() {
        return entities.size();
    }

    /**
     * Takes what a collector sent by itself.
     *
     * @param source whose infos these are
     * @param instance the number of the collector's instance; infos of an instance before one that has synced are ignored
     * @param infos the infos, all of that source
     */
    public void update(Source source, int instance, List<TagInfo> infos) {
        int changed = 0;
        for (TagInfo info : infos) {
            Stripe stripe = lock(info.entity());
            try {
                changed += instance >= source.syncedInstance && write(stripe, source, instance, info, true) ? 1 : 0;
            } finally {
                stripe.unlock();
            }
            makeRoom();
        }
        told(changed);
    }

    /**
     * Notes that a fetch begins.
     *
     * @return the ticket to {@link #apply} its answer with, and to close
     */
    public Ticket begin() {
        // Open it first, as old as can be, and only then give it its number: a prune in between must not forget a
        // deletion
        // that is stamped with that number.
        Ticket ticket = new Ticket(this);
        tickets.add(ticket);
        ticket.number = fetches.incrementAndGet();
        return ticket;
    }

    void end(Ticket ticket) {
        tickets.remove(ticket);
    }

    /**
     * Takes what a collector answered when it was asked. An answer about an entity that was deleted since the fetch began, or of which the
     * same source has said something since, comes too late and is refused. An info without tags replaces nothing.
     *
     * @param ticket made when the fetch began
     * @param source whose infos these are
     * @param instance the number of the collector's instance
     * @param infos the infos, all of that source
     * @return the entities whose infos were refused
     */
    public Set<EntityId> apply(Ticket ticket, Source source, int instance, List<TagInfo> infos) {
        Set<EntityId> refused = new HashSet<>();
        int changed = 0;
        for (TagInfo info : infos) {
            Stripe stripe = lock(info.entity());
            try {
                if (ticket.isVoid() || instance < source.syncedInstance || cameLate(stripe, ticket, source, info)) {
                    refused.add(info.entity());
                } else {
                    changed += write(stripe, source, instance, info, false) ? 1 : 0;
                }
            } finally {
                stripe.unlock();
            }
            makeRoom();
        }
        late.add(refused.size());
        told(changed);
        return refused;
    }

    /**
     * Takes what another store holds of an entity, of all sources at once: a reader sees all of it or nothing. For a store that follows
     * another one, and that nobody else writes to.
     *
     * @param entity the entity
     * @param said what each source has said of it, the whole of it; at least one, each with tags
     * @throws IllegalArgumentException if it is nothing, or a deletion
     */
    public void put(EntityId entity, Map<Source, TagInfo> said) {
        if (said.isEmpty() || said.values().stream().anyMatch(info -> info.deleteEntity() || info.isEmpty())) {
            throw new IllegalArgumentException("nothing was said of " + entity + ": " + said.values());
        }
        int changed;
        Stripe stripe = lock(entity);
        try {
            changed = putAll(entity, said) ? 1 : 0;
        } finally {
            stripe.unlock();
        }
        makeRoom();
        told(changed);
    }

    /**
     * Removes an entity at once. For a store that follows another one, as {@link #put}.
     *
     * @param entity the entity; if it is unknown nothing happens
     */
    public void remove(EntityId entity) {
        Stripe stripe = lock(entity);
        try {
            Snapshot snapshot = entities.find(entity);
            if (snapshot == null) {
                return;
            }
            remove(snapshot);
        } finally {
            stripe.unlock();
        }
        told(1);
    }

    /**
     * Drops what a source had said through instances before this one and has not said again: its collector has told all there is.
     *
     * @param source the source
     * @param instance the number of the instance that has synced
     */
    public void sweep(Source source, int instance) {
        source.syncedInstance = instance;
        for (Stripe stripe : stripes) {
            // Whoever was writing for an earlier instance has finished when we get in, and is seen below.
            stripe.lock();
            stripe.unlock();
        }
        entities.forEach(seen -> {
            Stripe stripe = lock(seen.entity);
            try {
                Snapshot snapshot = entities.find(seen.entity);
                Entry entry = snapshot == null ? null : snapshot.entry(source);
                if (snapshot != null && entry != null && entry.instance < instance) {
                    withdraw(stripe, snapshot, entry);
                }
            } finally {
                stripe.unlock();
            }
        });
        signal();
    }

    /**
     * Carries out the deletions that were marked, drops what has expired, and keeps equal strings once of what has changed. Its cost grows
     * with what was deleted, has expired and has changed since the last time, not with what is stored.
     *
     * @return how many entities were removed
     */
    public int prune() {
        long now = clock.millis();
        int removed = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            try {
                removed += pruneDeleted(stripe) + pruneExpired(stripe, now);
            } finally {
                stripe.unlock();
            }
            boolean more = true;
            while (more) {
                stripe.lock();
                try {
                    more = pool(stripe);
                } finally {
                    stripe.unlock();
                }
                makeRoom();
            }
        }
        prunes.increment();
        pruned.add(removed);
        signal();
        return removed;
    }

    /**
     * Tells a listener what there is and then what changes; see {@link TagListener} for the promises.
     *
     * @param filter which entities
     * @param listener who is told
     * @param executor runs the listener; one task at a time for a subscription
     * @return the subscription
     */
    public Subscription subscribe(EntityFilter filter, TagListener listener, Executor executor) {
        TagSubscription subscription = open(filter, listener, executor);
        // From here on every change is offered, so that an entity is either seen below or offered by whoever adds it.
        entities.forEach(seen -> {
            Stripe stripe = lock(seen.entity);
            try {
                Snapshot snapshot = entities.find(seen.entity);
                if (snapshot != null) {
                    offer(subscription, Kind.ADDED, snapshot);
                }
            } finally {
                stripe.unlock();
            }
        });
        subscription.begin();
        return subscription;
    }

    private TagSubscription open(EntityFilter filter, TagListener listener, Executor executor) {
        synchronized (subscriptions) {
            long taken = 0;
            for (TagSubscription other : subscriptions) {
                taken |= other.bit;
            }
            // An entity may still carry the bit from one that is closed, until it is offered to this one below.
            TagSubscription subscription =
                    new TagSubscription(this, Long.lowestOneBit(~taken), filter, listener, executor);
            subscriptions.add(subscription);
            return subscription;
        }
    }

    /**
     * Takes what is pending of an entity, with its present snapshot. In one step, so that a change is either told of now, or is offered anew.
     *
     * @return null if nothing is pending any more
     */
    TagSubscription.@Nullable Event claim(EntityId entity, TagSubscription by) {
        Stripe stripe = lock(entity);
        try {
            Kind kind = by.remove(entity);
            Snapshot present = entities.find(entity);
            if (kind != null && present != null) {
                present.offered &= ~by.bit;
            }
            return kind == null ? null : new TagSubscription.Event(kind, entity, present);
        } finally {
            stripe.unlock();
        }
    }

    /** Ends all subscriptions: nobody is told anything any more. */
    public void closeSubscriptions() {
        subscriptions.forEach(TagSubscription::close);
    }

    void unsubscribe(TagSubscription subscription) {
        subscriptions.remove(subscription);
    }

    /**
     * How many subscriptions are open.
     *
     * @return the count
     */
    public int subscriptions() {
        return subscriptions.size();
    }

    /**
     * How many infos changed something.
     *
     * @return the count since the store was made
     */
    public long updates() {
        return updates.sum();
    }

    /**
     * How often {@link #prune} ran.
     *
     * @return the count since the store was made
     */
    public long prunes() {
        return prunes.sum();
    }

    /**
     * How many entities prunes have removed.
     *
     * @return the count since the store was made
     */
    public long pruned() {
        return pruned.sum();
    }

    /**
     * How many fetched infos were refused because they came too late.
     *
     * @return the count since the store was made
     */
    public long late() {
        return late.sum();
    }

    /** How many different tags are held, for tests. */
    int pooledTags() {
        return pool.size();
    }

    /** How many turns the queues of expiries hold, for tests. */
    int turns() {
        int count = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            count += stripe.expiries.size();
            stripe.unlock();
        }
        return count;
    }

    /** How many deletions are remembered, carried out or not, for tests. */
    int tombstones() {
        int count = 0;
        for (Stripe stripe : stripes) {
            stripe.lock();
            count += stripe.deletions.size();
            stripe.unlock();
        }
        return count;
    }

    /** So many infos have changed something. Counted for all of them at once: each addition waits for what was written before it. */
    private void told(int changed) {
        if (changed > 0) {
            updates.add(changed);
            signal();
        }
    }

    /** Makes the tables larger when they are full, and smaller when most of what they hold is gone. */
    private void makeRoom() {
        if (!isRoomWanted()) {
            return;
        }
        for (Stripe stripe : stripes) {
            stripe.lock();
        }
        try {
            if (entities.isCrowded()) {
                entities.rebuild();
            }
            if (pool.isCrowded()) {
                pool.rebuild();
            }
        } finally {
            for (Stripe stripe : stripes) {
                stripe.unlock();
            }
        }
    }

    private boolean isRoomWanted() {
        return entities.isCrowded() || pool.isCrowded();
    }

    private Stripe lock(EntityId entity) {
        // Other bits than those by which a HashMap tells its keys apart, or a stripe's deletions would all collide.
        Stripe stripe = stripes[(entity.hashCode() * 0x9e3779b9 >>> 16) & stripes.length - 1];
        stripe.lock();
        return stripe;
    }

    // Everything below, but for signal(), is called with the stripe locked.

    private boolean cameLate(Stripe stripe, Ticket ticket, Source source, TagInfo info) {
        Stripe.Deletion deletion = stripe.deletions.get(info.entity());
        if (deletion != null
                && (deletion.stamp >= ticket.number || deletion.withdrawn.getOrDefault(source, 0L) >= ticket.number)) {
            return true;
        }
        Snapshot snapshot = entities.find(info.entity());
        Entry entry = snapshot == null ? null : snapshot.entry(source);
        return entry != null && entry.stamp >= ticket.number;
    }

    private boolean write(Stripe stripe, Source source, int instance, TagInfo info, boolean pushed) {
        EntityId entity = info.entity();
        if (info.deleteEntity()) {
            stripe.mark(entity, source, fetches.get());
            return false;
        }
        Snapshot before = entities.find(entity);
        Entry last = before == null ? null : before.entry(source);
        if (info.isEmpty()) {
            if (pushed && before != null && last != null) {
                withdraw(stripe, before, last);
                return true;
            }
            return false;
        }
        stripe.unmark(entity, source);
        if (last != null && last.says(info)) {
            note(stripe, entity, last, last, instance, info, pushed);
            return false;
        }
        Entry entry = new Entry(source, info);
        if (last == null || last.low.shared) {
            entry = entry.in(pool);
        } else {
            stripe.unpooled.add(entity);
        }
        if (last == null) {
            source.entryAdded();
        }
        note(stripe, entity, entry, last, instance, info, pushed);
        if (before == null) {
            Snapshot first = new Snapshot(entity, new Entry[] {entry});
            entities.add(first);
            publish(Kind.ADDED, first.entity, first);
        } else {
            change(before, Snapshot.with(before.entries(), entry), true);
        }
        if (last != null) {
            last.release(pool); // when nobody can find it any more
        }
        return true;
    }

    private boolean putAll(EntityId entity, Map<Source, TagInfo> said) {
        Snapshot before = entities.find(entity);
        Entry[] last = before == null ? new Entry[0] : before.entries();
        Entry[] now = said.entrySet().stream()
                .map(one -> {
                    Entry same = before == null ? null : before.entry(one.getKey());
                    return same != null && same.says(one.getValue())
                            ? same
                            : new Entry(one.getKey(), one.getValue()).in(pool);
                })
                .sorted((a, b) -> Source.compare(a.source, b.source))
                .toArray(Entry[]::new);
        if (Arrays.equals(now, last)) {
            return false;
        }
        for (Entry entry : now) {
            entry.pushed = true;
            entry.source.entryAdded();
        }
        if (before == null) {
            Snapshot first = new Snapshot(entity, now);
            entities.add(first);
            publish(Kind.ADDED, entity, first);
        } else {
            change(before, now, true);
        }
        for (Entry entry : last) {
            entry.source.entryRemoved();
            if (!Arrays.asList(now).contains(entry)) {
                entry.release(pool);
            }
        }
        return true;
    }

    /** Notes when and by whom something was said, be it new or said again. */
    private void note(
            Stripe stripe,
            EntityId entity,
            Entry entry,
            @Nullable Entry last,
            int instance,
            TagInfo info,
            boolean pushed) {
        entry.instance = instance;
        entry.pushed = pushed || last != null && last.pushed;
        entry.stamp = fetches.get();
        Entry.Lifetime lifetime = last == null ? null : last.lifetime;
        if (lifetime == null && info.expiry().isPresent()) {
            lifetime = new Entry.Lifetime();
        }
        if (lifetime != null) {
            lifetime.end = info.expiry().map(TagStore::millis).orElse(Entry.NEVER);
            entry.lifetime = lifetime;
            stripe.queue(entity, entry, lifetime);
        }
    }

    /** A moment beyond what milliseconds can tell, such as {@link Instant#MAX}, is never, or long ago. */
    private static long millis(Instant moment) {
        try {
            return moment.toEpochMilli();
        } catch (ArithmeticException e) {
            return moment.getEpochSecond() > 0 ? Entry.NEVER : Long.MIN_VALUE;
        }
    }

    /** Puts other entries in the place of an entity's. */
    private void change(Snapshot before, Entry[] changed, boolean asSettled) {
        Snapshot now = new Snapshot(before.entity, changed);
        if (asSettled) {
            now.settleLike(before);
        }
        now.mergeAhead(before);
        now.offered = before.offered;
        entities.replace(before, now);
        publish(Kind.MODIFIED, now.entity, now);
    }

    /** Takes back what one source said. The entity goes with it if nobody is left who would notice its end. */
    private boolean withdraw(Stripe stripe, Snapshot before, Entry entry) {
        Entry[] rest = Snapshot.without(before.entries(), entry);
        boolean orphaned = entry.pushed && Arrays.stream(rest).noneMatch(other -> other.pushed);
        if (rest.length == 0 || orphaned) {
            stripe.mark(before.entity, entry.source, fetches.get());
            stripe.unmark(before.entity, entry.source); // gone already; what stays is when, for the fetches under way
            remove(before);
            return true;
        }
        stripe.deletion(before.entity).withdrawn.put(entry.source, fetches.get());
        entry.source.entryRemoved();
        change(before, rest, false); // the source that has left may be asked again
        entry.release(pool);
        return false;
    }

    private void remove(Snapshot before) {
        for (Entry entry : before.entries()) {
            entry.source.entryRemoved();
            entry.release(pool);
        }
        entities.remove(before);
        publish(Kind.DELETED, before.entity, null);
    }

    private int pruneDeleted(Stripe stripe) {
        if (stripe.deletions.isEmpty()) {
            return 0;
        }
        int removed = 0;
        long oldest = tickets.stream().mapToLong(ticket -> ticket.number).min().orElse(Long.MAX_VALUE);
        var deletions = stripe.deletions.entrySet().iterator();
        while (deletions.hasNext()) {
            var next = deletions.next();
            Stripe.Deletion deletion = next.getValue();
            Snapshot snapshot = entities.find(next.getKey());
            if (!deletion.by.isEmpty() && snapshot != null) {
                remove(snapshot);
                removed++;
            }
            deletion.by.clear();
            deletion.withdrawn.values().removeIf(stamp -> stamp < oldest);
            if (deletion.stamp < oldest && deletion.withdrawn.isEmpty()) {
                deletions.remove();
            }
        }
        return removed;
    }

    /**
     * Shares some of what has changed since the last prune; what was replaced again before never cost that.
     *
     * @return whether there is more; the pool needs room first
     */
    private boolean pool(Stripe stripe) {
        var next = stripe.unpooled.iterator();
        while (next.hasNext()) {
            Snapshot before = entities.find(next.next());
            next.remove();
            if (before != null) {
                entities.replace(before, new Snapshot(before, pool));
            }
            if (pool.isCrowded()) {
                return next.hasNext();
            }
        }
        stripe.unpooled = new HashSet<>(2); // the old one is as large as it has ever been
        return false;
    }

    private int pruneExpired(Stripe stripe, long now) {
        int removed = 0;
        for (Stripe.Expiry next = stripe.expiries.peek();
                next != null && next.at() <= now;
                next = stripe.expiries.peek()) {
            stripe.expiries.poll();
            Snapshot snapshot = entities.find(next.entity());
            Entry entry = snapshot == null ? null : snapshot.entry(next.source());
            if (snapshot == null || entry == null || entry.lifetime == null || entry.lifetime.turn != next.at()) {
                continue; // gone meanwhile, or it has another turn
            }
            entry.lifetime.turn = Entry.NEVER;
            if (entry.lifetime.end > now) {
                stripe.queue(next.entity(), entry, entry.lifetime);
            } else if (withdraw(stripe, snapshot, entry)) {
                removed++;
            }
        }
        return removed;
    }

    private void publish(Kind kind, EntityId entity, @Nullable Snapshot snapshot) {
        for (TagSubscription subscription : subscriptions) {
            if (snapshot == null) {
                subscription.offer(kind, entity);
            } else if ((snapshot.offered & subscription.bit) == 0) {
                offer(subscription, kind, snapshot);
            }
        }
    }

    private static void offer(TagSubscription subscription, Kind kind, Snapshot snapshot) {
        if (subscription.offer(kind, snapshot.entity)) {
            snapshot.offered |= subscription.bit;
        }
    }

    // Called with nothing locked, so that starting a task never prolongs a stripe's lock.
    private void signal() {
        for (TagSubscription subscription : subscriptions) {
            subscription.signal();
        }
    }
}
