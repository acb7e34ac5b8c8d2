package io.tagger.ipc.server;

import io.tagger.api.EntityFilter;
import io.tagger.api.EntityId;
import io.tagger.api.EntityTags;
import io.tagger.api.Subscription;
import io.tagger.api.TagListener;
import io.tagger.api.Tagger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The last change of every entity, in order of time. Thread-safe.
 *
 * <p>Every watcher reads at its own pace, from its own position: a position is the only cost of many or slow watchers,
 * and the only state needed to resume after a lost connection. An entity that changes again moves to the end, so that a
 * late watcher receives only the last state. Deletions are kept for a while; a watcher with a longer absence starts
 * over.
 *
 * <p>The tagger is subscribed at the first watcher.
 */
final class Changes implements TagListener {
    /** The memory of the kept deletions, for absent watchers: some 14,000 containers. */
    private static final long DELETION_BYTES = 8 << 20;

    /** Number of changes kept in encoded form. */
    private static final int FRESH = 1_024;

    private final Tagger tagger;
    private final long epoch = ThreadLocalRandom.current().nextLong();
    private final ConcurrentSkipListMap<Long, Change> inOrder = new ConcurrentSkipListMap<>();
    private final CopyOnWriteArrayList<Runnable> watchers = new CopyOnWriteArrayList<>();
    private final Map<EntityId, Change> last = new HashMap<>(); // guarded by this
    private final Deque<Change> deletions = new ArrayDeque<>(); // guarded by this; oldest first
    private long deletionBytes; // guarded by this
    private final Deque<Change> fresh = new ArrayDeque<>(); // guarded by this; oldest first
    private boolean isListening; // guarded by this
    private boolean isClosed; // guarded by this
    private @Nullable Subscription subscription; // guarded by this
    private volatile long revision;
    private volatile long forgotten; // the revision of the last dropped deletion
    private volatile boolean isSynced;
    private volatile boolean isReady;

    Changes(Tagger tagger) {
        this.tagger = tagger;
    }

    /** The run of this server: revisions of another run are invalid here. */
    long epoch() {
        return epoch;
    }

    /** The revision of the last change. */
    long revision() {
        return revision;
    }

    /**
     * Whether the initial state is complete. This is not so before the tagger's collectors have synced: a follower of a
     * freshly started agent must not remove entities that the agent has not sent yet.
     */
    boolean isComplete() {
        return isSynced && isReady;
    }

    /** Declares the initial state complete: the collectors have synced, or the wait for them is over. */
    void ready() {
        isReady = true;
        watchers.forEach(Runnable::run);
    }

    /** Whether a watcher at a revision can receive the rest of the changes. */
    boolean reaches(long known) {
        return has(known) && known <= revision;
    }

    /** Whether no deletion after a revision was dropped. */
    boolean has(long known) {
        return known >= forgotten;
    }

    /** The changes after a revision. */
    Iterator<Change> after(long known) {
        return inOrder.tailMap(known, false).values().iterator();
    }

    /** A change in encoded form. */
    <T> T encoded(Change change, Change.View<T> view) {
        return change.encoded(view, tagger);
    }

    /** Whether the tags of a change are complete. */
    boolean isComplete(Change change) {
        return change.isComplete(tagger);
    }

    /** Adds a watcher, called after every change; the watcher must return quickly. */
    void add(Runnable watcher) {
        watchers.add(watcher);
        synchronized (this) {
            if (isListening) {
                return;
            }
            isListening = true;
        }
        Subscription made = tagger.subscribe(EntityFilter.all(), this);
        synchronized (this) {
            subscription = made;
            if (!isClosed) {
                return;
            }
        }
        made.close();
    }

    /** Listens no more. */
    void close() {
        Subscription made;
        synchronized (this) {
            isClosed = true;
            made = subscription;
        }
        if (made != null) {
            made.close();
        }
    }

    void remove(Runnable watcher) {
        watchers.remove(watcher);
    }

    int watchers() {
        return watchers.size();
    }

    @Override
    public void added(EntityTags tags) {
        apply(tags.entity(), tags);
    }

    @Override
    public void modified(EntityTags tags) {
        apply(tags.entity(), tags);
    }

    @Override
    public void deleted(EntityId entity) {
        apply(entity, null);
    }

    @Override
    public void synced() {
        isSynced = true;
        watchers.forEach(Runnable::run);
    }

    private void apply(EntityId entity, @Nullable EntityTags tags) {
        synchronized (this) {
            Change before = last.get(entity);
            Change change = new Change(revision + 1, entity, tags, before);
            if (tags == null) {
                last.remove(entity);
            } else {
                last.put(entity, change);
            }
            inOrder.put(change.revision, change); // added before the other is removed, so that a reader can't miss both
            if (before != null) {
                inOrder.remove(before.revision);
            }
            revision = change.revision;
            fresh.addLast(change);
            if (fresh.size() > FRESH) {
                fresh.removeFirst().age();
            }
            if (tags == null) {
                deletions.addLast(change);
                deletionBytes += change.bytes();
                while (deletionBytes > DELETION_BYTES) {
                    Change dropped = deletions.removeFirst();
                    deletionBytes -= dropped.bytes();
                    forgotten = dropped.revision; // set first, so that a reader that misses the change notices
                    inOrder.remove(dropped.revision);
                }
            }
        }
        watchers.forEach(Runnable::run);
    }
}
